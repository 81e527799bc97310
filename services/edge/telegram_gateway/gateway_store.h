// All SQL of the gateway; see migrations/. Functions that return nothing are queued: they cost no
// round trip of their own. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "services/edge/telegram_gateway/outgoing.h"

namespace selfology::telegram_gateway::store {

// How long sent messages and handled updates are remembered: the contract's 24 hours for
// idempotency keys, and as long as Telegram keeps updates.
inline constexpr absl::Duration kMemory = absl::Hours(24);

// False: there is one with this key already, and this one is dropped. Not sent before `place_at`,
// which is also its place among the person's messages.
absl::StatusOr<bool> Enqueue(postgres::Transaction& tx, const Outgoing& message,
                             absl::Time place_at, absl::Time now);

// Whether the person's latest question has had no feedback yet.
absl::StatusOr<bool> AwaitsFeedback(postgres::Transaction& tx, int64_t user_id);
// What was to wait for feedback need not any longer.
void ReleaseHeld(postgres::Transaction& tx, int64_t user_id, absl::Time now);

// A message taken to be sent.
struct Claimed {
  int64_t id = 0;
  Outgoing message;
  int failures = 0;
  std::vector<int64_t> message_ids;  // Of the pieces sent so far.
  absl::Time created_at;
  bool in_doubt = false;  // It was taken before, and nobody said what became of it.
  bool readable = true;   // The stored body parses; else message.body is empty.
};
struct Next {
  std::optional<Claimed> claimed;
  absl::Time due_at = absl::InfiniteFuture();  // Else: when to look again.
};
// Takes the person's next message, for as long as until `until`, unless it is not due or taken by
// another.
absl::StatusOr<Next> ClaimNext(postgres::Transaction& tx, int64_t user_id, absl::Time now,
                               absl::Time until);

// What became of a claimed message. A piece was sent; with the last one it is done:
void NotePiece(postgres::Transaction& tx, int64_t id, int64_t message_id, bool is_last,
               absl::Time now);
// It goes back to wait; `failed`: after a failure.
void Postpone(postgres::Transaction& tx, int64_t id, absl::Time due_at, bool failed);
// It is done with, sent or not.
void Close(postgres::Transaction& tx, int64_t id, bool sent);
// All that waits for someone who cannot be reached.
absl::StatusOr<int64_t> DropAll(postgres::Transaction& tx, int64_t user_id);

// What became of a message.
struct Fate {
  enum class Status { kWaiting, kSending, kSent, kDropped };
  Status status = Status::kWaiting;
  int failures = 0;
  absl::Time due_at;
  std::vector<int64_t> message_ids;
};
absl::StatusOr<std::optional<Fate>> FateOf(postgres::Transaction& tx, int64_t user_id,
                                           std::string_view key);
// Takes a message back before it is sent; false: too late.
absl::StatusOr<bool> Withdraw(postgres::Transaction& tx, int64_t user_id, std::string_view key);

// People with something due, and how many messages wait in all.
absl::StatusOr<std::vector<int64_t>> UsersDue(postgres::Transaction& tx, absl::Time now, int limit);
absl::StatusOr<int64_t> CountUnsent(postgres::Transaction& tx);
// When these people were last written to, as far as that was since.
absl::StatusOr<std::vector<std::pair<int64_t, absl::Time>>> LatestSince(
    postgres::Transaction& tx, const std::vector<int64_t>& user_ids, absl::Time since);

absl::StatusOr<bool> WasHandled(postgres::Transaction& tx, int64_t bot_id, int64_t update_id);
// False: it was handled already.
absl::StatusOr<bool> MarkHandled(postgres::Transaction& tx, int64_t bot_id, int64_t update_id,
                                 v1::UpdateOutcome outcome, absl::Time now);

void SaveTrace(postgres::Transaction& tx, int64_t user_id, std::string_view traceparent,
               absl::Time now);
absl::StatusOr<std::optional<std::string>> ReadTrace(postgres::Transaction& tx, int64_t user_id);

// Forgets what is older than kMemory; the number of rows.
absl::StatusOr<int64_t> ForgetOld(postgres::Transaction& tx, absl::Time now);
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::telegram_gateway::store
