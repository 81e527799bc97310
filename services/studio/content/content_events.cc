#include "services/studio/content/content_events.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/content.pb.h"
#include "services/studio/content/content_store.h"
#include "services/studio/content/post_rules.h"

namespace selfology::content {
namespace {

using postgres::Transaction;
using store::PostRow;
using store::ResultRow;

constexpr int64_t kPosts = 20;  // In one transaction.

// Writes down what became of a post at one account, and, after the last one, of the post.
absl::Status Settle(Transaction& tx, int64_t user_id, const ResultRow& settled, absl::Time now) {
  ASSIGN_OR_RETURN(std::optional<PostRow> post, store::LockBegun(tx, user_id, settled.post_id));
  if (!post.has_value()) return absl::OkStatus();  // Deleted meanwhile.
  store::SettleResult(tx, settled);
  if (post->state != WordOf(v1::POST_STATE_PUBLISHING)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<ResultRow> results, store::ListResults(tx, {post->id}));
  int published = 0;
  int refused = 0;
  for (const ResultRow& result : results) {
    if (result.state == "waiting") return absl::OkStatus();
    ++(result.state == "published" ? published : refused);
  }
  post->state = WordOf(refused == 0     ? v1::POST_STATE_PUBLISHED
                       : published == 0 ? v1::POST_STATE_FAILED
                                        : v1::POST_STATE_PARTLY_PUBLISHED);
  post->updated_at = now;
  store::SaveState(tx, *post);
  events::v1::ContentPostFinished event;
  event.set_user_id(user_id);
  event.set_post_id(post->id);
  event.set_published(published);
  event.set_refused(refused);
  return events::Publish(tx, event);
}

template <typename Event>
ResultRow ResultOf(const Event& event, std::string_view state) {
  return {.post_id = event.post_id(),
          .account_id = event.account_id(),
          .platform = event.platform(),
          .publication_id = event.publication_id(),
          .state = std::string(state)};
}

absl::Status HandOverPost(Transaction& tx, PostRow row, absl::Time now) {
  const v1::Post post = store::ToProto(row);
  ASSIGN_OR_RETURN(const std::vector<ResultRow> before, store::ListResults(tx, {row.id}));
  bool any = false;
  for (size_t i = 0; i < row.account_ids.size(); ++i) {
    // What an account has already is not published again.
    const bool has_it = std::any_of(before.begin(), before.end(), [&](const ResultRow& result) {
      return result.account_id == row.account_ids[i] && result.state == "published";
    });
    if (has_it) continue;
    any = true;
    const auto platform = static_cast<social::v1::Platform>(row.platforms[i]);
    store::AddResult(tx, row.id, row.account_ids[i], platform);
    events::v1::ContentPublicationRequested event;
    event.set_user_id(row.user_id);
    event.set_post_id(row.id);
    event.set_account_id(row.account_ids[i]);
    event.set_platform(platform);
    event.set_text(TextAt(post, platform));
    *event.mutable_publish_at() = timestamps::ToProto(*row.publish_at);
    *event.mutable_media() = post.media();
    *event.mutable_thread() = post.thread();
    event.set_first_comment(post.first_comment());
    event.set_team_id(row.team_id);
    RETURN_IF_ERROR(events::Publish(tx, event));
  }
  row.state = WordOf(any ? v1::POST_STATE_PUBLISHING : v1::POST_STATE_PUBLISHED);
  row.updated_at = now;
  store::SaveState(tx, row);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int64_t> ContentEvents::HandOver(const Call& call) const {
  const absl::Time now = clock_();
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<int64_t> {
    ASSIGN_OR_RETURN(const std::vector<PostRow> due, store::LockDue(tx, now, kPosts));
    for (const PostRow& row : due) RETURN_IF_ERROR(HandOverPost(tx, row, now));
    return static_cast<int64_t>(due.size());
  });
}

absl::Status ContentEvents::NotePublished(const events::v1::SocialPostPublished& event,
                                          events::Handling& handling) const {
  if (event.post_id() == 0) return absl::OkStatus();
  ResultRow result = ResultOf(event, "published");
  result.url = event.url();
  return Settle(handling.tx(), event.user_id(), result, clock_());
}

absl::Status ContentEvents::NoteRefused(const events::v1::SocialPostRefused& event,
                                        events::Handling& handling) const {
  if (event.post_id() == 0) return absl::OkStatus();
  ResultRow result = ResultOf(event, "refused");
  result.reason = event.reason();
  return Settle(handling.tx(), event.user_id(), result, clock_());
}

absl::Status ContentEvents::NoteRemoved(const events::v1::SocialPostRemoved& event,
                                        events::Handling& handling) const {
  if (event.post_id() == 0) return absl::OkStatus();
  ResultRow result = ResultOf(event, "refused");
  result.reason = "it was removed";
  return Settle(handling.tx(), event.user_id(), result, clock_());
}

absl::Status ContentEvents::NoteThreadStopped(const events::v1::SocialThreadStopped& event,
                                              events::Handling& handling) const {
  if (event.post_id() == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::optional<PostRow> post,
                   store::LockBegun(handling.tx(), event.user_id(), event.post_id()));
  if (!post.has_value()) return absl::OkStatus();
  ResultRow result = ResultOf(event, "published");
  result.reason = absl::StrCat("part ", event.part() + 1, " is missing: ", event.reason());
  store::SaveReason(handling.tx(), result);
  return absl::OkStatus();
}

absl::Status ContentEvents::NoteNumbers(const events::v1::SocialPostMeasured& event,
                                        events::Handling& handling) const {
  if (event.post_id() == 0) return absl::OkStatus();
  // The post's owner is the event's person: a number of another's post changes nothing.
  ASSIGN_OR_RETURN(const std::optional<PostRow> post,
                   store::LockBegun(handling.tx(), event.user_id(), event.post_id()));
  if (!post.has_value()) return absl::OkStatus();
  ResultRow result = ResultOf(event, "published");
  result.likes = event.metrics().likes();
  result.reposts = event.metrics().reposts();
  result.replies = event.metrics().replies();
  result.views = event.metrics().views();
  result.measured_at = timestamps::FromProto(event.metrics().measured_at());
  store::SaveNumbers(handling.tx(), result);
  return absl::OkStatus();
}

absl::Status ContentEvents::DisbandTeam(const events::v1::TeamDeleted& event,
                                        events::Handling& handling) const {
  store::DisbandTeam(handling.tx(), event.team_id(), clock_());
  return absl::OkStatus();
}

}  // namespace selfology::content
