// The SQL of held updates; see migrations/0003_held_updates.sql. Functions that return nothing are
// queued. Whatever changes what one person has here holds LockOrder, as for their messages.
// Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/telegram/v1/telegram.pb.h"
#include "services/edge/telegram_gateway/delivery/outgoing.h"

namespace selfology::telegram_gateway::store {

// A row.
struct HeldUpdate {
  int64_t position = 0;  // Not for Hold, which gives it.
  int64_t bot_id = 0;
  int64_t update_id = 0;
  int64_t user_id = 0;    // OrderingKeyOf.
  std::string json = {};  // Telegram's Update, or a gathered one.
  // Which failed last, had too many calls, or is to hear what is gathered; empty: none.
  std::string dialog = {};
  std::string code = {};
  std::string reason =
      {};              // Also of one that was put aside before any try; not of one behind others.
  int32_t rounds = 0;  // Of tries in vain.
  absl::Time due_at = absl::UnixEpoch();
  absl::Time held_at = absl::UnixEpoch();
  bool parked = false;
};

// What came of writing one down.
struct Holding {
  bool was_handled = false;  // Nothing was written.
  bool is_new = false;       // It was not there.
  bool is_first = false;     // Nothing else of the person's waited.
};
absl::StatusOr<Holding> Hold(postgres::Transaction& tx, const HeldUpdate& update);

// The person's first that waits, taken until `until`, unless it is not due or taken by another.
absl::StatusOr<std::optional<HeldUpdate>> ClaimHeld(postgres::Transaction& tx, int64_t bot_id,
                                                    int64_t user_id, absl::Time now,
                                                    absl::Time until);
// After another round in vain: all but what it is may have changed. False: it is gone.
absl::StatusOr<bool> KeepHeld(postgres::Transaction& tx, const HeldUpdate& update);
// False: it was gone already, perhaps with its person.
absl::StatusOr<bool> RemoveHeld(postgres::Transaction& tx, int64_t bot_id, int64_t update_id,
                                int64_t user_id);
// Whether it is there; nobody changes that before the transaction ends.
absl::StatusOr<bool> LockHeld(postgres::Transaction& tx, int64_t bot_id, int64_t update_id,
                              int64_t user_id);

// Whether an update was handled, or is held, by itself or gathered with others.
struct KnownUpdate {
  bool handled = false;
  bool held = false;
};
absl::StatusOr<KnownUpdate> FindKnown(postgres::Transaction& tx, int64_t bot_id, int64_t user_id,
                                      int64_t update_id);
// Whether a message with a mark was sent to the person between these two of the chat.
absl::StatusOr<bool> HasMarkBetween(postgres::Transaction& tx, int64_t bot_id, int64_t user_id,
                                    int64_t after_message_id, int64_t before_message_id);
// The person's update that more may come to, if there is one; see receiving/gathering.h.
absl::StatusOr<std::optional<HeldUpdate>> FindGathering(postgres::Transaction& tx, int64_t bot_id,
                                                        int64_t user_id);
// Nothing more comes to it: it is due.
void EndGathering(postgres::Transaction& tx, int64_t bot_id, int64_t user_id, absl::Time now);
// Keeps one until it is due, in place of the one with that number; 0: of none. `gathered`: the
// numbers of all that are in it.
void LetGather(postgres::Transaction& tx, int64_t before, const HeldUpdate& update,
               const std::vector<int64_t>& gathered);

// Puts it aside until the person has chosen a dialog, whether it was held before or not. False:
// it was handled meanwhile, or, if `was_held`, is gone.
absl::StatusOr<bool> HoldForChoice(postgres::Transaction& tx, const HeldUpdate& update,
                                   bool was_held);
// They have: what was put aside so waits to be handled, now.
void ReleaseChosen(postgres::Transaction& tx, int64_t bot_id, int64_t user_id, absl::Time now);
// Forgets what was put aside so before then; the number of rows.
absl::StatusOr<int64_t> ForgetUnchosen(postgres::Transaction& tx, absl::Time since);

// A person whose next held update is due.
struct HeldPerson {
  int64_t user_id = 0;
  std::string dialog = {};  // That the update waits out; empty: none.
};
// Those who waited longest first, of each dialog `limit` at most.
absl::StatusOr<std::vector<HeldPerson>> PeopleDue(postgres::Transaction& tx, int64_t bot_id,
                                                  absl::Time now, int limit);

struct HeldCounts {
  int64_t waiting = 0;  // Without those that only gather more.
  int64_t parked =
      0;  // Without those that wait for a choice: nobody has to do anything about these.
};
absl::StatusOr<HeldCounts> CountHeld(postgres::Transaction& tx, int64_t bot_id);

// For operators. An empty filter fits all.
struct HeldFilter {
  int64_t bot_id = 0;
  int64_t user_id = 0;
  std::vector<int64_t> update_ids = {};
  v1::HeldUpdateState state = v1::HELD_UPDATE_STATE_UNSPECIFIED;
};
// In the order of their positions.
absl::StatusOr<std::vector<HeldUpdate>> ListHeld(postgres::Transaction& tx,
                                                 const HeldFilter& filter, int64_t after_position,
                                                 int limit);
// Parked ones wait again, as if they had never been tried; how many. Those that wait for a choice
// only if the filter has their numbers.
absl::StatusOr<int64_t> ReplayHeld(postgres::Transaction& tx, const HeldFilter& filter,
                                   absl::Time now);
// They count as handled; how many. Only parked ones unless `with_waiting`; those that wait for a
// choice, or gather more, only if the filter has their numbers.
absl::StatusOr<int64_t> DiscardHeld(postgres::Transaction& tx, const HeldFilter& filter,
                                    bool with_waiting, absl::Time now);

}  // namespace selfology::telegram_gateway::store
