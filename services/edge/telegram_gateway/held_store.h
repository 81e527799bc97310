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
  int64_t user_id = 0;
  std::string json = {};    // Telegram's Update.
  std::string dialog = {};  // Which failed last; empty: none.
  std::string code = {};
  std::string reason = {};
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
void RemoveHeld(postgres::Transaction& tx, int64_t bot_id, int64_t update_id, int64_t user_id);

struct HeldNow {
  std::vector<int64_t> people_due = {};
  int64_t waiting = 0;
  int64_t parked = 0;
};
// limit: of the people.
absl::StatusOr<HeldNow> LookAtHeld(postgres::Transaction& tx, int64_t bot_id, absl::Time now,
                                   int limit);

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
// Parked ones wait again, as if they had never been tried; how many.
absl::StatusOr<int64_t> ReplayHeld(postgres::Transaction& tx, const HeldFilter& filter,
                                   absl::Time now);
// They count as handled; how many. Only parked ones unless `with_waiting`.
absl::StatusOr<int64_t> DiscardHeld(postgres::Transaction& tx, const HeldFilter& filter,
                                    bool with_waiting, absl::Time now);

}  // namespace selfology::telegram_gateway::store
