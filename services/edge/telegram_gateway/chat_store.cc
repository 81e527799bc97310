#include "services/edge/telegram_gateway/chat_store.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace selfology::telegram_gateway::store {
namespace {

using postgres::Transaction;

// https://core.telegram.org/bots/api#deletemessages
constexpr size_t kMostAtOnce = 100;
constexpr absl::Duration kOneTime = absl::Hours(48);

// Of a row: nothing can be wished of what is to be deleted already.
constexpr std::string_view kStays = " (wish IS DISTINCT FROM 'delete' OR due_at > $3)";

std::string_view WordOf(Change::Kind kind) {
  switch (kind) {
    case Change::Kind::kDelete:
      return "delete";
    case Change::Kind::kClearButtons:
      return "clear_buttons";
    case Change::Kind::kReplace:
      break;
  }
  return "replace";
}

Change::Kind KindOf(std::string_view word) {
  if (word == "delete") return Change::Kind::kDelete;
  return word == "replace" ? Change::Kind::kReplace : Change::Kind::kClearButtons;
}

// The callback_data of all buttons.
std::vector<std::string> ButtonsOf(const v1::DialogMessage& message) {
  std::vector<std::string> buttons;
  for (const v1::ButtonRow& row : message.button_rows()) {
    for (const v1::Button& button : row.buttons()) {
      if (!button.callback_data().empty()) buttons.push_back(button.callback_data());
    }
  }
  return buttons;
}

// Those whose place a SYSTEM message takes are deleted.
void DeleteReplaced(Transaction& tx, int64_t bot_id, const Claimed& claimed, absl::Time now) {
  tx.Queue(absl::StrCat("UPDATE chat_messages SET wish = 'delete', replacement = NULL, due_at = $3,"
                        " failures = 0 WHERE bot_id = $1 AND chat_id = $2 AND lifecycle = 'system'"
                        " AND outgoing_id <> $4 AND (tag = $5 OR $6 AND dialog = $7) AND",
                        kStays),
           bot_id, claimed.message.user_id, now, claimed.id, claimed.message.body.tag(),
           claimed.message.replaces_all, claimed.message.dialog);
}

struct PlaceRow {
  int64_t message_id = 0;
  int64_t outgoing_id = 0;
  bool editable = false;
  bool taken = false;
};

struct WishRow {
  int64_t message_id = 0;
  std::string wish;
  std::string replacement;
  std::string dialog;
  int failures = 0;
  bool alone = false;
  absl::Time ready_at;
};

}  // namespace

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
        " dialog, key, sent_at, expires_at, has_buttons, keep_buttons, buttons, wish, due_at)"
        " SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,"
        " COALESCE(o.wish, CASE WHEN $10 IS NOT NULL THEN 'delete' END),"
        " CASE WHEN o.wish IS NULL THEN $10 ELSE $9 END"
        " FROM (SELECT CASE WHEN $11 OR afterwards = 'delete' THEN afterwards END AS wish"
        " FROM outgoing_messages WHERE id = $4) AS o"
        " ON CONFLICT (bot_id, chat_id, message_id) DO UPDATE SET"
        " outgoing_id = EXCLUDED.outgoing_id, lifecycle = EXCLUDED.lifecycle, tag = EXCLUDED.tag,"
        " dialog = EXCLUDED.dialog, key = EXCLUDED.key, sent_at = EXCLUDED.sent_at,"
        " expires_at = EXCLUDED.expires_at, has_buttons = m.has_buttons AND EXCLUDED.has_buttons,"
        " keep_buttons = EXCLUDED.keep_buttons, buttons = EXCLUDED.buttons,"
        " wish = CASE WHEN m.wish = 'replace' THEN m.wish"
        " WHEN EXCLUDED.lifecycle = 'ephemeral' THEN 'delete'"
        " WHEN EXCLUDED.keep_buttons THEN EXCLUDED.wish"
        " ELSE COALESCE(m.wish, EXCLUDED.wish) END,"
        " due_at = CASE WHEN m.wish = 'replace' OR EXCLUDED.lifecycle = 'ephemeral'"
        " THEN EXCLUDED.sent_at WHEN EXCLUDED.keep_buttons OR m.wish IS NULL THEN EXCLUDED.due_at"
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
  // What was wished of it before was meant for what it said before.
  tx.Queue(
      "UPDATE chat_messages AS m SET outgoing_id = $4, tag = $5, dialog = $6, key = $7,"
      " sent_at = $8, has_buttons = $9, keep_buttons = $10, buttons = $11, taken_until = NULL,"
      " failures = 0, replacement = NULL,"
      " wish = CASE WHEN m.wish = 'delete' THEN m.wish WHEN $9 THEN o.afterwards END,"
      " due_at = CASE WHEN m.wish = 'delete' THEN m.due_at"
      " WHEN $9 AND o.afterwards IS NOT NULL THEN $8 END"
      " FROM outgoing_messages AS o"
      " WHERE m.bot_id = $1 AND chat_id = $2 AND message_id = $3 AND o.id = $4",
      bot_id, message.user_id, claimed.edits, claimed.id, body.tag(), message.dialog, body.key(),
      now, !body.button_rows().empty(), body.keep_buttons(), ButtonsOf(body));
  tx.Queue("UPDATE outgoing_messages SET edited = true WHERE id = $1", claimed.id);
  DeleteReplaced(tx, bot_id, claimed, now);
}

