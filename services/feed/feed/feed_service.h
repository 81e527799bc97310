// The feed service's RPCs; see proto/selfology/feed/v1/feed_service.proto for what each does.
// DeleteUserData is the kernel's: it calls what module.cc gives to OnErase.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/feed/v1/feed_service_endpoints.h"

namespace selfology::feed {

class FeedService final : public v1::FeedServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  FeedService(postgres::Database& database, Clock clock);

  absl::StatusOr<v1::AddFeedEntryResponse> AddFeedEntry(
      const Call& call, const v1::AddFeedEntryRequest& request) override;
  absl::StatusOr<v1::ListFeedEntriesResponse> ListFeedEntries(
      const Call& call, const v1::ListFeedEntriesRequest& request) override;
  absl::StatusOr<v1::CountFeedEntriesResponse> CountFeedEntries(
      const Call& call, const v1::CountFeedEntriesRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::feed
