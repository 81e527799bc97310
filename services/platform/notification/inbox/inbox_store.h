// SQL of notifications, inboxes and their counters; see ../migrations/0001_notifications.sql. What
// changes an inbox holds LockPerson. Functions that return nothing are queued: they cost no round trip
// of their own. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/advisory_lock.h"
#include "common/postgres/transaction.h"
#include "selfology/notification/v1/notification.pb.h"

namespace selfology::notification::store {

// Of all that is decided and counted for one person.
inline constexpr postgres::AdvisoryLock LockPerson("notification.person");

struct NewNotification {
  v1::Notification notification = {};  // Without its id.
  std::string dedup_key = {};
  std::string language = {};
  bool secret = false;
  std::optional<int64_t> collected_in = std::nullopt;
  absl::Time created_at;
  absl::Time expires_at;
};
// Its id. ABORTED: the key was taken meanwhile, by somebody without the lock.
absl::StatusOr<int64_t> InsertNotification(postgres::Transaction& tx, const NewNotification& added);

absl::StatusOr<std::optional<v1::Notification>> FindNotification(postgres::Transaction& tx,
                                                                 int64_t user_id,
                                                                 std::string_view dedup_key);
absl::StatusOr<std::optional<v1::Notification>> ReadNotification(postgres::Transaction& tx,
                                                                 int64_t user_id,
                                                                 int64_t notification_id);

struct InboxFilter {
  int64_t user_id = 0;
  bool unread_only = false;
  std::string topic = {};  // Empty: all.
  int64_t before_id = 0;
  int limit = 0;
};
// Newest first.
absl::StatusOr<std::vector<v1::Notification>> ListInbox(postgres::Transaction& tx,
                                                        const InboxFilter& filter);

struct Inbox {
  int64_t unread = 0;
  int64_t version = 0;
};
absl::StatusOr<Inbox> ReadInbox(postgres::Transaction& tx, int64_t user_id);
// So many unread more, or fewer; the next version.
absl::StatusOr<Inbox> ChangeInbox(postgres::Transaction& tx, int64_t user_id, int64_t unread_more);

// The same, asked now, with whatever is asked next; what it gives is called then.
std::function<absl::StatusOr<Inbox>()> AskChangeInbox(postgres::Transaction& tx, int64_t user_id,
                                                      int64_t unread_more);

// How many were not read before.
absl::StatusOr<int64_t> MarkRead(postgres::Transaction& tx, int64_t user_id,
                                 int64_t notification_id, absl::Time now);
struct Marked {
  int64_t count = 0;
  int64_t last_id = 0;  // The latest of them.
};
absl::StatusOr<Marked> MarkAllRead(postgres::Transaction& tx, int64_t user_id, int64_t up_to_id,
                                   absl::Time now);

// They have a chat with the bot, although their id is of the web.
void SaveChat(postgres::Transaction& tx, int64_t user_id);
absl::StatusOr<bool> HasChat(postgres::Transaction& tx, int64_t user_id);

// BCP 47.
void SaveLanguage(postgres::Transaction& tx, int64_t user_id, std::string_view language);

// The words of secrets whose deliveries have all ended.
void ForgetSecret(postgres::Transaction& tx, int64_t notification_id);
absl::StatusOr<int64_t> ForgetNotifications(postgres::Transaction& tx, absl::Time created_before);

}  // namespace selfology::notification::store
