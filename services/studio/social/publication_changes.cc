#include "services/studio/social/publication_changes.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/social.pb.h"
#include "services/studio/social/account_changes.h"
#include "services/studio/social/timing.h"

namespace selfology::social {

using postgres::Transaction;
using store::PublicationRow;

namespace {

template <typename Event>
Event AboutAnswer(const PublicationRow& row) {
  Event event;
  event.set_user_id(row.user_id);
  event.set_publication_id(row.id);
  event.set_account_id(row.account_id);
  event.set_platform(PlatformOf(row));
  event.set_comment_id(row.comment_id);
  return event;
}

}  // namespace

absl::Status Confirm(Transaction& tx, PublicationRow row, const Outcome& outcome, absl::Time now) {
  row.state = store::kPublished;
  row.reason.clear();
  row.remote_id = outcome.remote_id;
  row.url = outcome.url;
  row.published_at = now;
  // A thread has the numbers of its first part.
  const std::optional<absl::Time> measure_at =
      row.part == 0 ? std::optional(now + *MeasureAt(0)) : std::nullopt;
  store::SavePublication(tx, row, std::nullopt, measure_at);
  store::WakePartAfter(tx, row.id, now);
  if (row.comment_id != 0) {
    auto answered = AboutAnswer<events::v1::SocialReplyPublished>(row);
    answered.set_url(row.url);
    RETURN_IF_ERROR(NoteFact(tx, row.user_id, "social.reply.published", "ok"));
    return events::Publish(tx, answered);
  }
  if (row.part > 0) return absl::OkStatus();
  RETURN_IF_ERROR(NoteFact(tx, row.user_id, "social.post.published", "ok"));
  auto event = About<events::v1::SocialPostPublished>(row);
  event.set_url(row.url);
  *event.mutable_published_at() = timestamps::ToProto(now);
  event.set_attempts(static_cast<int32_t>(std::max<int64_t>(row.attempts, 1)));
  return events::Publish(tx, event);
}

absl::Status TellRefused(Transaction& tx, const PublicationRow& row) {
  if (row.comment_id != 0) {
    auto refused = AboutAnswer<events::v1::SocialReplyRefused>(row);
    refused.set_reason(row.reason);
    RETURN_IF_ERROR(NoteFact(tx, row.user_id, "social.reply.published", "refused"));
    return events::Publish(tx, refused);
  }
  store::StopPartsAfter(tx, row, "the part before it was not published");
  if (row.part > 0) {
    auto stopped = About<events::v1::SocialThreadStopped>(row);
    stopped.set_part(static_cast<int32_t>(row.part));
    stopped.set_reason(row.reason);
    return events::Publish(tx, stopped);
  }
  RETURN_IF_ERROR(NoteFact(tx, row.user_id, "social.post.published", "refused"));
  auto event = About<events::v1::SocialPostRefused>(row);
  event.set_reason(row.reason);
  return events::Publish(tx, event);
}

absl::StatusOr<bool> ForgetAccount(Transaction& tx, const store::AccountRow& account) {
  ASSIGN_OR_RETURN(const bool deleted, store::DeleteAccount(tx, account.id));
  if (!deleted) return false;
  ASSIGN_OR_RETURN(std::vector<PublicationRow> waiting, store::LockWaiting(tx, account.id));
  for (PublicationRow& row : waiting) {
    // What follows a part that waits goes with it; an answer to a comment follows none.
    const bool follows =
        row.thread_id != 0 &&
        std::any_of(waiting.begin(), waiting.end(), [&](const PublicationRow& other) {
          return other.part < row.part &&
                 (other.id == row.thread_id || other.thread_id == row.thread_id);
        });
    if (follows) continue;
    row.state = store::kRefused;
    row.reason = "the account was disconnected";
    store::SavePublication(tx, row, std::nullopt, std::nullopt);
    RETURN_IF_ERROR(TellRefused(tx, row));
  }
  RETURN_IF_ERROR(
      events::Publish(tx, AboutAccount<events::v1::SocialAccountDisconnected>(account)));
  return true;
}

}  // namespace selfology::social
