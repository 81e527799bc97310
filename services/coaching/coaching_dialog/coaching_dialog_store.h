// All SQL of the coaching dialog; see migrations/. Functions that return nothing are queued: they
// cost no round trip of their own. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"

namespace selfology::coaching_dialog::store {

// How long the trace of a journey is remembered.
inline constexpr absl::Duration kMemory = absl::Hours(24);

void SaveTrace(postgres::Transaction& tx, int64_t user_id, std::string_view traceparent,
               absl::Time now);
absl::StatusOr<std::optional<std::string>> ReadTrace(postgres::Transaction& tx, int64_t user_id);

void SaveChatPause(postgres::Transaction& tx, int64_t user_id, absl::Time now);
void DeleteChatPause(postgres::Transaction& tx, int64_t user_id);
absl::StatusOr<std::optional<absl::Time>> ReadChatPause(postgres::Transaction& tx, int64_t user_id);

// Of the message whose buttons are of use; empty: of none. What changed later stays.
void SaveOpenKey(postgres::Transaction& tx, int64_t user_id, std::string_view message_key,
                 absl::Time now);
absl::StatusOr<std::optional<std::string>> ReadOpenKey(postgres::Transaction& tx, int64_t user_id);

// Forgets traces that are older than kMemory; the number of rows.
absl::StatusOr<int64_t> ForgetOld(postgres::Transaction& tx, absl::Time now);
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::coaching_dialog::store
