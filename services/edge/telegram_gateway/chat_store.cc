#include "services/edge/telegram_gateway/chat_store.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace selfology::telegram_gateway::store {
namespace {

using postgres::Transaction;

constexpr absl::Duration kOneTime = absl::Hours(48);

// Those whose place a SYSTEM message takes are deleted.
void DeleteReplaced(Transaction& tx, int64_t bot_id, const Claimed& claimed, absl::Time now) {
  tx.Queue(
      absl::StrCat(
          "UPDATE chat_messages SET pending_change = 'delete', replacement = NULL, due_at = $3,"
          " failures = 0 WHERE bot_id = $1 AND chat_id = $2 AND lifecycle = 'system'"
          " AND outgoing_id <> $4 AND (tag = $5 OR $6 AND dialog = $7) AND",
          kStays),
      bot_id, claimed.message.user_id, now, claimed.id, claimed.message.body.tag(),
      claimed.message.replaces_all, claimed.message.dialog);
}

struct EditTargetRow {
  int64_t message_id = 0;
  int64_t outgoing_id = 0;
  bool editable = false;
  bool taken = false;
};

}  // namespace

std::vector<std::string> ButtonsOf(const v1::DialogMessage& message) {
  std::vector<std::string> buttons;
  for (const v1::ButtonRow& row : message.button_rows()) {
    for (const v1::Button& button : row.buttons()) {
      if (!button.callback_data().empty()) buttons.push_back(button.callback_data());
    }
  }
  return buttons;
}

void NoteSent(Transaction& tx, int64_t bot_id, const Claimed& claimed, const SentNow& sent,
              absl::Time now) {
  const Outgoing& message = claimed.message;
  const v1::DialogMessage& body = message.body;
  std::optional<absl::Time> expires_at;
  if (body.lifecycle() == v1::MESSAGE_LIFECYCLE_EPHEMERAL) expires_at = now + LifetimeOf(body);
  for (const int64_t message_id : sent.message_ids) {
    const bool has_buttons = sent.has_buttons && message_id == sent.message_ids.back();
    // One that is known already was pressed before Telegram told us that it was sent.
    tx.Queue(
        "INSERT INTO chat_messages AS m (bot_id, chat_id, message_id, outgoing_id, lifecycle, tag,"
        " dialog, key, sent_at, expires_at, has_buttons, keep_buttons, buttons, pending_change, "
        "due_at)"
        " SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,"
        " COALESCE(o.pending_change, CASE WHEN $10 IS NOT NULL THEN 'delete' END),"
        " CASE WHEN o.pending_change IS NULL THEN $10 ELSE $9 END"
        " FROM (SELECT CASE WHEN $11 OR afterwards = 'delete' THEN afterwards END AS pending_change"
        " FROM outgoing_messages WHERE id = $4) AS o"
        " ON CONFLICT (bot_id, chat_id, message_id) DO UPDATE SET"
        " outgoing_id = EXCLUDED.outgoing_id, lifecycle = EXCLUDED.lifecycle, tag = EXCLUDED.tag,"
        " dialog = EXCLUDED.dialog, key = EXCLUDED.key, sent_at = EXCLUDED.sent_at,"
        " expires_at = EXCLUDED.expires_at, has_buttons = m.has_buttons AND EXCLUDED.has_buttons,"
        " keep_buttons = EXCLUDED.keep_buttons, buttons = EXCLUDED.buttons,"
        " pending_change = CASE WHEN m.pending_change = 'replace' THEN m.pending_change"
        " WHEN EXCLUDED.lifecycle = 'ephemeral' THEN 'delete'"
        " WHEN EXCLUDED.keep_buttons THEN EXCLUDED.pending_change"
        " ELSE COALESCE(m.pending_change, EXCLUDED.pending_change) END,"
        " due_at = CASE WHEN m.pending_change = 'replace' OR EXCLUDED.lifecycle = 'ephemeral'"
        " THEN EXCLUDED.sent_at WHEN EXCLUDED.keep_buttons OR m.pending_change IS NULL THEN "
        "EXCLUDED.due_at"
        " ELSE EXCLUDED.sent_at END",
        bot_id, message.user_id, message_id, claimed.id, LifecycleOf(body), body.tag(),
        message.dialog, body.key(), now, expires_at, has_buttons, body.keep_buttons(),
        has_buttons ? ButtonsOf(body) : std::vector<std::string>());
  }
  if (sent.is_last && body.lifecycle() == v1::MESSAGE_LIFECYCLE_SYSTEM) {
    DeleteReplaced(tx, bot_id, claimed, now);
  }
}

