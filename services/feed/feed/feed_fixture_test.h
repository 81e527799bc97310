// The feed in a process of the mesh, beside a channel_reader that says what it was told, with a clock that
// tests set.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/channel_reader/v1/channel_reader_service_endpoints.h"
#include "selfology/events/v1/feed.pb.h"
#include "selfology/feed/v1/feed_service_client.h"
#include "services/feed/feed/module.h"
#include "testing/mesh_test.h"
#include "testing/serving_module.h"

namespace selfology::feed {

namespace reader = channel_reader::v1;

// Knows every channel, and lets everything be done with it, but for one.
class FakeReader final : public reader::ChannelReaderServiceEndpoints {
 public:
  std::atomic<bool> away = false;
  // From this channel's words nothing may be learned; set before it is followed.
  std::string closed = "";

  std::vector<std::string> told() const {
    absl::MutexLock lock(&mutex_);
    return told_;
  }

  absl::StatusOr<reader::FollowChannelResponse> FollowChannel(
      const Call&, const reader::FollowChannelRequest& request) override {
    if (away) return absl::UnavailableError("away");
    absl::MutexLock lock(&mutex_);
    told_.push_back(absl::StrCat(request.user_id(), " follows ", request.channel_address()));
    reader::FollowChannelResponse response;
    // One number for each name.
    const auto known = std::find(names_.begin(), names_.end(), request.channel_address());
    response.mutable_channel()->set_channel_id(500 + (known - names_.begin()));
    if (known == names_.end()) names_.push_back(request.channel_address());
    response.mutable_channel()->set_handle(request.channel_address());
    response.mutable_channel()->set_title("Read by the reader");
    reader::UseScope& scope = *response.mutable_channel()->mutable_scope();
    scope.set_show(true);
    scope.set_keep(true);
    scope.set_learn_from_text(closed.empty() ||
                              !absl::StrContains(request.channel_address(), closed));
    return response;
  }
  absl::StatusOr<reader::UnfollowChannelResponse> UnfollowChannel(
      const Call&, const reader::UnfollowChannelRequest& request) override {
    if (away) return absl::UnavailableError("away");
    absl::MutexLock lock(&mutex_);
    told_.push_back(absl::StrCat(request.user_id(), " unfollows ", request.channel_id()));
    return reader::UnfollowChannelResponse();
  }

#define FEED_NOT_CALLED(Method)                                                                \
  absl::StatusOr<reader::Method##Response> Method(const Call&, const reader::Method##Request&) \
      override {                                                                               \
    return absl::UnimplementedError("");                                                       \
  }
  FEED_NOT_CALLED(Scrape)
  FEED_NOT_CALLED(Join)
  FEED_NOT_CALLED(ListFollowedChannels)
  FEED_NOT_CALLED(GetChannel)
  FEED_NOT_CALLED(ListPosts)
  FEED_NOT_CALLED(SetChannelScope)
  FEED_NOT_CALLED(ListConsents)
  FEED_NOT_CALLED(TakeChannelUpdate)
  FEED_NOT_CALLED(GetSources)
  FEED_NOT_CALLED(SetSourceScope)
#undef FEED_NOT_CALLED

