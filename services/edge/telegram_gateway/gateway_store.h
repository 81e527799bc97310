// The gateway's SQL except that of held updates (held_store.h), sent messages (chat_store.h) and
// focus (focus_store.h); see migrations/. Rows belong to one bot (bot_id). Functions that return
// nothing are queued: they cost no round trip of their own. Errors: the transaction's. Threads: as
// the transaction's.
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
#include "common/uuid/uuid.h"
#include "selfology/telegram/v1/telegram.pb.h"
#include "services/edge/telegram_gateway/delivery/outgoing.h"
#include "services/edge/telegram_gateway/focus_store.h"

namespace selfology::telegram_gateway::store {

// How long sent messages and handled updates are remembered: the contract's 24 hours for
// idempotency keys, and as long as Telegram keeps updates.
inline constexpr absl::Duration kMemory = absl::Hours(24);
// How long who has rendered an event is: operators replay dead letters late.
inline constexpr absl::Duration kRenderedMemory = absl::Hours(24 * 30);

// Held by whoever adds to a person's messages or held updates, claims one, notes what became of one
// or erases them; taken before any of their rows. Erasing sees all that was added before. A claim
// sees the order as it is: had it waited for a row's lock instead, it would get that row although
// another has come ahead of it meanwhile.
inline constexpr postgres::AdvisoryLock LockOrder("telegram_gateway.order");

// Puts a message behind what the bot is to send to the person, unless one with its key is there
// already. If the one that it waits for (after_key) is not, it is held back for as long as it says.
// One that others wait for goes before these, and they need not wait any longer.
void Enqueue(postgres::Transaction& tx, int64_t bot_id, const Outgoing& message, absl::Time now);

// A message taken to be sent.
struct Claimed {
  int64_t id = 0;
  Outgoing message;
  int failures = 0;
  int pieces_sent = 0;
  absl::Time worthless_at;
  bool in_doubt = false;  // It was taken before, and nobody said what became of it.
  bool readable = true;   // The stored body parses; else message.body has no text.
  int64_t edits = 0;      // The message in the chat whose place it takes by an edit; 0: it is sent.
};
struct Next {
  std::optional<Claimed> claimed;
  absl::Time due_at = absl::InfiniteFuture();  // Else: when to look again.
};
// Takes the bot's next message to the person, for as long as until `until`, unless it is not due or
// taken by another.
absl::StatusOr<Next> ClaimNext(postgres::Transaction& tx, int64_t bot_id, int64_t user_id,
                               absl::Time now, absl::Time until);

// What became of a claimed message, for those who hold LockOrder; one that was dropped meanwhile
// stays so. A piece was sent, as so many messages; with the last one it is done:
void NotePiece(postgres::Transaction& tx, int64_t id, const std::vector<int64_t>& message_ids,
               bool is_last, absl::Time now);
// It takes longer than most to be sent: the claim holds until `until`.
void ExtendClaim(postgres::Transaction& tx, int64_t id, absl::Time until);
// It goes back to wait; `failed`: after a failure.
// `in_doubt`: it may have got there all the same.
void Postpone(postgres::Transaction& tx, int64_t id, absl::Time due_at, bool failed, bool in_doubt);
// It is done with, sent or not.
void Close(postgres::Transaction& tx, int64_t id, bool sent);
// All that the bot has for someone who cannot be reached, or wants nothing of it any more.
void DropAll(postgres::Transaction& tx, int64_t bot_id, int64_t user_id);

// What became of a message.
struct Fate {
  enum class Status { kWaiting, kSending, kSent, kDropped };
  Status status = Status::kWaiting;
  int failures = 0;
  absl::Time due_at;
  std::vector<int64_t> message_ids;
};
absl::StatusOr<std::optional<Fate>> FateOf(postgres::Transaction& tx, int64_t bot_id,
                                           int64_t user_id, std::string_view key);
// Takes a message back before it is sent; false: too late.
absl::StatusOr<bool> Withdraw(postgres::Transaction& tx, int64_t bot_id, int64_t user_id,
                              std::string_view key);

// Of one bot: people with something due, and how many messages wait in all.
absl::StatusOr<std::vector<int64_t>> UsersDue(postgres::Transaction& tx, int64_t bot_id,
                                              absl::Time now, int limit);
absl::StatusOr<int64_t> CountUnsent(postgres::Transaction& tx, int64_t bot_id);
// When it last wrote to these people, as far as that was since.
absl::StatusOr<std::vector<std::pair<int64_t, absl::Time>>> LatestSince(
    postgres::Transaction& tx, int64_t bot_id, const std::vector<int64_t>& user_ids,
    absl::Time since);

// A message of the bot's that something refers to.
struct Reference {
  std::string dialog = {};  // Whose it is; empty: no dialog's, or longer ago than kMemory.
  std::string key = {};     // As Outgoing has it.
};

// What an update needs to be known, in one round trip.
struct Situation {
  bool handled = false;
  Focus focus = {};
  Hearing hearing = {};
  // By dialog: the mark of the newest message with one that was sent, so far as is known.
  std::map<std::string, std::string, std::less<>> marks = {};
  // A message with a mark is on its way to Telegram: soon more will be known.
  bool marks_may_change = false;
  // The person's first update that waits to be handled; 0: none does.
  int64_t first_held = 0;
  std::string held_for = {};  // The dialog whose failure that one waits out; may be empty.
  bool held = false;          // This update is there itself, waiting or parked.
  bool gathers = false;       // One of those that wait does so for more to come to it.
  Reference about = {};       // What the update refers to.
  int64_t person_id = 0;      // Whose the chat is (person_store.h).
};
// For `marks` count messages with a number of Telegram's below shown_before (0: all) and those of
// an unknown outcome that were tried until shown_until. about_message: Telegram's number of the
// message that the update refers to; 0: none, and nothing is looked up.
absl::StatusOr<Situation> ReadSituation(postgres::Transaction& tx, int64_t bot_id,
                                        int64_t update_id, int64_t user_id, int64_t shown_before,
                                        absl::Time shown_until, absl::Time now,
                                        int64_t about_message = 0);
// False: it was handled already.
absl::StatusOr<bool> MarkHandled(postgres::Transaction& tx, int64_t bot_id, int64_t update_id,
                                 v1::UpdateOutcome outcome, absl::Time now);
// Likewise for all that were gathered in one.
void MarkGathered(postgres::Transaction& tx, int64_t bot_id, const std::vector<int64_t>& update_ids,
                  v1::UpdateOutcome outcome, absl::Time now);

// False: the group was known.
absl::StatusOr<bool> NoteGroup(postgres::Transaction& tx, int64_t bot_id, int64_t chat_id,
                               absl::Time now);

// Which dialogs have rendered an event that not all could render.
absl::StatusOr<std::vector<std::string>> RenderedBy(postgres::Transaction& tx,
                                                    const uuid::Uuid& event_id);
void NoteRendered(postgres::Transaction& tx, const uuid::Uuid& event_id, std::string_view dialog,
                  absl::Time now);
// Forgets those from before then; the number of rows.
absl::StatusOr<int64_t> ForgetRendered(postgres::Transaction& tx, absl::Time since);

// What dialogs said of themselves last: names and encoded descriptions.
absl::StatusOr<std::map<std::string, std::string>> ReadDialogs(postgres::Transaction& tx);
void SaveDialog(postgres::Transaction& tx, std::string_view name, std::string description,
                absl::Time now);

// Forgets what is older than kMemory, and who has rendered an event kRenderedMemory ago; the number
// of rows.
absl::StatusOr<int64_t> ForgetOld(postgres::Transaction& tx, absl::Time now);

}  // namespace selfology::telegram_gateway::store
