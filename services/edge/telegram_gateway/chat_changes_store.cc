// Pending changes of messages in the chats: how they are asked for, claimed and done. See chat_store.h.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/chat_store.h"

namespace selfology::telegram_gateway::store {
namespace {

using postgres::Transaction;

// https://core.telegram.org/bots/api#deletemessages
constexpr size_t kMostAtOnce = 100;

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

struct ChangeRow {
  int64_t message_id = 0;
  std::string pending_change;
  std::string replacement;
  postgres::Bytes replacement_buttons;
  std::string dialog;
  int failures = 0;
  bool alone = false;
  absl::Time ready_at;
};

}  // namespace

void NotePress(Transaction& tx, const Pressed& pressed, absl::Time now) {
  LockOrder(tx, pressed.chat_id);
  const bool replace = !pressed.replacement.empty();
  if (replace) {
    tx.Queue(absl::StrCat("UPDATE chat_messages SET pending_change = 'replace', replacement = $5,"
                          " replacement_buttons = $6, due_at = $3, failures = 0"
                          " WHERE bot_id = $1 AND chat_id = $2 AND message_id = $4 AND",
                          kStays),
             pressed.bot_id, pressed.chat_id, now, pressed.message_id, pressed.replacement,
             postgres::Bytes{pressed.replacement_buttons.SerializeAsString()});
  } else {
    // All pieces of one that is EPHEMERAL.
    tx.Queue(
        absl::StrCat("UPDATE chat_messages SET due_at = $3, failures = 0, replacement = NULL,"
                     " pending_change = CASE lifecycle WHEN 'ephemeral' THEN 'delete' ELSE "
                     "'clear_buttons' END"
                     " WHERE bot_id = $1 AND chat_id = $2 AND CASE lifecycle WHEN 'ephemeral' THEN"
                     " message_id = $4 OR outgoing_id = (SELECT outgoing_id FROM chat_messages"
                     " WHERE bot_id = $1 AND chat_id = $2 AND message_id = $4 AND outgoing_id <> 0)"
                     " ELSE message_id = $4 AND has_buttons AND (NOT keep_buttons OR $5)"
                     " AND (buttons = '{}' OR $6 = ANY(buttons))"
                     " AND pending_change IS DISTINCT FROM 'replace' END AND",
                     kStays),
        pressed.bot_id, pressed.chat_id, now, pressed.message_id, pressed.remove_buttons,
        pressed.data);
  }
  // It is not known: it is older, or just being sent, and then more will be known soon.
  tx.Queue(
      "INSERT INTO chat_messages (bot_id, chat_id, message_id, outgoing_id, lifecycle, sent_at,"
      " has_buttons, pending_change, replacement, replacement_buttons, due_at)"
      " VALUES ($1, $2, $3, 0, 'onetime', $4, true, $5, $6, $7, $4 + CASE WHEN EXISTS"
      " (SELECT FROM outgoing_messages WHERE user_id = $2 AND bot_id = $1 AND status = 'sending')"
      " THEN interval '1 second' ELSE interval '0' END)"
      " ON CONFLICT (bot_id, chat_id, message_id) DO NOTHING",
      pressed.bot_id, pressed.chat_id, pressed.message_id, now,
      WordOf(replace ? Change::Kind::kReplace : Change::Kind::kClearButtons),
      replace ? std::optional<std::string>(pressed.replacement) : std::nullopt,
      postgres::Bytes{pressed.replacement_buttons.SerializeAsString()});
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
  tx.Queue(
      absl::StrCat(
          "UPDATE chat_messages SET pending_change = 'clear_buttons', due_at = $3, failures = 0"
          " WHERE bot_id = $1 AND chat_id = $2 AND dialog = $4 AND key = ANY($5)"
          " AND has_buttons AND pending_change IS DISTINCT FROM 'replace' AND",
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
  tx.Queue(absl::StrCat("UPDATE chat_messages SET pending_change = 'delete', replacement = NULL,"
                        " due_at = $3, failures = 0"
                        " WHERE bot_id = $1 AND chat_id = $2 AND lifecycle = 'ephemeral' AND",
                        kStays),
           bot_id, chat_id, now);
}

absl::StatusOr<NextChange> ClaimChange(Transaction& tx, int64_t bot_id, int64_t chat_id,
                                       absl::Time now, absl::Time until) {
  LockOrder(tx, chat_id);
  ASSIGN_OR_RETURN(
      std::vector<ChangeRow> rows,
      tx.Query<ChangeRow>(
          "SELECT message_id, pending_change, COALESCE(replacement, ''), replacement_buttons,"
          " dialog, failures, alone,"
          " GREATEST(due_at, taken_until) FROM chat_messages"
          " WHERE bot_id = $1 AND chat_id = $2 AND pending_change IS NOT NULL"
          " ORDER BY GREATEST(due_at, taken_until), message_id LIMIT $3",
          bot_id, chat_id, static_cast<int64_t>(kMostAtOnce)));
  if (rows.empty()) return NextChange{};
  if (rows[0].ready_at > now) return NextChange{.due_at = rows[0].ready_at};
  std::erase_if(rows, [now](const ChangeRow& row) { return row.ready_at > now; });
  // What is looked at first: buttons, for somebody may be about to press them.
  const auto edit = std::find_if(rows.begin(), rows.end(), [](const ChangeRow& row) {
    return row.pending_change != "delete";
  });
  const ChangeRow& first = edit == rows.end() ? rows[0] : *edit;
  Change change{.kind = KindOf(first.pending_change),
                .bot_id = bot_id,
                .chat_id = chat_id,
                .message_ids = {first.message_id},
                .replacement = first.replacement,
                .dialog = first.dialog,
                .failures = first.failures,
                .taken_until = until};
  if (change.kind == Change::Kind::kDelete && !first.alone) {
    for (const ChangeRow& row : rows) {
      if (row.alone || row.message_id == first.message_id) continue;
      change.message_ids.push_back(row.message_id);
      change.failures = std::max(change.failures, row.failures);
    }
  }
  if (change.kind == Change::Kind::kReplace &&
      !change.replacement_buttons.ParseFromString(first.replacement_buttons.value)) {
    return absl::InternalError("the buttons of a replacement do not parse");
  }
  tx.Queue(
      "UPDATE chat_messages SET taken_until = $4"
      " WHERE bot_id = $1 AND chat_id = $2 AND message_id = ANY($3)",
      bot_id, chat_id, change.message_ids, until);
  return NextChange{.change = std::move(change), .due_at = now};
}

void NoteDone(Transaction& tx, const Change& change) {
  if (change.kind == Change::Kind::kDelete) return NoteGone(tx, change);
  const v1::DialogMessage& buttons = change.replacement_buttons;
  // A change that came meanwhile stands.
  tx.Queue(
      "UPDATE chat_messages AS m SET taken_until = NULL, has_buttons = $8, buttons = $9,"
      " keep_buttons = keep_buttons OR $8, failures = 0,"
      " pending_change = CASE WHEN changed THEN m.pending_change"
      " WHEN expires_at IS NOT NULL THEN 'delete' END,"
      " due_at = CASE WHEN changed THEN m.due_at ELSE expires_at END,"
      " replacement = CASE WHEN changed THEN m.replacement END,"
      " replacement_buttons = CASE WHEN changed THEN m.replacement_buttons ELSE '' END"
      " FROM (SELECT message_id AS id, pending_change <> $5 OR replacement <> $6"
      " OR pending_change = 'replace' AND replacement_buttons <> $7 AS changed"
      " FROM chat_messages WHERE bot_id = $1 AND chat_id = $2 AND message_id = ANY($3)) AS before"
      " WHERE bot_id = $1 AND chat_id = $2 AND message_id = before.id AND taken_until = $4"
      " AND pending_change IS NOT NULL",
      change.bot_id, change.chat_id, change.message_ids, change.taken_until, WordOf(change.kind),
      change.replacement, postgres::Bytes{buttons.SerializeAsString()},
      !buttons.button_rows().empty(), ButtonsOf(buttons));
}

void NoteGone(Transaction& tx, const Change& change) {
  tx.Queue("DELETE FROM chat_messages WHERE bot_id = $1 AND chat_id = $2 AND message_id = ANY($3)",
           change.bot_id, change.chat_id, change.message_ids);
}

void NoteGivenUp(Transaction& tx, const Change& change) {
  // A change that came meanwhile stands.
  tx.Queue(
      "UPDATE chat_messages AS m SET taken_until = NULL,"
      " failures = CASE WHEN changed THEN failures ELSE 0 END,"
      " lifecycle = CASE WHEN gives_up_delete THEN 'onetime' ELSE lifecycle END,"
      " tag = CASE WHEN gives_up_delete THEN '' ELSE tag END,"
      " expires_at = CASE WHEN NOT gives_up_delete THEN expires_at END,"
      " pending_change = CASE WHEN changed THEN m.pending_change"
      " WHEN NOT gives_up_delete AND expires_at IS NOT NULL THEN 'delete' END,"
      " due_at = CASE WHEN changed THEN m.due_at WHEN NOT gives_up_delete THEN expires_at END,"
      " replacement = CASE WHEN changed THEN m.replacement END,"
      " replacement_buttons = CASE WHEN changed THEN m.replacement_buttons ELSE '' END"
      " FROM (SELECT message_id AS id, pending_change <> $5 OR replacement <> $6"
      " OR pending_change = 'replace' AND replacement_buttons <> $7 AS changed,"
      " pending_change = $5 AND $5 = 'delete' AS gives_up_delete FROM chat_messages"
      " WHERE bot_id = $1 AND chat_id = $2 AND message_id = ANY($3)) AS before"
      " WHERE bot_id = $1 AND chat_id = $2 AND message_id = before.id AND taken_until = $4"
      " AND pending_change IS NOT NULL",
      change.bot_id, change.chat_id, change.message_ids, change.taken_until, WordOf(change.kind),
      change.replacement, postgres::Bytes{change.replacement_buttons.SerializeAsString()});
}

void NoteLater(Transaction& tx, const Change& change, absl::Time due_at, bool failed) {
  tx.Queue(
      "UPDATE chat_messages SET taken_until = NULL,"
      " due_at = CASE WHEN pending_change = $5 THEN $6 ELSE due_at END,"
      " failures = failures + CASE WHEN pending_change = $5 AND $7 THEN 1 ELSE 0 END"
      " WHERE bot_id = $1 AND chat_id = $2 AND message_id = ANY($3) AND taken_until = $4"
      " AND pending_change IS NOT NULL",
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
      " replacement_buttons = '',"
      " lifecycle = CASE WHEN $5 THEN 'onetime' ELSE lifecycle END,"
      " tag = CASE WHEN $5 THEN '' ELSE tag END,"
      " expires_at = CASE WHEN NOT $5 THEN expires_at END,"
      " pending_change = CASE WHEN has_buttons THEN 'clear_buttons'"
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
                                     " AND pending_change IS NOT NULL AND due_at <= $2"
                                     " AND (taken_until IS NULL OR taken_until <= $2)"
                                     " GROUP BY chat_id ORDER BY min(due_at) LIMIT $3",
                                     bot_id, now, limit));
  std::vector<int64_t> chats;
  for (const auto& [chat_id] : rows) chats.push_back(chat_id);
  return chats;
}

}  // namespace selfology::telegram_gateway::store
