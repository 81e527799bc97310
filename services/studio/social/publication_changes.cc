#include "services/studio/social/publication_changes.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/social.pb.h"
#include "services/studio/social/timing.h"

namespace selfology::social {

using postgres::Transaction;
using store::PublicationRow;

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
  if (row.part > 0) return absl::OkStatus();
  auto event = About<events::v1::SocialPostPublished>(row);
  event.set_url(row.url);
  *event.mutable_published_at() = timestamps::ToProto(now);
  event.set_attempts(static_cast<int32_t>(std::max<int64_t>(row.attempts, 1)));
  return events::Publish(tx, event);
}

absl::Status TellRefused(Transaction& tx, const PublicationRow& row) {
  store::StopPartsAfter(tx, row, "the part before it was not published");
  if (row.part > 0) {
    auto stopped = About<events::v1::SocialThreadStopped>(row);
    stopped.set_part(static_cast<int32_t>(row.part));
    stopped.set_reason(row.reason);
    return events::Publish(tx, stopped);
  }
  auto event = About<events::v1::SocialPostRefused>(row);
  event.set_reason(row.reason);
  return events::Publish(tx, event);
}

absl::StatusOr<bool> ForgetAccount(Transaction& tx, const store::AccountRow& account) {
  ASSIGN_OR_RETURN(const bool deleted, store::DeleteAccount(tx, account.id));
  if (!deleted) return false;
  ASSIGN_OR_RETURN(std::vector<PublicationRow> waiting, store::LockWaiting(tx, account.id));
  for (PublicationRow& row : waiting) {
    // What follows a part that waits goes with it.
    const bool follows =
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
