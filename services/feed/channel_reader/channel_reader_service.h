// The channel_reader service's RPCs; see proto/selfology/channel_reader/v1/channel_reader_service.proto for
// what each does. DeleteUserData is the kernel's: it calls what module.cc gives to OnErase.
//
// Threads: thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/channel_reader/v1/channel_reader_service_endpoints.h"
#include "services/feed/channel_reader/reader.h"

namespace selfology::channel_reader {

class ChannelReaderService final : public v1::ChannelReaderServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database outlives it.
  ChannelReaderService(postgres::Database& database, std::shared_ptr<Reader> reader, Clock clock);

  absl::StatusOr<v1::ScrapeResponse> Scrape(const Call& call,
                                            const v1::ScrapeRequest& request) override;
  absl::StatusOr<v1::JoinResponse> Join(const Call& call, const v1::JoinRequest& request) override;
  absl::StatusOr<v1::FollowChannelResponse> FollowChannel(
      const Call& call, const v1::FollowChannelRequest& request) override;
  absl::StatusOr<v1::UnfollowChannelResponse> UnfollowChannel(
      const Call& call, const v1::UnfollowChannelRequest& request) override;
  absl::StatusOr<v1::ListFollowedChannelsResponse> ListFollowedChannels(
      const Call& call, const v1::ListFollowedChannelsRequest& request) override;
  absl::StatusOr<v1::GetChannelResponse> GetChannel(const Call& call,
                                                    const v1::GetChannelRequest& request) override;
  absl::StatusOr<v1::ListPostsResponse> ListPosts(const Call& call,
                                                  const v1::ListPostsRequest& request) override;
  absl::StatusOr<v1::SetChannelScopeResponse> SetChannelScope(
      const Call& call, const v1::SetChannelScopeRequest& request) override;
  absl::StatusOr<v1::ListConsentsResponse> ListConsents(
      const Call& call, const v1::ListConsentsRequest& request) override;
  absl::StatusOr<v1::TakeChannelUpdateResponse> TakeChannelUpdate(
      const Call& call, const v1::TakeChannelUpdateRequest& request) override;
  absl::StatusOr<v1::GetSourcesResponse> GetSources(const Call& call,
                                                    const v1::GetSourcesRequest& request) override;
  absl::StatusOr<v1::SetSourceScopeResponse> SetSourceScope(
      const Call& call, const v1::SetSourceScopeRequest& request) override;

 private:
  absl::StatusOr<store::StoredChannel> Find(const Call& call, int64_t channel_id);
  absl::StatusOr<int64_t> Ensure(const Call& call, const Address& address);
  absl::StatusOr<v1::SourceHealth> HealthOf(postgres::Transaction& tx, v1::SourceKind source);

  postgres::Database& database_;
  const std::shared_ptr<Reader> reader_;
  const Clock clock_;
};

}  // namespace selfology::channel_reader
