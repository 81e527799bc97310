// The feed's RPCs; see proto/selfology/feed/v1/feed_service.proto for what each does. The methods
// lie in files by their subject: people_methods.cc, channel_methods.cc, post_methods.cc,
// interaction_methods.cc, reading_methods.cc. DeleteUserData is the kernel's.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/feed/v1/feed_service_endpoints.h"
#include "services/feed/feed/ranked_feed.h"

namespace selfology::feed {

class FeedService final : public v1::FeedServiceEndpoints {
 public:
  struct Parts {
    postgres::Database& database;  // Must outlive the service.
    std::function<absl::Time()> clock;
    std::function<double()> random;  // Of [0, 1), from any thread.
    std::shared_ptr<RankedFeed> ranked;
  };

  explicit FeedService(Parts parts) : parts_(std::move(parts)) {}

  // people_methods.cc
  absl::StatusOr<v1::RegisterUserResponse> RegisterUser(
      const Call& call, const v1::RegisterUserRequest& request) override;
  absl::StatusOr<v1::StartOnboardingResponse> StartOnboarding(
      const Call& call, const v1::StartOnboardingRequest& request) override;
  absl::StatusOr<v1::GetFeedUserResponse> GetFeedUser(
      const Call& call, const v1::GetFeedUserRequest& request) override;
  absl::StatusOr<v1::RecordVisitResponse> RecordVisit(
      const Call& call, const v1::RecordVisitRequest& request) override;
  absl::StatusOr<v1::GetFeedSettingsResponse> GetFeedSettings(
      const Call& call, const v1::GetFeedSettingsRequest& request) override;
  absl::StatusOr<v1::UpdateFeedSettingsResponse> UpdateFeedSettings(
      const Call& call, const v1::UpdateFeedSettingsRequest& request) override;
  absl::StatusOr<v1::GetStatisticsResponse> GetStatistics(
      const Call& call, const v1::GetStatisticsRequest& request) override;
  absl::StatusOr<v1::ListUserLogResponse> ListUserLog(
      const Call& call, const v1::ListUserLogRequest& request) override;

  // channel_methods.cc
  absl::StatusOr<v1::SyncChannelResponse> SyncChannel(
      const Call& call, const v1::SyncChannelRequest& request) override;
  absl::StatusOr<v1::FollowChannelResponse> FollowChannel(
      const Call& call, const v1::FollowChannelRequest& request) override;
  absl::StatusOr<v1::UnfollowChannelResponse> UnfollowChannel(
      const Call& call, const v1::UnfollowChannelRequest& request) override;
  absl::StatusOr<v1::ListUserChannelsResponse> ListUserChannels(
      const Call& call, const v1::ListUserChannelsRequest& request) override;
  absl::StatusOr<v1::ProposeChannelsResponse> ProposeChannels(
      const Call& call, const v1::ProposeChannelsRequest& request) override;

  // post_methods.cc
  absl::StatusOr<v1::AddPostsResponse> AddPosts(const Call& call,
                                                const v1::AddPostsRequest& request) override;
  absl::StatusOr<v1::SelectTrainingPostsResponse> SelectTrainingPosts(
      const Call& call, const v1::SelectTrainingPostsRequest& request) override;
  absl::StatusOr<v1::ListSavedPostsResponse> ListSavedPosts(
      const Call& call, const v1::ListSavedPostsRequest& request) override;

  // interaction_methods.cc
  absl::StatusOr<v1::RecordInteractionResponse> RecordInteraction(
      const Call& call, const v1::RecordInteractionRequest& request) override;
  absl::StatusOr<v1::TrainResponse> Train(const Call& call,
                                          const v1::TrainRequest& request) override;
  absl::StatusOr<v1::ListInteractionsResponse> ListInteractions(
      const Call& call, const v1::ListInteractionsRequest& request) override;

  // reading_methods.cc
  absl::StatusOr<v1::GetBestPostsResponse> GetBestPosts(
      const Call& call, const v1::GetBestPostsRequest& request) override;
  absl::StatusOr<v1::ListFeedResponse> ListFeed(const Call& call,
                                                const v1::ListFeedRequest& request) override;
  absl::StatusOr<v1::ExplainPostResponse> ExplainPost(
      const Call& call, const v1::ExplainPostRequest& request) override;
  absl::StatusOr<v1::GetDigestResponse> GetDigest(const Call& call,
                                                  const v1::GetDigestRequest& request) override;
  absl::StatusOr<v1::CreateFeedLinkResponse> CreateFeedLink(
      const Call& call, const v1::CreateFeedLinkRequest& request) override;
  absl::StatusOr<mesh::v1::HttpResponse> GetRss(const Call& call,
                                                const v1::GetRssRequest& request) override;

 private:
  absl::Time Now() const { return parts_.clock(); }
  // Learns, counts, publishes; in a transaction that holds the person's lock.
  absl::StatusOr<v1::RecordInteractionResponse> Record(postgres::Transaction& tx,
                                                       const v1::RecordInteractionRequest& request);

  const Parts parts_;
};

// The field that names the person.
inline constexpr char kPersonField[] = "user_telegram_id";

}  // namespace selfology::feed
