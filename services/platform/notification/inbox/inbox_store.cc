#include "services/platform/notification/inbox/inbox_store.h"

#include <limits>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::notification::store {
namespace {

using postgres::Transaction;

struct Row {
  int64_t notification_id;
  int64_t user_id;
  std::string kind;
  std::string topic;
  std::string priority;
  std::string title;
  std::string body;
  std::string link;
  std::string decision;
  std::string decision_reason;
  bool in_inbox;
  absl::Time created_at;
  std::optional<absl::Time> read_at;
  int64_t digest_id;
};

constexpr std::string_view kColumns =
    "SELECT n.notification_id, n.user_id, n.kind, n.topic, n.priority, n.title, n.body, n.link,"
    " n.decision, n.decision_reason, n.in_inbox, n.created_at, n.read_at,"
    " coalesce((SELECT d.notification_id FROM notification_digests d"
    "           WHERE d.digest_id = n.collected_in), 0)"
    " FROM notifications n ";

v1::Notification ToProto(const Row& row) {
  v1::Notification notification;
  notification.set_notification_id(row.notification_id);
  notification.set_user_id(row.user_id);
  notification.set_kind(row.kind);
  notification.set_topic(row.topic);
  notification.set_priority(enums::FromWord<v1::Priority>(row.priority));
  notification.set_title(row.title);
  notification.set_text(row.body);
  notification.set_link(row.link);
  notification.set_decision(enums::FromWord<v1::Decision>(row.decision));
  notification.set_decision_reason(row.decision_reason);
  notification.set_in_inbox(row.in_inbox);
  *notification.mutable_created_at() = timestamps::ToProto(row.created_at);
  if (row.read_at.has_value()) {
    *notification.mutable_read_at() = timestamps::ToProto(*row.read_at);
  }
  notification.set_digest_id(row.digest_id);
  return notification;
}

std::optional<v1::Notification> ToProto(const std::optional<Row>& row) {
  if (!row.has_value()) return std::nullopt;
  return ToProto(*row);
}

}  // namespace

absl::StatusOr<int64_t> InsertNotification(Transaction& tx, const NewNotification& added) {
  const v1::Notification& n = added.notification;
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>(
          "INSERT INTO notifications (user_id, dedup_key, kind, topic, priority, language, title,"
          " body, link, decision, decision_reason, in_inbox, secret, collected_in, created_at,"
          " expires_at)"
          " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
          " ON CONFLICT (user_id, dedup_key) DO NOTHING RETURNING notification_id",
          n.user_id(), added.dedup_key, n.kind(), n.topic(), enums::Word(n.priority()),
          added.language, n.title(), n.text(), n.link(), enums::Word(n.decision()),
          n.decision_reason(), n.in_inbox(), added.secret, added.collected_in, added.created_at,
          added.expires_at));
  if (!row.has_value()) return absl::AbortedError("the key was taken meanwhile");
  return std::get<0>(*row);
}

absl::StatusOr<std::optional<v1::Notification>> FindNotification(Transaction& tx, int64_t user_id,
                                                                 std::string_view dedup_key) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<Row>(absl::StrCat(kColumns, "WHERE user_id = $1 AND dedup_key = $2"),
                                    user_id, dedup_key));
  return ToProto(row);
}

absl::StatusOr<std::optional<v1::Notification>> ReadNotification(Transaction& tx, int64_t user_id,
                                                                 int64_t notification_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<Row>(absl::StrCat(kColumns, "WHERE n.user_id = $1 AND n.notification_id = $2"),
                       user_id, notification_id));
  return ToProto(row);
}

