// Stand-ins for feed and channel_reader: they keep in memory what the dialog sees of them.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "selfology/channel_reader/v1/channel_reader_service_endpoints.h"
#include "selfology/content/v1/content_service_endpoints.h"
#include "selfology/feed/v1/feed_service_endpoints.h"

namespace selfology::feed_dialog {

// Methods that the dialog has no use for.
#define UNUSED_BY_THE_DIALOG(Method)                                                      \
  absl::StatusOr<Method##Response> Method(const Call&, const Method##Request&) override { \
    return absl::UnimplementedError(#Method);                                             \
  }

namespace fake_feed {
using namespace feed::v1;  // NOLINT: the macro names messages.

// Two posts a channel; three ratings make a training.
class FakeFeed final : public FeedServiceEndpoints {
 public:
  struct State {
    bool away = false;
    std::set<int64_t> people = {};
    bool proposes_nothing = false;
    std::vector<UserChannel> channels = {};
    std::map<int64_t, InteractionType> ratings = {};  // By post.
    std::vector<std::string> keys = {};               // Of RecordInteraction.
    bool trained = false;
    FeedSettings settings = {};
    std::set<int64_t> shown = {};
    std::vector<std::string> unread = {};  // Names of channels without posts.
  };
  template <typename Work>
  auto Do(Work work) {
    absl::MutexLock lock(&mutex_);
    return work(state_);
  }

