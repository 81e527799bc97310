// Keeps the vector store up to date with the profiles, and searches it.
//
// Profiles say themselves which version the store has, so nothing is lost while the store or the AI
// is down: what was missed is taken up at the next turn. Errors of Search: SERVICE_DEGRADED when
// the store or the embedding cannot be had. Threads: thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "selfology/ai/v1/ai_service_client.h"
#include "selfology/profile/v1/profile.pb.h"
#include "services/coaching/profile/vector_store.h"

namespace selfology::profile {

class ProfileIndex {
 public:
  // The references must outlive it.
  ProfileIndex(postgres::Database& database, VectorStore& vectors, ai::v1::AiServiceClient ai)
      : database_(database), vectors_(vectors), ai_(std::move(ai)) {}

  // Indexes what has changed, a batch at a time, until nothing is left or the call ends.
  absl::Status CatchUp(const Call& call);

  absl::StatusOr<std::vector<Match>> Search(const Call& call, const std::string& text,
                                            const SearchOptions& options);

 private:
  absl::StatusOr<std::vector<std::vector<double>>> Embed(const Call& call,
                                                         const std::vector<std::string>& texts);

  postgres::Database& database_;
  VectorStore& vectors_;
  const ai::v1::AiServiceClient ai_;
};

}  // namespace selfology::profile
