// What happens to publications in their transactions, shared by those who change them.
//
//   if (outcome.kind == Outcome::Kind::kDone) return Confirm(tx, *row, outcome, now);
//
// Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "services/studio/social/platforms/publisher.h"
#include "services/studio/social/social_store.h"

namespace selfology::social {

inline v1::Platform PlatformOf(const store::PublicationRow& row) {
  return static_cast<v1::Platform>(row.platform);
}

// It is to be published, or may have been.
inline bool IsWaiting(const store::PublicationRow& row) {
  return row.state == store::kPending || row.state == store::kUnknown;
}

// An event about it.
template <typename Event>
Event About(const store::PublicationRow& row) {
  Event event;
  event.set_user_id(row.user_id);
  event.set_publication_id(row.id);
  event.set_account_id(row.account_id);
  event.set_platform(PlatformOf(row));
  event.set_post_id(row.post_id);
  return event;
}

template <typename Event>
Event AboutAccount(const store::AccountRow& account) {
  Event event;
  event.set_user_id(account.user_id);
  event.set_account_id(account.id);
  event.set_platform(static_cast<v1::Platform>(account.platform));
  return event;
}

// Deletes an account and refuses what waits for it; publishes social.account.disconnected. False: it was
// gone.
absl::StatusOr<bool> ForgetAccount(postgres::Transaction& tx, const store::AccountRow& account);

// The row becomes published; the part after it is due.
absl::Status Confirm(postgres::Transaction& tx, store::PublicationRow row, const Outcome& outcome,
                     absl::Time now);

// Publishes social.post.refused, or, of a later part of a thread, social.thread.stopped; parts after it
// are not published any more.
absl::Status TellRefused(postgres::Transaction& tx, const store::PublicationRow& row);

}  // namespace selfology::social