  absl::StatusOr<RegisterUserResponse> RegisterUser(const Call&,
                                                    const RegisterUserRequest& request) override {
    absl::MutexLock lock(&mutex_);
    state_.people.insert(request.telegram_id());
    return RegisterUserResponse();
  }
  absl::StatusOr<StartOnboardingResponse> StartOnboarding(const Call&,
                                                          const StartOnboardingRequest&) override {
    return StartOnboardingResponse();
  }
  absl::StatusOr<GetFeedUserResponse> GetFeedUser(const Call&,
                                                  const GetFeedUserRequest& request) override {
    absl::MutexLock lock(&mutex_);
    if (state_.away) return absl::UnavailableError("away");
    if (!state_.people.contains(request.user_telegram_id())) return absl::NotFoundError("nobody");
    GetFeedUserResponse response;
    response.mutable_user()->set_is_trained(state_.trained);
    response.set_rated_count(static_cast<int32_t>(state_.ratings.size()));
    response.set_needed_for_training(3);
    return response;
  }
  absl::StatusOr<SelectTrainingPostsResponse> SelectTrainingPosts(
      const Call&, const SelectTrainingPostsRequest&) override {
    absl::MutexLock lock(&mutex_);
    SelectTrainingPostsResponse response;
    for (const Post& post : Posts()) {
      if (!state_.ratings.contains(post.id())) *response.add_posts() = post;
    }
    for (const std::string& name : state_.unread) response.add_unread_channel_usernames(name);
    return response;
  }
  absl::StatusOr<RecordInteractionResponse> RecordInteraction(
      const Call&, const RecordInteractionRequest& request) override {
    absl::MutexLock lock(&mutex_);
    if (state_.away) return absl::UnavailableError("away");
    state_.keys.push_back(request.idempotency_key());
    const std::vector<Post> posts = Posts();
    if (std::none_of(posts.begin(), posts.end(),
                     [&](const Post& post) { return post.id() == request.post_id(); })) {
      return absl::InvalidArgumentError("no such post");
    }
    if (request.interaction_type() == INTERACTION_TYPE_UNDO) {
      state_.ratings.erase(request.post_id());
    } else {
      state_.ratings[request.post_id()] = request.interaction_type();
    }
    return RecordInteractionResponse();
  }
  absl::StatusOr<TrainResponse> Train(const Call&, const TrainRequest&) override {
    absl::MutexLock lock(&mutex_);
    TrainResponse response;
    state_.trained = state_.ratings.size() >= 3;
    response.set_success(state_.trained);
    response.set_rated_count(static_cast<int32_t>(state_.ratings.size()));
    response.set_needed_count(3);
    return response;
  }
  absl::StatusOr<ListFeedResponse> ListFeed(const Call&, const ListFeedRequest& request) override {
    absl::MutexLock lock(&mutex_);
    ListFeedResponse response;
    for (const Post& post : Posts()) {
      if (response.posts_size() >= request.page_size()) break;
      if (state_.shown.insert(post.id()).second) *response.add_posts() = post;
    }
    return response;
  }
  absl::StatusOr<ExplainPostResponse> ExplainPost(const Call&,
                                                  const ExplainPostRequest& request) override {
    absl::MutexLock lock(&mutex_);
    for (const Post& post : Posts()) {
      if (post.id() != request.post_id()) continue;
      ExplainPostResponse response;
      *response.mutable_post() = post;
      response.mutable_post()->add_reasons()->set_kind(REASON_KIND_CHANNEL);
      if (const auto own = state_.ratings.find(post.id()); own != state_.ratings.end()) {
        if (own->second == INTERACTION_TYPE_SAVE) {
          response.mutable_post()->set_is_saved(true);
        } else {
          response.mutable_post()->set_own_interaction(own->second);
        }
      }
      response.set_place(2);
      response.set_candidate_count(9);
      return response;
    }
    return absl::InvalidArgumentError("no such post");
  }
  absl::StatusOr<ListSavedPostsResponse> ListSavedPosts(const Call&,
                                                        const ListSavedPostsRequest&) override {
    absl::MutexLock lock(&mutex_);
    ListSavedPostsResponse response;
    for (const Post& post : Posts()) {
      const auto found = state_.ratings.find(post.id());
      if (found != state_.ratings.end() && found->second == INTERACTION_TYPE_SAVE) {
        *response.add_posts() = post;
      }
    }
    return response;
  }
  absl::StatusOr<GetDigestResponse> GetDigest(const Call&, const GetDigestRequest&) override {
    absl::MutexLock lock(&mutex_);
    GetDigestResponse response;
    for (const Post& post : Posts()) *response.add_posts() = post;
    return response;
  }
  absl::StatusOr<FollowChannelResponse> FollowChannel(
      const Call&, const FollowChannelRequest& request) override {
    absl::MutexLock lock(&mutex_);
    FollowChannelResponse response;
    for (const UserChannel& known : state_.channels) {
      if (known.channel().username() == request.channel_username()) {
        *response.mutable_channel() = known;
        return response;
      }
    }
    UserChannel added;
    added.mutable_channel()->set_id(static_cast<int64_t>(state_.channels.size()) + 1);
    added.mutable_channel()->set_username(request.channel_username());
    state_.channels.push_back(added);
    *response.mutable_channel() = added;
    response.set_is_new(true);
    return response;
  }
  absl::StatusOr<UnfollowChannelResponse> UnfollowChannel(
      const Call&, const UnfollowChannelRequest& request) override {
    absl::MutexLock lock(&mutex_);
    std::erase_if(state_.channels, [&](const UserChannel& one) {
      return one.channel().id() == request.channel_id();
    });
    return UnfollowChannelResponse();
  }
  absl::StatusOr<ListUserChannelsResponse> ListUserChannels(
      const Call&, const ListUserChannelsRequest&) override {
    absl::MutexLock lock(&mutex_);
    ListUserChannelsResponse response;
    for (const UserChannel& channel : state_.channels) *response.add_channels() = channel;
    return response;
  }
  absl::StatusOr<ProposeChannelsResponse> ProposeChannels(const Call&,
                                                          const ProposeChannelsRequest&) override {
    ProposeChannelsResponse response;
    absl::MutexLock lock(&mutex_);
    if (state_.proposes_nothing) return response;
    Channel& channel = *response.add_proposals()->mutable_channel();
    channel.set_id(77);
    channel.set_username("proposed");
    return response;
  }
  absl::StatusOr<GetFeedSettingsResponse> GetFeedSettings(const Call&,
                                                          const GetFeedSettingsRequest&) override {
    absl::MutexLock lock(&mutex_);
    GetFeedSettingsResponse response;
    *response.mutable_settings() = state_.settings;
    return response;
  }
  absl::StatusOr<UpdateFeedSettingsResponse> UpdateFeedSettings(
      const Call&, const UpdateFeedSettingsRequest& request) override {
    absl::MutexLock lock(&mutex_);
    state_.settings = request.settings();
    UpdateFeedSettingsResponse response;
    *response.mutable_settings() = state_.settings;
    return response;
  }
  UNUSED_BY_THE_DIALOG(RecordVisit)
  UNUSED_BY_THE_DIALOG(SyncChannel)
  UNUSED_BY_THE_DIALOG(AddPosts)
  UNUSED_BY_THE_DIALOG(GetBestPosts)
  UNUSED_BY_THE_DIALOG(GetStatistics)
  UNUSED_BY_THE_DIALOG(ListInteractions)
  UNUSED_BY_THE_DIALOG(ListUserLog)
  UNUSED_BY_THE_DIALOG(CreateFeedLink)
  absl::StatusOr<mesh::v1::HttpResponse> GetRss(const Call&, const GetRssRequest&) override {
    return absl::UnimplementedError("GetRss");
  }

 private:
  std::vector<Post> Posts() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    std::vector<Post> posts;
    for (const UserChannel& channel : state_.channels) {
      for (int i = 1; i <= 2; ++i) {
        Post& post = posts.emplace_back();
        post.set_id(channel.channel().id() * 10 + i);
        post.set_channel_username(channel.channel().username());
        post.set_text(absl::StrCat("post <", post.id(), ">"));
        post.set_url("https://t.me/x/1");
        post.set_age_seconds(3600);
      }
    }
    return posts;
  }

