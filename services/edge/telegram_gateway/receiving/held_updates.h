// Updates that could not be handled yet, in the table held_updates: Telegram need not keep them,
// and nobody else's wait for them.
//
//   held.SetAside(update, failure);       // after a while of trying
//   held.Hold(next_update);               // of the same person: it stays behind
//   ...
//   ASSIGN_OR_RETURN(const auto claimed, held.Claim(user_id));   // the person's next, if it is due
//
// One that failed for what may pass waits, and all that its person does later waits behind it, in
// the order of Telegram's numbers. The person is told once that it takes a while. One that is
// refused for what it is gets parked, and so is, after some rounds, one whose failure is not clear,
// or for which its dialog is away while it serves others: the person is told so once, the later ones go on, and an operator looks at it (ListHeldUpdates,
// ReplayHeldUpdates, DiscardHeldUpdates). What was written before its person chose a dialog is
// parked as well, until they do (HoldForChoice in held_store.h).
//
// A claim lasts longer than a round of attempts may take, so of several gateways one works on a
// person's updates; should one die, another goes on, and the mark "handled" keeps each effect
// single. Erasing a person erases theirs.
//
// Metric: telegram_updates_held{bot, state}. Errors: the database's. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "common/service/stop_signal.h"
#include "services/edge/telegram_gateway/bot_api/bot_api.h"
#include "services/edge/telegram_gateway/bot_api/update.h"
#include "services/edge/telegram_gateway/delivery/delivery.h"
#include "services/edge/telegram_gateway/held_store.h"
#include "services/edge/telegram_gateway/routing/dialogs.h"

namespace selfology::telegram_gateway {

class HeldUpdates {
 public:
  // What it works with; all of it outlives this.
  struct Parts {
    postgres::Database& database;
    observe::Metrics& metrics;
    const Dialogs& dialogs;
    BotApi& telegram;
    Delivery& delivery;
    std::function<absl::Time()> clock;
  };

  explicit HeldUpdates(Parts parts);

  // Writes it down: behind the person's others or, if there is a reason, because its dialog was not
  // asked just now. Nothing is said of it. HELD, or DUPLICATE when it was handled meanwhile.
  absl::StatusOr<v1::UpdateOutcome> Hold(const Update& update,
                                         const absl::Status& why = absl::OkStatus());
  // Writes it down as one that failed: to wait, or parked.
  absl::StatusOr<v1::UpdateOutcome> SetAside(const Update& update, const absl::Status& failure);

  // The person's next one, for the caller to handle and nobody else; none while it is not due.
  absl::StatusOr<std::optional<store::HeldUpdate>> Claim(int64_t user_id);
  // A claimed one failed again; `update` is what it holds. Whether it is parked now.
  absl::StatusOr<bool> Fail(store::HeldUpdate claimed, const Update& update,
                            const absl::Status& failure);
  // There is nothing to do about a claimed one. (One that is handled goes with the mark.)
  absl::Status Remove(const store::HeldUpdate& claimed);

  // What gathers more for the person (gathering.h) does so no longer: it is due.
  absl::Status EndGathering(int64_t user_id);

  // Whose are due, `limit` of each dialog at most.
  absl::StatusOr<std::vector<store::HeldPerson>> PeopleDue(int limit);
  // Whether the dialog that an update waits out cannot be used just now.
  bool IsAway(std::string_view dialog) const { return parts_.dialogs.IsAway(dialog); }

  // Counts them, for the metric and the two below, again and again until stopped.
  void RunCounts(service::StopSignal& stop);
  // As last counted.
  double waiting() const { return waiting_.Value(); }
  double parked() const { return parked_.Value(); }

 private:
  void Note(store::HeldUpdate& row, const absl::Status& failure);
  // How many rounds failed so while the dialog served others.
  int OwnRounds(const store::HeldUpdate& row);
  absl::StatusOr<v1::UpdateOutcome> WriteDown(const Update& update, const store::HeldUpdate& row);
  // Says what the person is to know of it: in a transaction, once.
  absl::Status Tell(postgres::Transaction& tx, const Update& update, bool parked) const;
  bool IsGuard(std::string_view dialog) const;

  const Parts parts_;
  const observe::Gauge waiting_;
  const observe::Gauge parked_;
  struct Stumble {
    int rounds = 0;
    int64_t served = 0;  // By the dialog, at the last of them.
  };
  absl::Mutex mutex_;
  // By the number of the update. Where a process ends, or another tries, it is counted anew.
  absl::flat_hash_map<int64_t, Stumble> stumbles_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::telegram_gateway