absl::StatusOr<Place> TakePlace(Transaction& tx, int64_t bot_id, const Claimed& claimed,
                                absl::Time now, absl::Time until) {
  const Outgoing& message = claimed.message;
  auto replaced = tx.Ask<PlaceRow>(
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
  ASSIGN_OR_RETURN(const std::vector<PlaceRow> rows, replaced.All());
  ASSIGN_OR_RETURN(const auto last, newest.One());
  // Further up nobody would see it.
  if (rows.empty() || !rows[0].editable || rows[0].message_id != std::get<0>(*last)) {
    return Place{};
  }
  const bool has_pieces = rows.size() > 1 && rows[1].outgoing_id == rows[0].outgoing_id;
  if (has_pieces) return Place{};
  if (!rows[0].taken) {
    tx.Queue(
        "UPDATE chat_messages SET taken_until = $4"
        " WHERE bot_id = $1 AND chat_id = $2 AND message_id = $3",
        bot_id, message.user_id, rows[0].message_id, until);
  }
  return Place{.message_id = rows[0].message_id, .busy = rows[0].taken};
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

void NotePress(Transaction& tx, const Pressed& pressed, absl::Time now) {
  LockOrder(tx, pressed.chat_id);
  const bool replace = !pressed.replacement.empty();
  if (replace) {
    tx.Queue(absl::StrCat("UPDATE chat_messages SET wish = 'replace', replacement = $5,"
                          " due_at = $3, failures = 0"
                          " WHERE bot_id = $1 AND chat_id = $2 AND message_id = $4 AND",
                          kStays),
             pressed.bot_id, pressed.chat_id, now, pressed.message_id, pressed.replacement);
  } else {
    // All pieces of one that is EPHEMERAL.
    tx.Queue(absl::StrCat(
                 "UPDATE chat_messages SET due_at = $3, failures = 0, replacement = NULL,"
                 " wish = CASE lifecycle WHEN 'ephemeral' THEN 'delete' ELSE 'clear_buttons' END"
                 " WHERE bot_id = $1 AND chat_id = $2 AND CASE lifecycle WHEN 'ephemeral' THEN"
                 " message_id = $4 OR outgoing_id = (SELECT outgoing_id FROM chat_messages"
                 " WHERE bot_id = $1 AND chat_id = $2 AND message_id = $4 AND outgoing_id <> 0)"
                 " ELSE message_id = $4 AND has_buttons AND (NOT keep_buttons OR $5)"
                 " AND (buttons = '{}' OR $6 = ANY(buttons))"
                 " AND wish IS DISTINCT FROM 'replace' END AND",
                 kStays),
             pressed.bot_id, pressed.chat_id, now, pressed.message_id, pressed.remove_buttons,
             pressed.data);
  }
  // It is not known: it is older, or just being sent, and then more will be known soon.
  tx.Queue(
      "INSERT INTO chat_messages (bot_id, chat_id, message_id, outgoing_id, lifecycle, sent_at,"
      " has_buttons, wish, replacement, due_at)"
      " VALUES ($1, $2, $3, 0, 'onetime', $4, true, $5, $6, $4 + CASE WHEN EXISTS"
      " (SELECT FROM outgoing_messages WHERE user_id = $2 AND bot_id = $1 AND status = 'sending')"
      " THEN interval '1 second' ELSE interval '0' END)"
      " ON CONFLICT (bot_id, chat_id, message_id) DO NOTHING",
      pressed.bot_id, pressed.chat_id, pressed.message_id, now,
      WordOf(replace ? Change::Kind::kReplace : Change::Kind::kClearButtons),
      replace ? std::optional<std::string>(pressed.replacement) : std::nullopt);
}

void SpendKeys(Transaction& tx, int64_t bot_id, int64_t chat_id, std::string_view dialog,
               const std::vector<std::string>& keys, absl::Time now) {
  LockOrder(tx, chat_id);
  std::vector<std::string> whole_keys;
  for (const std::string& key : keys) whole_keys.push_back(absl::StrCat(dialog, ":", key));
  tx.Queue(
      "UPDATE outgoing_messages SET afterwards = 'clear_buttons' WHERE user_id = $1"
      " AND key = ANY($2) AND bot_id = $3 AND status IN ('waiting', 'sending')"
      " AND afterwards IS NULL",
      chat_id, whole_keys, bot_id);
  tx.Queue(absl::StrCat("UPDATE chat_messages SET wish = 'clear_buttons', due_at = $3, failures = 0"
                        " WHERE bot_id = $1 AND chat_id = $2 AND dialog = $4 AND key = ANY($5)"
                        " AND has_buttons AND wish IS DISTINCT FROM 'replace' AND",
                        kStays),
           bot_id, chat_id, now, dialog, keys);
}

void ClearEphemeral(Transaction& tx, int64_t bot_id, int64_t chat_id, absl::Time now) {
  LockOrder(tx, chat_id);
  tx.Queue(
      "UPDATE outgoing_messages SET status = 'dropped', body = NULL WHERE user_id = $1"
      " AND bot_id = $2 AND lifecycle = 'ephemeral' AND status = 'waiting' AND message_ids = '{}'",
      chat_id, bot_id);
  tx.Queue(
      "UPDATE outgoing_messages SET afterwards = 'delete' WHERE user_id = $1"
      " AND bot_id = $2 AND lifecycle = 'ephemeral' AND status IN ('waiting', 'sending')",
      chat_id, bot_id);
  tx.Queue(absl::StrCat("UPDATE chat_messages SET wish = 'delete', replacement = NULL,"
                        " due_at = $3, failures = 0"
                        " WHERE bot_id = $1 AND chat_id = $2 AND lifecycle = 'ephemeral' AND",
                        kStays),
           bot_id, chat_id, now);
}

absl::StatusOr<NextChange> ClaimChange(Transaction& tx, int64_t bot_id, int64_t chat_id,
                                       absl::Time now, absl::Time until) {
  LockOrder(tx, chat_id);
  ASSIGN_OR_RETURN(
      std::vector<WishRow> rows,
      tx.Query<WishRow>(
          "SELECT message_id, wish, COALESCE(replacement, ''), dialog, failures, alone,"
          " GREATEST(due_at, taken_until) FROM chat_messages"
          " WHERE bot_id = $1 AND chat_id = $2 AND wish IS NOT NULL"
          " ORDER BY GREATEST(due_at, taken_until), message_id LIMIT $3",
          bot_id, chat_id, static_cast<int64_t>(kMostAtOnce)));
  if (rows.empty()) return NextChange{};
  if (rows[0].ready_at > now) return NextChange{.due_at = rows[0].ready_at};
  std::erase_if(rows, [now](const WishRow& row) { return row.ready_at > now; });
  // What is looked at first: buttons, for somebody may be about to press them.
  const auto edit = std::find_if(rows.begin(), rows.end(),
                                 [](const WishRow& row) { return row.wish != "delete"; });
  const WishRow& first = edit == rows.end() ? rows[0] : *edit;
  Change change{.kind = KindOf(first.wish),
                .bot_id = bot_id,
                .chat_id = chat_id,
                .message_ids = {first.message_id},
                .replacement = first.replacement,
                .dialog = first.dialog,
                .failures = first.failures,
                .taken_until = until};
  if (change.kind == Change::Kind::kDelete && !first.alone) {
    for (const WishRow& row : rows) {
      if (row.alone || row.message_id == first.message_id) continue;
      change.message_ids.push_back(row.message_id);
      change.failures = std::max(change.failures, row.failures);
    }
  }
  tx.Queue(
      "UPDATE chat_messages SET taken_until = $4"
      " WHERE bot_id = $1 AND chat_id = $2 AND message_id = ANY($3)",
      bot_id, chat_id, change.message_ids, until);
  return NextChange{.change = std::move(change), .due_at = now};
}

void NoteDone(Transaction& tx, const Change& change) {
  if (change.kind == Change::Kind::kDelete) return NoteGone(tx, change);
  // What was wished meanwhile stands.
  tx.Queue(
      "UPDATE chat_messages AS m SET taken_until = NULL, has_buttons = false, buttons = '{}',"
      " failures = 0, wish = CASE WHEN changed THEN m.wish"
      " WHEN expires_at IS NOT NULL THEN 'delete' END,"
      " due_at = CASE WHEN changed THEN m.due_at ELSE expires_at END,"
      " replacement = CASE WHEN changed THEN m.replacement END"
      " FROM (SELECT message_id AS id, wish <> $5 OR replacement <> $6 AS changed"
      " FROM chat_messages WHERE bot_id = $1 AND chat_id = $2 AND message_id = ANY($3)) AS before"
      " WHERE bot_id = $1 AND chat_id = $2 AND message_id = before.id AND taken_until = $4"
      " AND wish IS NOT NULL",
      change.bot_id, change.chat_id, change.message_ids, change.taken_until, WordOf(change.kind),
      change.replacement);
}

void NoteGone(Transaction& tx, const Change& change) {
  tx.Queue("DELETE FROM chat_messages WHERE bot_id = $1 AND chat_id = $2 AND message_id = ANY($3)",
           change.bot_id, change.chat_id, change.message_ids);
}

void NoteGivenUp(Transaction& tx, const Change& change) {
  // What was wished meanwhile stands.
  tx.Queue(
      "UPDATE chat_messages AS m SET taken_until = NULL,"
      " failures = CASE WHEN changed THEN failures ELSE 0 END,"
      " lifecycle = CASE WHEN gives_up_delete THEN 'onetime' ELSE lifecycle END,"
      " tag = CASE WHEN gives_up_delete THEN '' ELSE tag END,"
      " expires_at = CASE WHEN NOT gives_up_delete THEN expires_at END,"
      " wish = CASE WHEN changed THEN m.wish"
      " WHEN NOT gives_up_delete AND expires_at IS NOT NULL THEN 'delete' END,"
      " due_at = CASE WHEN changed THEN m.due_at WHEN NOT gives_up_delete THEN expires_at END,"
      " replacement = CASE WHEN changed THEN m.replacement END"
      " FROM (SELECT message_id AS id, wish <> $5 OR replacement <> $6 AS changed,"
      " wish = $5 AND $5 = 'delete' AS gives_up_delete FROM chat_messages"
      " WHERE bot_id = $1 AND chat_id = $2 AND message_id = ANY($3)) AS before"
      " WHERE bot_id = $1 AND chat_id = $2 AND message_id = before.id AND taken_until = $4"
      " AND wish IS NOT NULL",
      change.bot_id, change.chat_id, change.message_ids, change.taken_until, WordOf(change.kind),
      change.replacement);
}

void NoteLater(Transaction& tx, const Change& change, absl::Time due_at, bool failed) {
  tx.Queue(
      "UPDATE chat_messages SET taken_until = NULL,"
      " due_at = CASE WHEN wish = $5 THEN $6 ELSE due_at END,"
      " failures = failures + CASE WHEN wish = $5 AND $7 THEN 1 ELSE 0 END"
      " WHERE bot_id = $1 AND chat_id = $2 AND message_id = ANY($3) AND taken_until = $4"
      " AND wish IS NOT NULL",
      change.bot_id, change.chat_id, change.message_ids, change.taken_until, WordOf(change.kind),
      due_at, failed);
}

void NoteOneByOne(Transaction& tx, const Change& change) {
  tx.Queue(
      "UPDATE chat_messages SET taken_until = NULL, alone = true"
      " WHERE bot_id = $1 AND chat_id = $2 AND message_id = ANY($3) AND taken_until = $4",
      change.bot_id, change.chat_id, change.message_ids, change.taken_until);
}

void NoteOnlyButtons(Transaction& tx, const Change& change, absl::Time now) {
  tx.Queue(
      "UPDATE chat_messages SET taken_until = NULL, failures = 0, replacement = NULL,"
      " lifecycle = CASE WHEN $5 THEN 'onetime' ELSE lifecycle END,"
      " tag = CASE WHEN $5 THEN '' ELSE tag END,"
      " expires_at = CASE WHEN NOT $5 THEN expires_at END,"
      " wish = CASE WHEN has_buttons THEN 'clear_buttons'"
      " WHEN NOT $5 AND expires_at IS NOT NULL THEN 'delete' END,"
      " due_at = CASE WHEN has_buttons THEN $6 WHEN NOT $5 THEN expires_at END"
      " WHERE bot_id = $1 AND chat_id = $2 AND message_id = ANY($3) AND taken_until = $4",
      change.bot_id, change.chat_id, change.message_ids, change.taken_until,
      change.kind == Change::Kind::kDelete, now);
}

absl::StatusOr<std::vector<int64_t>> ChatsDue(Transaction& tx, int64_t bot_id, absl::Time now,
                                              int limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t>("SELECT chat_id FROM chat_messages WHERE bot_id = $1"
                                     " AND wish IS NOT NULL AND due_at <= $2"
                                     " AND (taken_until IS NULL OR taken_until <= $2)"
                                     " GROUP BY chat_id ORDER BY min(due_at) LIMIT $3",
                                     bot_id, now, limit));
  std::vector<int64_t> chats;
  for (const auto& [chat_id] : rows) chats.push_back(chat_id);
  return chats;
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
  return tx.Execute(absl::StrCat("UPDATE chat_messages SET wish = 'delete', replacement = NULL,"
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