 private:
  mutable absl::Mutex mutex_;
  std::vector<std::string> told_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> names_ ABSL_GUARDED_BY(mutex_);
};

constexpr int64_t kAnn = 1001;
constexpr int64_t kBob = 1002;

class FeedTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    StartMesh(::selfology::testing::Modules(
                  MakeModule(), ::selfology::testing::ServingModule("channel_reader", reader_)),
              [this](service::Settings& settings) { settings.clock = [this] { return Now(); }; });
    feed_.emplace(Peer("feed"));
  }

  absl::Time Now() const { return absl::FromUnixMicros(now_); }
  void Pass(absl::Duration time) { now_ += absl::ToInt64Microseconds(time); }

  // A channel with posts that a subject's words fill, an hour apart, the last an hour ago. Gives their ids.
  std::vector<int64_t> MakeChannel(int64_t telegram_id, const std::string& name,
                                   const std::vector<std::string>& texts, bool may_learn = true) {
    v1::SyncChannelRequest channel;
    channel.set_telegram_id(telegram_id);
    channel.set_username(name);
    channel.set_title("The " + name);
    channel.set_may_learn_text(may_learn);
    EXPECT_TRUE(feed_->SyncChannel(Deadline(), channel).ok());
    v1::AddPostsRequest posts;
    posts.set_channel_telegram_id(telegram_id);
    for (size_t i = 0; i < texts.size(); ++i) {
      v1::NewPost& post = *posts.add_posts();
      post.set_telegram_message_id(static_cast<int64_t>(i) + 1);
      post.set_text(texts[i]);
      *post.mutable_posted_at() =
          timestamps::ToProto(Now() - static_cast<int64_t>(texts.size() - i) * absl::Hours(1));
    }
    const auto added = feed_->AddPosts(Deadline(), posts);
    EXPECT_TRUE(added.ok()) << added.status();
    if (!added.ok()) return {};
    return {added->post_ids().begin(), added->post_ids().end()};
  }

  void Follow(int64_t user_id, const std::string& name) {
    v1::FollowChannelRequest request;
    request.set_user_telegram_id(user_id);
    request.set_channel_username(name);
    const auto followed = feed_->FollowChannel(Deadline(), request);
    ASSERT_TRUE(followed.ok()) << followed.status();
  }

  absl::StatusOr<v1::RecordInteractionResponse> React(int64_t user_id, int64_t post_id,
                                                      v1::InteractionType type,
                                                      const std::string& key = "") {
    v1::RecordInteractionRequest request;
    request.set_user_telegram_id(user_id);
    request.set_post_id(post_id);
    request.set_interaction_type(type);
    request.set_idempotency_key(key);
    return feed_->RecordInteraction(Deadline(), request);
  }
  absl::StatusOr<v1::RecordInteractionResponse> Like(int64_t user_id, int64_t post_id) {
    return React(user_id, post_id, v1::INTERACTION_TYPE_LIKE);
  }
  absl::StatusOr<v1::RecordInteractionResponse> Dislike(int64_t user_id, int64_t post_id) {
    return React(user_id, post_id, v1::INTERACTION_TYPE_DISLIKE);
  }

  std::vector<v1::Post> Best(int64_t user_id, int limit = 10) {
    v1::GetBestPostsRequest request;
    request.set_user_telegram_id(user_id);
    request.set_limit(limit);
    const auto best = feed_->GetBestPosts(Deadline(), request);
    EXPECT_TRUE(best.ok()) << best.status();
    if (!best.ok()) return {};
    return {best->posts().begin(), best->posts().end()};
  }

  v1::UserStatus StatusOf(int64_t user_id) {
    v1::GetFeedUserRequest request;
    request.set_user_telegram_id(user_id);
    const auto user = feed_->GetFeedUser(Deadline(), request);
    EXPECT_TRUE(user.ok()) << user.status();
    return user.ok() ? user->user().status() : v1::USER_STATUS_UNSPECIFIED;
  }

  // Everything that a table holds, as text, in a fixed order.
  std::string Dump(const std::string& query) {
    std::string dump;
    const absl::Status read =
        DatabaseAs("").Read(Deadline(), [&](postgres::Transaction& tx) -> absl::Status {
          const auto rows = tx.Query<std::string>(query);
          if (!rows.ok()) return rows.status();
          for (const auto& [row] : *rows) absl::StrAppend(&dump, row, "\n");
          return absl::OkStatus();
        });
    EXPECT_TRUE(read.ok()) << read;
    return dump;
  }

  const std::shared_ptr<FakeReader> reader_ = std::make_shared<FakeReader>();
  std::optional<v1::FeedServiceClient> feed_;

 private:
  // A Saturday at noon, UTC.
  std::atomic<int64_t> now_ = int64_t{1'760'184'000} * 1'000'000;
};

}  // namespace selfology::feed
