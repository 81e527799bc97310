#include "common/service/mesh_erasure.h"

#include <atomic>
#include <optional>
#include <thread>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/events/redaction.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/erasure.pb.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::service {
namespace {

using postgres::Transaction;

// One phase in one service; it may have to wait for a handler's transaction.
constexpr absl::Duration kPhase = absl::Seconds(10);
// Erasures that one call of Resume tries.
constexpr int kResumed = 20;

absl::Status Incomplete() {
  return status::Error(mesh::v1::ERROR_CODE_SERVICE_UNAVAILABLE,
                       "the erasure is incomplete; it will be resumed");
}

template <typename Request>
Request For(const std::string& service, int64_t user_id, int64_t attempt) {
  Request request;
  request.set_service(service);
  request.set_user_id(user_id);
  request.set_attempt(attempt);
  return request;
}

}  // namespace

MeshErasure::MeshErasure(postgres::Database& database, const std::vector<std::string>& services,
                         const std::function<std::shared_ptr<rpc::Channel>(std::string_view)>& peer,
                         absl::Duration resume_after)
    : database_(database), resume_after_(resume_after) {
  for (const std::string& service : services) {
    parts_.push_back({service, mesh::v1::ErasureServiceClient(peer(service))});
  }
}

absl::Status MeshErasure::InAll(std::string_view phase,
                                absl::FunctionRef<absl::Status(const Part&)> run) const {
  std::vector<absl::Status> statuses(parts_.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < parts_.size(); ++i) {
    threads.emplace_back([&, i] { statuses[i] = run(parts_[i]); });
  }
  for (std::thread& thread : threads) thread.join();
  bool complete = true;
  for (size_t i = 0; i < parts_.size(); ++i) {
    if (statuses[i].ok()) continue;
    complete = false;
    if (absl::IsAborted(statuses[i])) {
      observe::Info("erasure attempt superseded by a later one",
                    {{"service", parts_[i].service}, {"phase", phase}});
    } else {
      observe::Error("erasure of user data failed in one service",
                     {{"service", parts_[i].service}, {"phase", phase}, {"status", statuses[i]}});
    }
  }
  return complete ? absl::OkStatus() : Incomplete();
}

absl::StatusOr<int64_t> MeshErasure::EraseUser(const Call& call, int64_t user_id) {
  if (user_id <= 0) return status::InvalidField("user_id", "must be above 0");
  using Number = std::optional<std::tuple<int64_t>>;
  ASSIGN_OR_RETURN(const Number number, database_.Write(call, [&](Transaction& tx) {
    // Drawn under the row's lock: a number that was drawn before may be lower than its successor's.
    return tx.QueryOne<int64_t>(
        "INSERT INTO mesh_erasures (user_id) VALUES ($1) ON CONFLICT (user_id) DO UPDATE"
        " SET attempt = nextval('mesh_erasure_attempts'), tried_at = now() RETURNING attempt",
        user_id);
  }));
  const int64_t attempt = std::get<0>(*number);
  RETURN_IF_ERROR(InAll("begin", [&](const Part& part) {
    return part.client
        .BeginErasure(call.WithTimeout(kPhase),
                      For<mesh::v1::BeginErasureRequest>(part.service, user_id, attempt))
        .status();
  }));
  std::atomic<int64_t> rows = 0;
  RETURN_IF_ERROR(InAll("erase", [&](const Part& part) -> absl::Status {
    ASSIGN_OR_RETURN(
        const auto response,
        part.client.EraseData(call.WithTimeout(kPhase),
                              For<mesh::v1::EraseDataRequest>(part.service, user_id, attempt)));
    rows += response.erased_rows();
    return absl::OkStatus();
  }));
  // The clock that events' times come from.
  using Instant = std::optional<std::tuple<absl::Time>>;
  ASSIGN_OR_RETURN(
      const Instant now,
      database_.Read(
          call, [](Transaction& tx) { return tx.QueryOne<absl::Time>("SELECT clock_timestamp()"); },
          {.newest = true}));
  RETURN_IF_ERROR(Finish(call, user_id, attempt, std::get<0>(*now)));
  return rows.load();
}

absl::Status MeshErasure::Finish(const Call& call, int64_t user_id, int64_t attempt,
                                 absl::Time erased_at) {
  const auto time = timestamps::ToProto(erased_at);
  RETURN_IF_ERROR(InAll("finish", [&](const Part& part) {
    auto request = For<mesh::v1::FinishErasureRequest>(part.service, user_id, attempt);
    *request.mutable_erased_at() = time;
    return part.client.FinishErasure(call.WithTimeout(kPhase), request).status();
  }));
  return database_.Write(call, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const int64_t ended,
                     tx.Execute("DELETE FROM mesh_erasures WHERE user_id = $1 AND attempt = $2",
                                user_id, attempt));
    // Another attempt has begun since, which may have suspended the person's events again: the end
    // is its business.
    if (ended == 0) return Incomplete();
    events::RequestRedaction(tx, user_id, erased_at);
    events::v1::UserDataErased erased;
    erased.set_user_id(user_id);
    *erased.mutable_erased_at() = time;
    return events::Publish(tx, erased);
  });
}

absl::Status MeshErasure::Resume(const Call& call) {
  using Users = std::vector<std::tuple<int64_t>>;
  ASSIGN_OR_RETURN(const Users users,
                   database_.Read(call,
                                  [&](Transaction& tx) {
                                    return tx.Query<int64_t>(
                                        "SELECT user_id FROM mesh_erasures"
                                        " WHERE tried_at < now() - make_interval(secs => $1)"
                                        " ORDER BY tried_at LIMIT $2",
                                        absl::ToDoubleSeconds(resume_after_), int64_t{kResumed});
                                  },
                                  {.newest = true}));
  absl::Status status;
  for (const auto& [user] : users) {
    const absl::Status resumed = EraseUser(call, user).status();
    if (resumed.ok()) observe::Info("abandoned erasure of user data completed");
    status.Update(resumed);
  }
  return status;
}

}  // namespace selfology::service
