// All SQL of the gateway but that of held updates (held_store.h); see migrations/. Functions that
// return nothing are queued: they cost no round trip of their own. Errors: the transaction's.
// Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/advisory_lock.h"
#include "common/postgres/transaction.h"
#include "selfology/telegram/v1/telegram.pb.h"
#include "services/edge/telegram_gateway/delivery/outgoing.h"

namespace selfology::telegram_gateway::store {

// How long sent messages and handled updates are remembered: the contract's 24 hours for
// idempotency keys, and as long as Telegram keeps updates.
inline constexpr absl::Duration kMemory = absl::Hours(24);

// Held by whoever adds to a person's messages or held updates, claims one, notes what became of one
// or erases them; taken before any of their rows. Erasing sees all that was added before. A claim
// sees the order as it is: had it waited for a row's lock instead, it would get that row although
// another has come ahead of it meanwhile.
inline constexpr postgres::AdvisoryLock LockOrder("telegram_gateway.order");

// Puts a message behind what the person is to be sent, unless one with its key is there already. If
// the one that it waits for (after_key) is not, it is held back for as long as it says. One that
// others wait for goes before these, and they need not wait any longer.
void Enqueue(postgres::Transaction& tx, const Outgoing& message, absl::Time now);

// A message taken to be sent.
struct Claimed {
  int64_t id = 0;
  Outgoing message;
  int failures = 0;
  std::vector<int64_t> message_ids;  // Of the pieces sent so far.
  absl::Time worthless_at;
  bool in_doubt = false;  // It was taken before, and nobody said what became of it.
  bool readable = true;   // The stored body parses; else message.body has no text.
};
struct Next {
  std::optional<Claimed> claimed;
  absl::Time due_at = absl::InfiniteFuture();  // Else: when to look again.
};
// Takes the person's next message, for as long as until `until`, unless it is not due or taken by
// another.
absl::StatusOr<Next> ClaimNext(postgres::Transaction& tx, int64_t user_id, absl::Time now,
                               absl::Time until);

// What became of a claimed message, for those who hold LockOrder; one that was dropped meanwhile
// stays so. A piece was sent; with the last one it is done:
void NotePiece(postgres::Transaction& tx, int64_t id, int64_t message_id, bool is_last,
               absl::Time now);
// It goes back to wait; `failed`: after a failure.
// `in_doubt`: it may have got there all the same.
void Postpone(postgres::Transaction& tx, int64_t id, absl::Time due_at, bool failed, bool in_doubt);
// It is done with, sent or not.
void Close(postgres::Transaction& tx, int64_t id, bool sent);
// All that waits for someone who cannot be reached, or wants nothing of it any more.
void DropAll(postgres::Transaction& tx, int64_t user_id);

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

// Who hears what a person writes, and in which language the gateway speaks to them.
struct Focus {
  std::string dialog = {};    // Empty: nobody was chosen.
  std::string language = {};  // BCP 47; empty: not known.
};
absl::StatusOr<Focus> ReadFocus(postgres::Transaction& tx, int64_t user_id);
void TakeFocus(postgres::Transaction& tx, int64_t user_id, std::string_view dialog, absl::Time now);
// To whoever had it before, if this dialog has it.
void GiveBackFocus(postgres::Transaction& tx, int64_t user_id, std::string_view dialog,
                   absl::Time now);
void KeepLanguage(postgres::Transaction& tx, int64_t user_id, std::string_view language,
                  absl::Time now);

// What an update needs to be known, in one round trip.
struct Situation {
  bool handled = false;
  Focus focus = {};
  // By dialog: the mark of the newest message with one that was sent, so far as is known.
  std::map<std::string, std::string, std::less<>> marks = {};
  // A message with a mark is on its way to Telegram: soon more will be known.
  bool marks_may_change = false;
  // The person's first update that waits to be handled; 0: none does.
  int64_t first_held = 0;
  std::string held_for = {};  // The dialog whose failure that one waits out; may be empty.
  bool held = false;          // This update is there itself, waiting or parked.
};
// For `marks` count messages with a number of Telegram's below shown_before (0: all) and those of an
// unknown outcome that were tried until shown_until.
absl::StatusOr<Situation> ReadSituation(postgres::Transaction& tx, int64_t bot_id,
                                        int64_t update_id, int64_t user_id, int64_t shown_before,
                                        absl::Time shown_until);
// False: it was handled already.
absl::StatusOr<bool> MarkHandled(postgres::Transaction& tx, int64_t bot_id, int64_t update_id,
                                 v1::UpdateOutcome outcome, absl::Time now);

// What dialogs said of themselves last: names and encoded descriptions.
absl::StatusOr<std::map<std::string, std::string>> ReadDialogs(postgres::Transaction& tx);
void SaveDialog(postgres::Transaction& tx, std::string_view name, std::string description,
                absl::Time now);

// Forgets what is older than kMemory; the number of rows.
absl::StatusOr<int64_t> ForgetOld(postgres::Transaction& tx, absl::Time now);
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::telegram_gateway::store
