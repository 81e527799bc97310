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
// refused for what it is gets parked: the person is told so once, the later ones go on, and an
// operator looks at it (ListHeldUpdates, ReplayHeldUpdates, DiscardHeldUpdates).
//
// A claim lasts longer than handling an update may take, so of several gateways one works on a
// person's updates; should one die, another goes on, and the mark "handled" keeps each effect
// single. Erasing a person erases theirs.
//
// Metric: telegram_updates_held{state}. Errors: the database's. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
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

  // Writes it down behind the person's others. HELD, or DUPLICATE when it was handled meanwhile.
  absl::StatusOr<v1::UpdateOutcome> Hold(const Update& update);
  // Writes it down as one that failed: to wait, or parked.
  absl::StatusOr<v1::UpdateOutcome> SetAside(const Update& update, const absl::Status& failure);

  // The person's next one, for the caller to handle and nobody else; none while it is not due.
  absl::StatusOr<std::optional<store::HeldUpdate>> Claim(int64_t user_id);
  // A claimed one failed again; `update` is what it holds.
  absl::Status Fail(store::HeldUpdate claimed, const Update& update, const absl::Status& failure);
  // There is nothing to do about a claimed one. (One that is handled goes with the mark.)
  absl::Status Remove(const store::HeldUpdate& claimed);

  // Whose are due, `limit` at most. Counts all.
  absl::StatusOr<std::vector<int64_t>> PeopleDue(int limit);

  // Of the last look at the table.
  double waiting() const { return waiting_.Value(); }
  double parked() const { return parked_.Value(); }

 private:
  void Note(store::HeldUpdate& row, const absl::Status& failure) const;
  absl::StatusOr<v1::UpdateOutcome> WriteDown(const Update& update, const store::HeldUpdate& row);
  // Says what the person is to know of it: in a transaction, once.
  absl::Status Tell(postgres::Transaction& tx, const Update& update, bool parked) const;
  bool IsGuard(std::string_view dialog) const;

  const Parts parts_;
  const observe::Gauge waiting_;
  const observe::Gauge parked_;
};

}  // namespace selfology::telegram_gateway
