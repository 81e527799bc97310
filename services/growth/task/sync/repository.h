// A repository's issues, reached by a person's connection.
//
//   const Repository repository(integration, {.owner = 101, .connection_id = id, .name = "me/home"});
//   ASSIGN_OR_RETURN(const Issue issue, repository.Get(call, 12));
//
// Errors: those of ProxyService.CallProvider, and by their reasons (status::Reason)
//   SYNC_GONE        there is none such there, or it is elsewhere now
//   SYNC_REFUSED     the connection may not do that
//   SYNC_INVALID     what was sent is not acceptable there
//   SYNC_BAD_ANSWER  the answer is not as documented
//   SYNC_UNKNOWN     whether it was done is not known
// Threads: thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/rpc/channel.h"
#include "selfology/integration/v1/connection_service.pb.h"
#include "selfology/task/v1/sync_service.pb.h"
#include "services/growth/task/sync/issues.h"

namespace selfology::task {

class Repository {
 public:
  struct Address {
    int64_t owner = 0;  // The person whose connection it is.
    std::string connection_id = {};
    std::string name = {};  // "owner/name".
  };
  Repository(std::shared_ptr<rpc::Channel> integration, Address address)
      : integration_(std::move(integration)), address_(std::move(address)) {}

  static constexpr int kPage = 100;

  // What it is called there, which may differ in case.
  absl::StatusOr<std::string> FullName(const Call& call) const;
  // Those that were changed since, that second included, in the order of their changes; page: from 1.
  absl::StatusOr<std::vector<Issue>> ChangedSince(const Call& call, std::optional<absl::Time> since,
                                                  int page) const;
  absl::StatusOr<Issue> Get(const Call& call, int64_t number) const;
  absl::StatusOr<Issue> Make(const Call& call, std::string json) const;
  absl::StatusOr<Issue> Change(const Call& call, int64_t number, std::string json) const;

 private:
  // The body of a good answer.
  absl::StatusOr<std::string> Send(const Call& call,
                                   integration::v1::CallProviderRequest request) const;
  integration::v1::CallProviderRequest To(std::string_view method, std::string_view below) const;

  const std::shared_ptr<rpc::Channel> integration_;
  const Address address_;
};

bool IsRepositoryName(std::string_view name);

// What a person is told about a run that ended with it. Not for OK.
v1::TaskSyncFailure FailureOf(const absl::Status& error);

}  // namespace selfology::task
