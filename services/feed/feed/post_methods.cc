// FeedService: posts as they come in, and posts to train with.
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "services/feed/feed/feed_service.h"
#include "services/feed/feed/following.h"
#include "services/feed/feed/model/learning.h"
#include "services/feed/feed/model/training_set.h"
#include "services/feed/feed/people/channel_name.h"
#include "services/feed/feed/persons.h"
#include "services/feed/feed/store/channel_store.h"
#include "services/feed/feed/store/interaction_store.h"
#include "services/feed/feed/store/people_store.h"
#include "services/feed/feed/store/post_store.h"

namespace selfology::feed {
namespace {

using postgres::Transaction;

constexpr int kMostPosts = 1000;
constexpr int kMaxText = 16384;
constexpr int kMostMedia = 10;
constexpr int kMaxUrl = 2048;
constexpr int kMostPerChannel = 20;
constexpr int kDefaultPerChannel = 7;
// Of each channel, the posts to choose from.
constexpr int64_t kTrainingPool = 150;
constexpr paging::Limits kSavedPage = {.default_size = 20, .max_size = 50};

void CheckPost(const v1::NewPost& post, std::string_view field, status::FieldViolations& bad) {
  if (post.telegram_message_id() <= 0) {
    bad.Add(absl::StrCat(field, ".telegram_message_id"), "must be above 0");
  }
  if (text::Characters(post.text()) > kMaxText) {
    bad.Add(absl::StrCat(field, ".text"), "must have at most 16,384 characters");
  }
  if (!post.has_posted_at()) bad.Add(absl::StrCat(field, ".posted_at"), "must be given");
  if (post.views() < 0) bad.Add(absl::StrCat(field, ".views"), "must be 0 or more");
  if (post.media_type() != v1::MEDIA_TYPE_UNSPECIFIED && !enums::IsNamed(post.media_type())) {
    bad.Add(absl::StrCat(field, ".media_type"), "must be one that is known");
  }
  if (post.media_urls_size() > kMostMedia) {
    bad.Add(absl::StrCat(field, ".media_urls"), "must be at most 10");
  }
  for (const std::string& url : post.media_urls()) {
    if (text::Characters(url) > kMaxUrl) {
      bad.Add(absl::StrCat(field, ".media_urls"), "must have at most 2,048 characters each");
    }
  }
  if (text::Characters(post.url()) > kMaxUrl) {
    bad.Add(absl::StrCat(field, ".url"), "must have at most 2,048 characters");
  }
}

store::PostFacts ToFacts(const v1::NewPost& post, const store::ChannelRow& channel) {
  std::string url = post.url();
  if (url.empty() && channel.telegram_id != 0 && !channel.username.empty()) {
    url = absl::StrCat("https://t.me/", channel.username, "/", post.telegram_message_id());
  }
  return {.channel_id = channel.id,
          .number = post.telegram_message_id(),
          .text = post.text(),
          .media = post.media_type(),
          .media_urls = {post.media_urls().begin(), post.media_urls().end()},
          .url = std::move(url),
          .posted_at = timestamps::FromProto(post.posted_at()),
          .views = post.views(),
          .may_learn = channel.may_learn};
}

struct TrainingChannel {
  int64_t id = 0;
  std::string name = {};
};

// The person's channels for training.
absl::StatusOr<std::vector<TrainingChannel>> OwnForTraining(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const auto own, store::ListUserChannels(tx, user_id, 0, kMostChannels));
  std::vector<TrainingChannel> channels;
  for (const v1::UserChannel& one : own) {
    if (one.is_for_training() && !one.is_muted() && channels.size() < kMostTrainingChannels) {
      channels.push_back({one.channel().id(), one.channel().username()});
    }
  }
  return channels;
}

}  // namespace

absl::StatusOr<v1::AddPostsResponse> FeedService::AddPosts(const Call& call,
                                                           const v1::AddPostsRequest& request) {
  status::FieldViolations bad;
  if (request.channel_telegram_id() == 0 && request.channel_id() <= 0) {
    bad.Add("channel_telegram_id", "must be given, unless channel_id is");
  }
  if (request.posts_size() < 1 || request.posts_size() > kMostPosts) {
    bad.Add("posts", "must be 1 to 1,000");
  }
  for (int i = 0; i < request.posts_size(); ++i) {
    CheckPost(request.posts(i), absl::StrCat("posts[", i, "]"), bad);
  }
  RETURN_IF_ERROR(bad.ToStatus());
  return parts_.database.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::AddPostsResponse> {
    ASSIGN_OR_RETURN(const auto channel,
                     request.channel_telegram_id() != 0
                         ? store::FindTelegramChannel(tx, request.channel_telegram_id())
                         : store::FindChannel(tx, request.channel_id()));
    if (!channel.has_value()) {
      return status::InvalidField("channel_telegram_id", "must be known by SyncChannel");
    }
    v1::AddPostsResponse response;
    for (const v1::NewPost& post : request.posts()) {
      ASSIGN_OR_RETURN(const store::SavedPost saved, store::SavePost(tx, ToFacts(post, *channel)));
      response.add_post_ids(saved.id);
      if (saved.is_new) {
        response.set_created_count(response.created_count() + 1);
      } else if (saved.changed) {
        response.set_updated_count(response.updated_count() + 1);
      }
    }
    return response;
  });
}

