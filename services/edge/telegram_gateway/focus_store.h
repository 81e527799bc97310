// The SQL of what a person and a bot have with each other beside their messages: which dialog hears
// the person, in which language, what their menu shows; and which of several bots they wrote to
// last. See migrations/0008_bots.sql.
//
//   ASSIGN_OR_RETURN(const store::Focus focus, store::ReadFocus(tx, bot_id, user_id));
//   store::TakeFocus(tx, bot_id, user_id, "garden", now);
//   ASSIGN_OR_RETURN(const int64_t bot, store::BotFor(tx, user_id, "rpc:k1", {42, 43}));
//
// Functions that return nothing are queued. Errors: the transaction's. Threads: as the
// transaction's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"

namespace selfology::telegram_gateway::store {

// Who hears what a person writes to a bot, and in which language the gateway speaks to them there.
struct Focus {
  std::string dialog = {};      // Empty: nobody was chosen.
  std::string language = {};    // BCP 47; empty: not known.
  std::string menu = "{}";      // By dialog, the menu of commands that it wants, as JSON.
  std::string menu_shown = {};  // See routing/menus.h.
};
// Its columns; $1 is the bot, $2 the person.
inline constexpr std::string_view kReadFocus =
    "SELECT dialog, language, menu::text, menu_shown FROM bot_focus"
    " WHERE bot_id = $1 AND user_id = $2";
absl::StatusOr<Focus> ReadFocus(postgres::Transaction& tx, int64_t bot_id, int64_t user_id);

// What may keep words from the dialog that has the focus, as of a moment.
struct Hearing {
  // Hears them instead, unless the question of another waits; empty: nobody does.
  std::string borrower = {};
  std::vector<std::string> asking = {};  // The dialogs of which a question waits.
};
// Its columns; $1 is the bot, $2 the person, $3 the moment.
inline constexpr std::string_view kReadHearing =
    "SELECT CASE WHEN borrowed_until > $3 THEN borrower ELSE '' END,"
    " ARRAY(SELECT key FROM jsonb_each_text(questions) WHERE value::timestamptz > $3)"
    " FROM bot_focus WHERE bot_id = $1 AND user_id = $2";

// Nobody borrows it any more.
void TakeFocus(postgres::Transaction& tx, int64_t bot_id, int64_t user_id, std::string_view dialog,
               absl::Time now);
// To whoever had it before, if this dialog has it or has borrowed it.
void GiveBackFocus(postgres::Transaction& tx, int64_t bot_id, int64_t user_id,
                   std::string_view dialog, absl::Time now);
// For half an hour, also while the question of another waits.
void BorrowFocus(postgres::Transaction& tx, int64_t bot_id, int64_t user_id,
                 std::string_view dialog, absl::Time now);
// A question of the dialog's waits until then; InfinitePast: none does any more. If another dialog
// has borrowed the focus, its loan ends when a question is asked, and when one that still waited is
// answered or withdrawn.
void NoteQuestion(postgres::Transaction& tx, int64_t bot_id, int64_t user_id,
                  std::string_view dialog, absl::Time until, absl::Time now);
void KeepLanguage(postgres::Transaction& tx, int64_t bot_id, int64_t user_id,
                  std::string_view language, absl::Time now);

// Which of the dialog's commands the person's menu is to show, and what it shows.
void KeepMenu(postgres::Transaction& tx, int64_t bot_id, int64_t user_id, std::string_view dialog,
              std::string_view menu, absl::Time now);
void NoteMenuShown(postgres::Transaction& tx, int64_t bot_id, int64_t user_id,
                   std::string_view shown);

// The person did something in their chat with this bot.
void NoteHeard(postgres::Transaction& tx, int64_t bot_id, int64_t user_id, absl::Time now);
// They want nothing of it any more.
void NoteLeft(postgres::Transaction& tx, int64_t bot_id, int64_t user_id);
// Which of these bots says something to the person when nobody says which: the one that has said it
// already, by its key; else the one that they wrote to last; 0: no such.
absl::StatusOr<int64_t> BotFor(postgres::Transaction& tx, int64_t user_id, std::string_view key,
                               const std::vector<int64_t>& bots);

// What is of no bot becomes this one's: what was written before there were several, and what
// gateways of before go on writing until they are replaced. How many rows.
absl::StatusOr<int64_t> Adopt(postgres::Transaction& tx, int64_t bot_id);

}  // namespace selfology::telegram_gateway::store