  absl::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace fake_feed

namespace fake_reader {
using namespace channel_reader::v1;  // NOLINT: the macro names messages.

// Reads "@hidden" in vain, and refuses what is private.
class FakeReader final : public ChannelReaderServiceEndpoints {
 public:
  absl::StatusOr<FollowChannelResponse> FollowChannel(
      const Call&, const FollowChannelRequest& request) override {
    if (absl::StrContains(request.channel_address(), "+")) {
      return absl::InvalidArgumentError("private");
    }
    FollowChannelResponse response;
    response.set_is_new(true);
    Channel& channel = *response.mutable_channel();
    channel.set_channel_id(5);
    std::string handle = request.channel_address();
    if (handle[0] == '@') handle.erase(0, 1);
    channel.set_handle(handle);
    channel.set_title(absl::StrCat("<", handle, ">"));
    if (handle == "hidden") channel.set_advice("add me & wait");
    return response;
  }
  absl::StatusOr<ListFollowedChannelsResponse> ListFollowedChannels(
      const Call&, const ListFollowedChannelsRequest&) override {
    ListFollowedChannelsResponse response;
    Channel& hidden = *response.add_channels();
    hidden.set_handle("hidden");
    hidden.set_advice("add me");
    return response;
  }
  absl::StatusOr<SetChannelScopeResponse> SetChannelScope(
      const Call&, const SetChannelScopeRequest& request) override {
    if (request.user_id() != 777) return absl::FailedPreconditionError("not theirs");
    SetChannelScopeResponse response;
    response.mutable_channel()->set_title("Owned");
    *response.mutable_channel()->mutable_scope() = request.scope();
    return response;
  }
  absl::StatusOr<TakeChannelUpdateResponse> TakeChannelUpdate(
      const Call&, const TakeChannelUpdateRequest& request) override {
    absl::MutexLock lock(&mutex_);
    updates_.push_back(request);
    return TakeChannelUpdateResponse();
  }
  std::vector<TakeChannelUpdateRequest> updates() {
    absl::MutexLock lock(&mutex_);
    return updates_;
  }
  UNUSED_BY_THE_DIALOG(Scrape)
  UNUSED_BY_THE_DIALOG(Join)
  UNUSED_BY_THE_DIALOG(UnfollowChannel)
  UNUSED_BY_THE_DIALOG(GetChannel)
  UNUSED_BY_THE_DIALOG(ListPosts)
  UNUSED_BY_THE_DIALOG(ListConsents)
  UNUSED_BY_THE_DIALOG(GetSources)
  UNUSED_BY_THE_DIALOG(SetSourceScope)

 private:
  absl::Mutex mutex_;
  std::vector<TakeChannelUpdateRequest> updates_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace fake_reader

namespace fake_studio {
using namespace content::v1;  // NOLINT: the macro names messages.

// Keeps what was asked for.
class FakeStudio final : public ContentServiceEndpoints {
 public:
  absl::StatusOr<CreatePostResponse> CreatePost(const Call&,
                                                const CreatePostRequest& request) override {
    absl::MutexLock lock(&mutex_);
    drafts_.push_back(request);
    return CreatePostResponse();
  }
  std::vector<CreatePostRequest> drafts() {
    absl::MutexLock lock(&mutex_);
    return drafts_;
  }
  UNUSED_BY_THE_DIALOG(GetPost)
  UNUSED_BY_THE_DIALOG(ListPosts)
  UNUSED_BY_THE_DIALOG(UpdatePost)
  UNUSED_BY_THE_DIALOG(DeletePost)
  UNUSED_BY_THE_DIALOG(CheckPost)
  UNUSED_BY_THE_DIALOG(SubmitPost)
  UNUSED_BY_THE_DIALOG(ReviewPost)
  UNUSED_BY_THE_DIALOG(SchedulePost)
  UNUSED_BY_THE_DIALOG(UnschedulePost)
  UNUSED_BY_THE_DIALOG(GetRevisions)
  UNUSED_BY_THE_DIALOG(GetCalendar)
  UNUSED_BY_THE_DIALOG(SetSlots)
  UNUSED_BY_THE_DIALOG(GetSlots)
  UNUSED_BY_THE_DIALOG(SaveTemplate)
  UNUSED_BY_THE_DIALOG(GetTemplates)
  UNUSED_BY_THE_DIALOG(DeleteTemplate)
  UNUSED_BY_THE_DIALOG(SaveHashtagSet)
  UNUSED_BY_THE_DIALOG(GetHashtagSets)
  UNUSED_BY_THE_DIALOG(DeleteHashtagSet)
  UNUSED_BY_THE_DIALOG(ImportPosts)
  UNUSED_BY_THE_DIALOG(GetContentAnalytics)
  UNUSED_BY_THE_DIALOG(SetReviewRules)
  UNUSED_BY_THE_DIALOG(GetReviewRules)

 private:
  absl::Mutex mutex_;
  std::vector<CreatePostRequest> drafts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace fake_studio

#undef UNUSED_BY_THE_DIALOG

using fake_feed::FakeFeed;
using fake_reader::FakeReader;
using fake_studio::FakeStudio;

}  // namespace selfology::feed_dialog
