// Whose a chat is. A person's id is that of their chat with the bot, unless they linked it to a web
// account that was kept (docs/decisions/0003-one-person-one-id.md).
//
//   ASSIGN_OR_RETURN(const int64_t chat_id, store::ChatOf(database, call, event.user_id()));
//   if (chat_id == 0) ...                      // They have no chat.
//
// The other way is Situation::person_id. Errors: those of the database. Threads: as transactions.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "common/postgres/transaction.h"

namespace selfology::telegram_gateway::store {

// Telegram's ids are below it (https://core.telegram.org/bots/api#user).
inline constexpr int64_t kEndOfTelegramIds = int64_t{1} << 52;

// 0: none. The id itself, without a round trip, if it may be Telegram's, or a group's or channel's.
absl::StatusOr<int64_t> ChatOf(postgres::Transaction& tx, int64_t user_id);
absl::StatusOr<int64_t> ChatOf(postgres::Database& database, const Call& call, int64_t user_id);

// Whose the chat of this Telegram account is.
absl::StatusOr<int64_t> PersonOf(postgres::Transaction& tx, int64_t telegram_id);

// From now on the chat is that person's, and no other is; said again, it changes nothing.
void LinkChat(postgres::Transaction& tx, int64_t user_id, int64_t telegram_id, absl::Time now);

// Deletes what there is of a person; the number of rows. Of one whose chat has become another's, what
// was there before it was linked; the chat itself stays.
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::telegram_gateway::store