void NoteEdited(Transaction& tx, int64_t bot_id, const Claimed& claimed, absl::Time now) {
  const Outgoing& message = claimed.message;
  const v1::DialogMessage& body = message.body;
  // An earlier change was meant for what it said before.
  tx.Queue(
      "UPDATE chat_messages AS m SET outgoing_id = $4, tag = $5, dialog = $6, key = $7,"
      " sent_at = $8, has_buttons = $9, keep_buttons = $10, buttons = $11, taken_until = NULL,"
      " failures = 0, replacement = NULL,"
      " pending_change = CASE WHEN m.pending_change = 'delete' THEN m.pending_change WHEN $9 THEN "
      "o.afterwards END,"
      " due_at = CASE WHEN m.pending_change = 'delete' THEN m.due_at"
      " WHEN $9 AND o.afterwards IS NOT NULL THEN $8 END"
      " FROM outgoing_messages AS o"
      " WHERE m.bot_id = $1 AND chat_id = $2 AND message_id = $3 AND o.id = $4",
      bot_id, message.user_id, claimed.edits, claimed.id, body.tag(), message.dialog, body.key(),
      now, !body.button_rows().empty(), body.keep_buttons(), ButtonsOf(body));
  tx.Queue("UPDATE outgoing_messages SET edited = true WHERE id = $1", claimed.id);
  DeleteReplaced(tx, bot_id, claimed, now);
}

absl::StatusOr<EditTarget> ClaimEditTarget(Transaction& tx, int64_t bot_id, const Claimed& claimed,
                                           absl::Time now, absl::Time until) {
  const Outgoing& message = claimed.message;
  auto replaced = tx.Ask<EditTargetRow>(
      absl::StrCat("SELECT message_id, outgoing_id, editable, COALESCE(taken_until > $3, false)"
                   " FROM chat_messages WHERE bot_id = $1 AND chat_id = $2"
                   " AND lifecycle = 'system' AND (tag = $4 OR $5 AND dialog = $6) AND",
                   kStays, " ORDER BY message_id DESC LIMIT 2"),
      bot_id, message.user_id, now, message.body.tag(), message.replaces_all, message.dialog);
  auto newest =
      tx.Ask<int64_t>(absl::StrCat("SELECT COALESCE(GREATEST((SELECT newest_message_id FROM chats"
                                   " WHERE bot_id = $1 AND chat_id = $2), (SELECT max(message_id)"
                                   " FROM chat_messages WHERE bot_id = $1 AND chat_id = $2 AND",
                                   kStays, ")), 0)"),
                      bot_id, message.user_id, now);
  ASSIGN_OR_RETURN(const std::vector<EditTargetRow> rows, replaced.All());
  ASSIGN_OR_RETURN(const auto last, newest.One());
  // Further up nobody would see it.
  if (rows.empty() || !rows[0].editable || rows[0].message_id != std::get<0>(*last)) {
    return EditTarget{};
  }
  const bool has_pieces = rows.size() > 1 && rows[1].outgoing_id == rows[0].outgoing_id;
  if (has_pieces) return EditTarget{};
  if (!rows[0].taken) {
    tx.Queue(
        "UPDATE chat_messages SET taken_until = $4"
        " WHERE bot_id = $1 AND chat_id = $2 AND message_id = $3",
        bot_id, message.user_id, rows[0].message_id, until);
  }
  return EditTarget{.message_id = rows[0].message_id, .busy = rows[0].taken};
}

void FreePlace(Transaction& tx, int64_t bot_id, const Claimed& claimed) {
  if (claimed.edits == 0) return;
  tx.Queue(
      "UPDATE chat_messages SET taken_until = NULL"
      " WHERE bot_id = $1 AND chat_id = $2 AND message_id = $3",
      bot_id, claimed.message.user_id, claimed.edits);
}

