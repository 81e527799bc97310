#include "services/edge/telegram_gateway/person_store.h"

#include <optional>
#include <string_view>
#include <tuple>

#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/gateway_store.h"

namespace selfology::telegram_gateway::store {
namespace {

using postgres::Transaction;

constexpr std::string_view kOfChat[] = {"DELETE FROM outgoing_messages WHERE user_id = $1",
                                        "DELETE FROM held_updates WHERE user_id = $1",
                                        "DELETE FROM media WHERE user_id = $1",
                                        "DELETE FROM chat_messages WHERE chat_id = $1",
                                        "DELETE FROM chats WHERE chat_id = $1",
                                        "DELETE FROM bot_focus WHERE user_id = $1",
                                        "DELETE FROM chat_focus WHERE user_id = $1"};
constexpr std::string_view kWithoutChat[] = {"DELETE FROM outgoing_messages WHERE user_id = $1",
                                             "DELETE FROM media WHERE user_id = $1"};
// What was said and sent before it became another's.
constexpr std::string_view kBeforeLink[] = {
    "DELETE FROM outgoing_messages WHERE user_id = $1 AND created_at < $2",
    "DELETE FROM held_updates WHERE user_id = $1 AND held_at < $2",
    "DELETE FROM media WHERE user_id = $1 AND created_at < $2"};

}  // namespace

absl::StatusOr<int64_t> ChatOf(Transaction& tx, int64_t user_id) {
  if (user_id < kEndOfTelegramIds) return user_id;
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>("SELECT telegram_id FROM linked_chats WHERE user_id = $1", user_id));
  return row.has_value() ? std::get<0>(*row) : 0;
}

absl::StatusOr<int64_t> ChatOf(postgres::Database& database, const Call& call, int64_t user_id) {
  if (user_id < kEndOfTelegramIds) return user_id;
  return database.Read(call, [&](Transaction& tx) { return ChatOf(tx, user_id); },
                       {.newest = true});
}

absl::StatusOr<int64_t> PersonOf(Transaction& tx, int64_t telegram_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>("SELECT user_id FROM linked_chats WHERE telegram_id = $1", telegram_id));
  return row.has_value() ? std::get<0>(*row) : telegram_id;
}

void LinkChat(Transaction& tx, int64_t user_id, int64_t telegram_id, absl::Time now) {
  LockOrder(tx, telegram_id);
  tx.Queue("DELETE FROM linked_chats WHERE (user_id = $1) <> (telegram_id = $2)", user_id,
           telegram_id);
  if (user_id == telegram_id) return;
  tx.Queue(
      "INSERT INTO linked_chats (user_id, telegram_id, linked_at) VALUES ($1, $2, $3)"
      " ON CONFLICT DO NOTHING",
      user_id, telegram_id, now);
}

absl::StatusOr<int64_t> DeleteUser(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const int64_t chat_id, ChatOf(tx, user_id));
  int64_t deleted = 0;
  if (chat_id != user_id) {
    // What was theirs while they had no chat.
    LockOrder(tx, user_id);
    for (const std::string_view sql : kWithoutChat) {
      ASSIGN_OR_RETURN(const int64_t rows, tx.Execute(sql, user_id));
      deleted += rows;
    }
  }
  if (chat_id == 0) return deleted;
  LockOrder(tx, chat_id);
  ASSIGN_OR_RETURN(
      const auto linked,
      tx.QueryOne<absl::Time>(
          "SELECT linked_at FROM linked_chats WHERE telegram_id = $1 AND user_id <> $2", chat_id,
          user_id));
  if (linked.has_value()) {
    for (const std::string_view sql : kBeforeLink) {
      ASSIGN_OR_RETURN(const int64_t rows, tx.Execute(sql, chat_id, std::get<0>(*linked)));
      deleted += rows;
    }
    return deleted;
  }
  for (const std::string_view sql : kOfChat) {
    ASSIGN_OR_RETURN(const int64_t rows, tx.Execute(sql, chat_id));
    deleted += rows;
  }
  ASSIGN_OR_RETURN(const int64_t links,
                   tx.Execute("DELETE FROM linked_chats WHERE user_id = $1", user_id));
  return deleted + links;
}

}  // namespace selfology::telegram_gateway::store
