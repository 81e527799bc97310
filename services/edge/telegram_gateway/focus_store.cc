#include "services/edge/telegram_gateway/focus_store.h"

#include <optional>
#include <tuple>
#include <utility>

#include "common/status/status_macros.h"

namespace selfology::telegram_gateway::store {

using postgres::Transaction;

namespace {

// FOCUS_CHANGE_BORROW.
constexpr absl::Duration kLoan = absl::Minutes(30);

}  // namespace

absl::StatusOr<Focus> ReadFocus(Transaction& tx, int64_t bot_id, int64_t user_id) {
  ASSIGN_OR_RETURN(std::optional<Focus> focus, tx.QueryOne<Focus>(kReadFocus, bot_id, user_id));
  return std::move(focus).value_or(Focus{});
}

void TakeFocus(Transaction& tx, int64_t bot_id, int64_t user_id, std::string_view dialog,
               absl::Time now) {
  tx.Queue(
      "INSERT INTO bot_focus AS f (bot_id, user_id, dialog, changed_at) VALUES ($1, $2, $3, $4)"
      " ON CONFLICT (user_id, bot_id) DO UPDATE SET dialog = EXCLUDED.dialog, previous_dialog ="
      " CASE WHEN f.dialog = EXCLUDED.dialog THEN f.previous_dialog ELSE f.dialog END,"
      " borrowed_until = NULL, changed_at = EXCLUDED.changed_at"
      " WHERE f.dialog <> EXCLUDED.dialog OR f.borrowed_until IS NOT NULL",
      bot_id, user_id, dialog, now);
}

void GiveBackFocus(Transaction& tx, int64_t bot_id, int64_t user_id, std::string_view dialog,
                   absl::Time now) {
  tx.Queue(
      "UPDATE bot_focus SET borrowed_until = NULL, changed_at = $4"
      " WHERE bot_id = $1 AND user_id = $2 AND borrower = $3 AND borrowed_until IS NOT NULL",
      bot_id, user_id, dialog, now);
  tx.Queue(
      "UPDATE bot_focus SET dialog = previous_dialog, previous_dialog = '', changed_at = $4"
      " WHERE bot_id = $1 AND user_id = $2 AND dialog = $3",
      bot_id, user_id, dialog, now);
}

void BorrowFocus(Transaction& tx, int64_t bot_id, int64_t user_id, std::string_view dialog,
                 absl::Time now) {
  tx.Queue(
      "INSERT INTO bot_focus AS f (bot_id, user_id, borrower, borrowed_until, changed_at)"
      " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user_id, bot_id) DO UPDATE"
      " SET borrower = EXCLUDED.borrower, borrowed_until = EXCLUDED.borrowed_until,"
      " changed_at = EXCLUDED.changed_at",
      bot_id, user_id, dialog, now + kLoan, now);
}

void NoteQuestion(Transaction& tx, int64_t bot_id, int64_t user_id, std::string_view dialog,
                  absl::Time until, absl::Time now) {
  if (until == absl::InfinitePast()) {
    // A dialog that borrowed the focus while the question waited does not get the words that follow
    // its answer.
    tx.Queue(
        "UPDATE bot_focus SET questions = questions - $3::text, borrowed_until = CASE"
        " WHEN borrower = $3::text OR (questions ->> $3::text)::timestamptz <= $4"
        " THEN borrowed_until END"
        " WHERE bot_id = $1 AND user_id = $2 AND jsonb_exists(questions, $3::text)",
        bot_id, user_id, dialog, now);
    return;
  }
  tx.Queue(
      "INSERT INTO bot_focus AS f (bot_id, user_id, questions, changed_at)"
      " VALUES ($1, $2, jsonb_build_object($3::text, $4::timestamptz), $5)"
      " ON CONFLICT (user_id, bot_id) DO UPDATE SET questions = f.questions || EXCLUDED.questions,"
      " borrowed_until = CASE WHEN f.borrower = $3 THEN f.borrowed_until END",
      bot_id, user_id, dialog, until, now);
}

void KeepLanguage(Transaction& tx, int64_t bot_id, int64_t user_id, std::string_view language,
                  absl::Time now) {
  tx.Queue(
      "INSERT INTO bot_focus AS f (bot_id, user_id, language, changed_at) VALUES ($1, $2, $3, $4)"
      " ON CONFLICT (user_id, bot_id) DO UPDATE SET language = EXCLUDED.language,"
      " changed_at = EXCLUDED.changed_at WHERE f.language <> EXCLUDED.language",
      bot_id, user_id, language, now);
}

void KeepMenu(Transaction& tx, int64_t bot_id, int64_t user_id, std::string_view dialog,
              std::string_view menu, absl::Time now) {
  tx.Queue(
      "INSERT INTO bot_focus AS f (bot_id, user_id, menu, changed_at)"
      " VALUES ($1, $2, jsonb_build_object($3::text, $4::text), $5)"
      " ON CONFLICT (user_id, bot_id) DO UPDATE SET menu = f.menu || EXCLUDED.menu"
      " WHERE NOT f.menu @> EXCLUDED.menu",
      bot_id, user_id, dialog, menu, now);
}

void NoteMenuShown(Transaction& tx, int64_t bot_id, int64_t user_id, std::string_view shown) {
  tx.Queue("UPDATE bot_focus SET menu_shown = $3 WHERE bot_id = $1 AND user_id = $2", bot_id,
           user_id, shown);
}

void NoteHeard(Transaction& tx, int64_t bot_id, int64_t user_id, absl::Time now) {
  tx.Queue(
      "INSERT INTO bot_focus AS f (bot_id, user_id, changed_at, heard_at) VALUES ($1, $2, $3, $3)"
      " ON CONFLICT (user_id, bot_id) DO UPDATE"
      " SET heard_at = GREATEST(f.heard_at, EXCLUDED.heard_at)",
      bot_id, user_id, now);
}

void NoteLeft(Transaction& tx, int64_t bot_id, int64_t user_id) {
  tx.Queue("UPDATE bot_focus SET heard_at = NULL WHERE bot_id = $1 AND user_id = $2", bot_id,
           user_id);
}

absl::StatusOr<int64_t> BotFor(Transaction& tx, int64_t user_id, std::string_view key,
                               const std::vector<int64_t>& bots) {
  ASSIGN_OR_RETURN(
      const auto bot,
      tx.QueryOne<int64_t>("SELECT bot_id FROM"
                           " (SELECT bot_id, 0 AS place, created_at AS at FROM outgoing_messages"
                           " WHERE user_id = $1 AND key = $2 AND bot_id = ANY($3) UNION ALL"
                           " SELECT bot_id, 1, heard_at FROM bot_focus"
                           " WHERE user_id = $1 AND bot_id = ANY($3) AND heard_at IS NOT NULL)"
                           " AS found ORDER BY place, at DESC LIMIT 1",
                           user_id, key, bots));
  return bot.has_value() ? std::get<0>(*bot) : 0;
}

absl::StatusOr<int64_t> Adopt(Transaction& tx, int64_t bot_id) {
  // What the bot has already under the same key is the same.
  tx.Queue(
      "DELETE FROM outgoing_messages AS o WHERE bot_id = 0 AND EXISTS (SELECT FROM"
      " outgoing_messages AS known WHERE known.user_id = o.user_id AND known.key = o.key"
      " AND known.bot_id = $1)",
      bot_id);
  tx.Queue(
      "DELETE FROM bot_focus AS f WHERE bot_id = 0 AND EXISTS (SELECT FROM bot_focus AS known"
      " WHERE known.user_id = f.user_id AND known.bot_id = $1)",
      bot_id);
  ASSIGN_OR_RETURN(const int64_t messages,
                   tx.Execute("UPDATE outgoing_messages SET bot_id = $1 WHERE bot_id = 0", bot_id));
  ASSIGN_OR_RETURN(const int64_t people,
                   tx.Execute("UPDATE bot_focus SET bot_id = $1 WHERE bot_id = 0", bot_id));
  return messages + people;
}

}  // namespace selfology::telegram_gateway::store
