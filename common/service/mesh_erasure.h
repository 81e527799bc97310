// Erases a person from every service of the mesh, in three phases (mesh/v1/erasure_service.proto);
// docs/decisions/0001-erasing-a-person.md says why in this way.
//
//   MeshErasure erasure(database, {"session", "trait"}, peer);
//   ASSIGN_OR_RETURN(int64_t rows, erasure.EraseUser(call, user_id));
//   erasure.Resume(call);                                        // by a timer
//
// An erasure that was begun is finished whatever crashes: a row of selfology.mesh_erasures stands
// for it until the end, and Resume takes up those that nobody works on. Any number may work on the
// same person; services refuse the phases of all but the latest attempt. What is left in the outbox
// and in the streams is redacted by the relay afterwards (events/redaction.h).
//
// Errors: INVALID_ARGUMENT, and SERVICE_UNAVAILABLE while it is incomplete. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "common/rpc/channel.h"
#include "selfology/mesh/v1/erasure_service_client.h"

namespace selfology::service {

class MeshErasure {
 public:
  // database: under the role that owns the outbox; outlives this. resume_after: how long after it
  // was last tried an erasure counts as abandoned.
  MeshErasure(postgres::Database& database, const std::vector<std::string>& services,
              const std::function<std::shared_ptr<rpc::Channel>(std::string_view)>& peer,
              absl::Duration resume_after);

  // Rows erased in all services.
  absl::StatusOr<int64_t> EraseUser(const Call& call, int64_t user_id);

  // Takes up what was abandoned. The first error, after all were tried.
  absl::Status Resume(const Call& call);

 private:
  struct Part {
    std::string service;
    mesh::v1::ErasureServiceClient client;
  };

  // One phase, in every service at once: one that is away delays no other.
  absl::Status InAll(std::string_view phase,
                     absl::FunctionRef<absl::Status(const Part&)> run) const;
  absl::Status Finish(const Call& call, int64_t user_id, int64_t attempt, absl::Time erased_at);

  postgres::Database& database_;
  std::vector<Part> parts_;
  const absl::Duration resume_after_;
};

}  // namespace selfology::service