absl::StatusOr<std::vector<v1::Notification>> ListInbox(Transaction& tx,
                                                        const InboxFilter& filter) {
  ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query<Row>(absl::StrCat(kColumns,
                                 "WHERE n.user_id = $1 AND n.in_inbox AND n.notification_id < $2"
                                 " AND (NOT $3 OR n.read_at IS NULL) AND ($4 = '' OR n.topic = $4)"
                                 " ORDER BY n.notification_id DESC LIMIT $5"),
                    filter.user_id, filter.before_id, filter.unread_only, filter.topic,
                    static_cast<int64_t>(filter.limit)));
  std::vector<v1::Notification> notifications;
  for (const Row& row : rows) notifications.push_back(ToProto(row));
  return notifications;
}

absl::StatusOr<Inbox> ReadInbox(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<Inbox>("SELECT unread, version FROM notification_people WHERE user_id = $1",
                         user_id));
  return row.value_or(Inbox());
}

absl::StatusOr<Inbox> ChangeInbox(Transaction& tx, int64_t user_id, int64_t unread_more) {
  return AskChangeInbox(tx, user_id, unread_more)();
}

std::function<absl::StatusOr<Inbox>()> AskChangeInbox(Transaction& tx, int64_t user_id,
                                                      int64_t unread_more) {
  auto asked = tx.Ask<Inbox>(
      "INSERT INTO notification_people AS p (user_id, unread, version)"
      " VALUES ($1, greatest($2, 0), 1)"
      " ON CONFLICT (user_id) DO UPDATE SET unread = p.unread + $2, version = p.version + 1"
      " RETURNING unread, version",
      user_id, unread_more);
  return [asked = std::move(asked)]() mutable -> absl::StatusOr<Inbox> {
    ASSIGN_OR_RETURN(const auto row, asked.One());
    return row.value_or(Inbox());
  };
}

absl::StatusOr<int64_t> MarkRead(Transaction& tx, int64_t user_id, int64_t notification_id,
                                 absl::Time now) {
  return tx.Execute(
      "UPDATE notifications SET read_at = $3"
      " WHERE user_id = $1 AND notification_id = $2 AND in_inbox AND read_at IS NULL",
      user_id, notification_id, now);
}

absl::StatusOr<Marked> MarkAllRead(Transaction& tx, int64_t user_id, int64_t up_to_id,
                                   absl::Time now) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<Marked>("WITH marked AS (UPDATE notifications SET read_at = $3"
                          " WHERE user_id = $1 AND notification_id <= $2 AND in_inbox"
                          " AND read_at IS NULL RETURNING notification_id)"
                          " SELECT count(*), coalesce(max(notification_id), 0) FROM marked",
                          user_id, up_to_id, now));
  return row.value_or(Marked());
}

void SaveChat(Transaction& tx, int64_t user_id) {
  tx.Queue(
      "INSERT INTO notification_people (user_id, has_chat) VALUES ($1, true)"
      " ON CONFLICT (user_id) DO UPDATE SET has_chat = true",
      user_id);
}

absl::StatusOr<bool> HasChat(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<bool>("SELECT has_chat FROM notification_people WHERE user_id = $1", user_id));
  return row.has_value() && std::get<0>(*row);
}

void SaveLanguage(Transaction& tx, int64_t user_id, std::string_view language) {
  tx.Queue(
      "INSERT INTO notification_people (user_id, language) VALUES ($1, $2)"
      " ON CONFLICT (user_id) DO UPDATE SET language = EXCLUDED.language",
      user_id, language);
}

void ForgetSecret(Transaction& tx, int64_t notification_id) {
  tx.Queue(
      "UPDATE notifications n SET title = '', body = ''"
      " WHERE n.notification_id = $1 AND n.secret AND NOT EXISTS (SELECT FROM"
      "  notification_deliveries d WHERE d.notification_id = n.notification_id"
      "  AND d.status IN ('WAITING', 'SENDING'))",
      notification_id);
}

absl::StatusOr<int64_t> ForgetNotifications(Transaction& tx, absl::Time created_before) {
  // What was never read stays in the counter, so it stays.
  return tx.Execute(
      "DELETE FROM notifications WHERE created_at < $1 AND (read_at IS NOT NULL OR NOT in_inbox)",
      created_before);
}

}  // namespace selfology::notification::store