absl::StatusOr<v1::SelectTrainingPostsResponse> FeedService::SelectTrainingPosts(
    const Call& call, const v1::SelectTrainingPostsRequest& request) {
  status::FieldViolations bad;
  bad.CheckUserId(request.user_telegram_id(), kPersonField);
  if (request.channel_usernames_size() > kMostTrainingChannels) {
    bad.Add("channel_usernames", "must be at most 20");
  }
  for (int i = 0; i < request.channel_usernames_size(); ++i) {
    if (NameOfChannel(request.channel_usernames(i)).empty()) {
      bad.Add(absl::StrCat("channel_usernames[", i, "]"), "must name a channel");
    }
  }
  if (request.posts_per_channel() < 0 || request.posts_per_channel() > kMostPerChannel) {
    bad.Add("posts_per_channel", "must be 0 to 20");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  const int per_channel =
      request.posts_per_channel() == 0 ? kDefaultPerChannel : request.posts_per_channel();
  return parts_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::SelectTrainingPostsResponse> {
        const absl::Time now = Now();
        ASSIGN_OR_RETURN(store::Person person, Enter(tx, request.user_telegram_id(), now));
        RETURN_IF_ERROR(Bring(tx, person, v1::USER_STATUS_TRAINING, now));
        RETURN_IF_ERROR(WasSeen(tx, person, now));
        std::vector<TrainingChannel> channels;
        for (const std::string& written : request.channel_usernames()) {
          ASSIGN_OR_RETURN(const store::Saved saved,
                           store::SaveChannel(tx, {.username = NameOfChannel(written)}));
          RETURN_IF_ERROR(
              Follow(tx, person, saved.channel, {.is_for_training = true}, now).status());
          channels.push_back({saved.channel.id, saved.channel.username});
        }
        if (channels.empty()) {
          ASSIGN_OR_RETURN(channels, OwnForTraining(tx, person.user_id));
        }
        v1::SelectTrainingPostsResponse response;
        std::vector<store::CandidateRow> rows;
        for (const TrainingChannel& channel : channels) {
          ASSIGN_OR_RETURN(const auto some, store::ListCandidates(tx, {.user_id = person.user_id,
                                                                       .since = now - kTrainingAge,
                                                                       .channel_ids = {channel.id},
                                                                       .limit = kTrainingPool}));
          rows.insert(rows.end(), some.begin(), some.end());
          if (!some.empty()) continue;
          // Empty, too, is a channel all of whose posts the person rated.
          ASSIGN_OR_RETURN(const bool has_posts, store::HasPosts(tx, channel.id));
          if (!has_posts) response.add_unread_channel_usernames(channel.name);
        }
        ASSIGN_OR_RETURN(const std::vector<Candidate> candidates,
                         parts_.ranked->cache().Fill(tx, rows));
        ASSIGN_OR_RETURN(const std::vector<Candidate> rated,
                         store::ListRated(tx, person.user_id, kTrainingPool));
        std::vector<int64_t> ids;
        for (const size_t chosen :
             ChooseTrainingPosts(candidates, static_cast<size_t>(per_channel), rated)) {
          ids.push_back(candidates[chosen].post_id);
        }
        // What is read meanwhile is told (Maintenance::TellReady).
        const bool has_enough =
            static_cast<int64_t>(ids.size() + rated.size()) >= kNeededRatings || person.is_trained;
        store::SetAwaitsTraining(tx, person.user_id,
                                 !has_enough && !response.unread_channel_usernames().empty());
        ASSIGN_OR_RETURN(const auto posts, store::ReadPosts(tx, person.user_id, ids, now));
        response.mutable_posts()->Assign(posts.begin(), posts.end());
        response.set_status(person.status());
        return response;
      });
}

absl::StatusOr<v1::ListSavedPostsResponse> FeedService::ListSavedPosts(
    const Call& call, const v1::ListSavedPostsRequest& request) {
  status::FieldViolations bad;
  bad.CheckUserId(request.user_telegram_id(), kPersonField);
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kSavedPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  return parts_.database.Read(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::ListSavedPostsResponse> {
        ASSIGN_OR_RETURN(std::vector<store::SavedId> saved,
                         store::ListSaved(tx, request.user_telegram_id(), before, page.limit()));
        v1::ListSavedPostsResponse response;
        response.set_next_page_token(page.Cut(saved, &store::SavedId::interaction_id));
        std::vector<int64_t> ids;
        for (const store::SavedId& one : saved) ids.push_back(one.post_id);
        ASSIGN_OR_RETURN(const auto posts,
                         store::ReadPosts(tx, request.user_telegram_id(), ids, Now()));
        response.mutable_posts()->Assign(posts.begin(), posts.end());
        return response;
      });
}

}  // namespace selfology::feed