void GiveUpPlace(Transaction& tx, int64_t bot_id, const Claimed& claimed, bool gone) {
  tx.Queue(gone ? "DELETE FROM chat_messages"
                  " WHERE bot_id = $1 AND chat_id = $2 AND message_id = $3"
                : "UPDATE chat_messages SET editable = false, taken_until = NULL"
                  " WHERE bot_id = $1 AND chat_id = $2 AND message_id = $3",
           bot_id, claimed.message.user_id, claimed.edits);
}

void NoteNewest(Transaction& tx, int64_t bot_id, int64_t chat_id, int64_t message_id) {
  LockOrder(tx, chat_id);
  tx.Queue(
      "INSERT INTO chats AS c (bot_id, chat_id, newest_message_id) SELECT $1, $2, $3"
      " WHERE EXISTS (SELECT FROM chat_messages"
      " WHERE bot_id = $1 AND chat_id = $2 AND lifecycle = 'system')"
      " OR EXISTS (SELECT FROM outgoing_messages"
      " WHERE user_id = $2 AND bot_id = $1 AND lifecycle = 'system' AND status = 'sending')"
      " ON CONFLICT (bot_id, chat_id) DO UPDATE SET newest_message_id = EXCLUDED.newest_message_id"
      " WHERE c.newest_message_id < EXCLUDED.newest_message_id",
      bot_id, chat_id, message_id);
}

absl::StatusOr<std::vector<ChatMessage>> ListChat(Transaction& tx, const ChatFilter& filter,
                                                  int64_t below, absl::Time now, int limit) {
  return tx.Query<ChatMessage>(
      absl::StrCat("SELECT message_id, lifecycle, tag, dialog, key, sent_at, expires_at,"
                   " has_buttons FROM chat_messages WHERE bot_id = $1 AND chat_id = $2"
                   " AND ($4 = '' OR lifecycle = $4) AND ($5 = '' OR tag = $5)"
                   " AND message_id < $6 AND",
                   kStays, " ORDER BY message_id DESC LIMIT $7"),
      filter.bot_id, filter.chat_id, now, filter.lifecycle, filter.tag, below, limit);
}

absl::StatusOr<int64_t> ClearChat(Transaction& tx, const ChatFilter& filter, absl::Time now) {
  LockOrder(tx, filter.chat_id);
  return tx.Execute(
      absl::StrCat("UPDATE chat_messages SET pending_change = 'delete', replacement = NULL,"
                   " due_at = $3, failures = 0"
                   " WHERE bot_id = $1 AND chat_id = $2"
                   " AND ($4 = '' OR lifecycle = $4) AND ($5 = '' OR tag = $5) AND",
                   kStays),
      filter.bot_id, filter.chat_id, now, filter.lifecycle, filter.tag);
}

absl::StatusOr<int64_t> ForgetOldChatMessages(Transaction& tx, absl::Time now) {
  ASSIGN_OR_RETURN(
      const auto old,
      tx.QueryOne<int64_t>(
          "WITH old AS (DELETE FROM chat_messages WHERE lifecycle = 'onetime' AND tag = ''"
          " AND sent_at < $1 AND NOT (keep_buttons AND has_buttons)"
          " RETURNING bot_id, chat_id, message_id),"
          " newest AS (INSERT INTO chats AS c (bot_id, chat_id, newest_message_id)"
          " SELECT bot_id, chat_id, max(message_id) FROM old GROUP BY bot_id, chat_id"
          " ON CONFLICT (bot_id, chat_id) DO UPDATE SET newest_message_id ="
          " GREATEST(c.newest_message_id, EXCLUDED.newest_message_id))"
          " SELECT count(*) FROM old",
          now - kOneTime));
  ASSIGN_OR_RETURN(
      const int64_t chats,
      tx.Execute("DELETE FROM chats AS c WHERE NOT EXISTS (SELECT FROM chat_messages AS m"
                 " WHERE m.bot_id = c.bot_id AND m.chat_id = c.chat_id AND lifecycle = 'system')"));
  return std::get<0>(*old) + chats;
}

}  // namespace selfology::telegram_gateway::store
