#include "services/coaching/coaching_dialog/coaching_dialog_store.h"

#include <tuple>
#include <utility>

#include "common/status/status_macros.h"

namespace selfology::coaching_dialog::store {

using postgres::Transaction;

void SaveTrace(Transaction& tx, int64_t user_id, std::string_view traceparent, absl::Time now) {
  tx.Queue(
      "INSERT INTO coaching_journeys (user_id, traceparent, began_at) VALUES ($1, $2, $3)"
      " ON CONFLICT (user_id) DO UPDATE SET traceparent = EXCLUDED.traceparent,"
      " began_at = EXCLUDED.began_at",
      user_id, traceparent, now);
}

absl::StatusOr<std::optional<std::string>> ReadTrace(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(auto row,
                   tx.QueryOne<std::string>(
                       "SELECT traceparent FROM coaching_journeys WHERE user_id = $1", user_id));
  if (!row.has_value()) return std::nullopt;
  return std::get<0>(*std::move(row));
}

void SaveChatPause(Transaction& tx, int64_t user_id, absl::Time now) {
  tx.Queue(
      "INSERT INTO coaching_chat_pauses (user_id, paused_at) VALUES ($1, $2)"
      " ON CONFLICT (user_id) DO UPDATE SET paused_at = EXCLUDED.paused_at",
      user_id, now);
}

void DeleteChatPause(Transaction& tx, int64_t user_id) {
  tx.Queue("DELETE FROM coaching_chat_pauses WHERE user_id = $1", user_id);
}

absl::StatusOr<std::optional<absl::Time>> ReadChatPause(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(auto row,
                   tx.QueryOne<absl::Time>(
                       "SELECT paused_at FROM coaching_chat_pauses WHERE user_id = $1", user_id));
  if (!row.has_value()) return std::nullopt;
  return std::get<0>(*row);
}

void SaveOpenKey(Transaction& tx, int64_t user_id, std::string_view message_key, absl::Time now) {
  tx.Queue(
      "INSERT INTO coaching_open_buttons AS known (user_id, message_key, changed_at)"
      " VALUES ($1, $2, $3)"
      " ON CONFLICT (user_id) DO UPDATE SET message_key = EXCLUDED.message_key,"
      " changed_at = EXCLUDED.changed_at WHERE known.changed_at <= EXCLUDED.changed_at",
      user_id, message_key, now);
}

absl::StatusOr<std::optional<std::string>> ReadOpenKey(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(
      auto row, tx.QueryOne<std::string>(
                    "SELECT message_key FROM coaching_open_buttons WHERE user_id = $1", user_id));
  if (!row.has_value()) return std::nullopt;
  return std::get<0>(*std::move(row));
}

absl::StatusOr<int64_t> ForgetOld(Transaction& tx, absl::Time now) {
  return tx.Execute("DELETE FROM coaching_journeys WHERE began_at < $1", now - kMemory);
}

absl::StatusOr<int64_t> DeleteUser(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const int64_t pauses,
                   tx.Execute("DELETE FROM coaching_chat_pauses WHERE user_id = $1", user_id));
  ASSIGN_OR_RETURN(const int64_t journeys,
                   tx.Execute("DELETE FROM coaching_journeys WHERE user_id = $1", user_id));
  ASSIGN_OR_RETURN(const int64_t buttons,
                   tx.Execute("DELETE FROM coaching_open_buttons WHERE user_id = $1", user_id));
  return pauses + journeys + buttons;
}

}  // namespace selfology::coaching_dialog::store
