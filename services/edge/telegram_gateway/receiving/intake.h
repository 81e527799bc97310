// Where updates come in, from polling, the webhook and the RPC alike, to be handled in the turn of
// their chat.
//
//   intake.HandleSurely(update, [&](bool taken) { ... });         // until Telegram may forget it
//   RETURN_IF_ERROR(intake.HandleSurely(call, json));             // the same, and waits
//   ASSIGN_OR_RETURN(const auto response, intake.Handle(call, json));   // tries once
//   mesh.Run("held_updates", [&intake](service::StopSignal& stop) { intake.RunHeld(stop); });
//
// One that keeps failing for some seconds is written down (held_updates.h) and tried again from
// there, so that it keeps no thread and none of the connections that Telegram gives a bot; at once,
// if its dialog is swamped or hangs for everybody (dialog_gate.h). Held ones come back as fast as
// their dialogs take them, and none waits for the people of another dialog (held_queue.h). What
// their person does meanwhile gets between two of them, to be written down behind them: as long as
// one update is neither handled nor written down, Telegram gives no more than 100 after it. Only
// while the database is away do updates wait in memory; Telegram keeps those.
//
// Messages that may be followed by others that belong to them are written down as well, and handled
// together (gathering.h), as one that was held.
//
// Metric: telegram_updates_total{bot, kind, outcome}. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/service/stop_signal.h"
#include "selfology/telegram/v1/telegram_gateway_service.pb.h"
#include "services/edge/telegram_gateway/bot_api/bot_api.h"
#include "services/edge/telegram_gateway/receiving/appointments.h"
#include "services/edge/telegram_gateway/receiving/chat_queues.h"
#include "services/edge/telegram_gateway/receiving/held_queue.h"
#include "services/edge/telegram_gateway/receiving/held_updates.h"
#include "services/edge/telegram_gateway/routing/update_handler.h"

namespace selfology::telegram_gateway {

class Intake {
 public:
  // All outlive it.
  Intake(UpdateHandler& handler, HeldUpdates& held, const BotApi& telegram,
         observe::Metrics& metrics);

  // Tries once. Errors: the handler's, INTERNAL for an update that a dialog or the database
  // refuses, UNAVAILABLE when stopping; then the update took no effect that shows.
  absl::StatusOr<v1::HandleUpdateResponse> Handle(const Call& call, std::string_view json);

  // Tries until the update took effect or is written down, and then calls taken(true), or until
  // Stop, and then taken(false). `taken` is called once, perhaps before this returns. Returns at
  // once. Updates of one chat are handled in the order of the calls.
  void HandleSurely(Update update, std::function<void(bool)> taken);
  // Waits for that. Errors: DEADLINE_EXCEEDED; UNAVAILABLE when stopping.
  absl::Status HandleSurely(const Call& call, std::string_view json);

  // Tries held updates again when they are due, until stopped.
  void RunHeld(service::StopSignal& stop);

  // Lets what has begun end.
  void Stop();

 private:
  using Result = absl::StatusOr<v1::UpdateOutcome>;

  struct Read {
    Update update;
    Act act = Ignored{};
    // Other than UNSPECIFIED: there is nothing to handle.
    v1::UpdateOutcome outcome = v1::UPDATE_OUTCOME_UNSPECIFIED;
  };
  // What somebody brings; and what was written down.
  Read ReadJson(std::string_view json) const;
  Read ReadKept(std::string_view json) const;
  Read ReadUpdate(absl::StatusOr<Update> update) const;
  void Submit(Read read, std::function<void(bool)> taken);
  // False: stopped before it was.
  bool Take(const Read& read);
  // Several attempts if need be: for as long as `patience` at what may pass, unless others had to
  // give that up a moment ago, and a few at what is refused.
  Result TryFor(absl::Duration patience, const Read& read, Attempt first);
  Result HandleOnce(const Call& call, const Read& read, Attempt attempt);
  Result HandleInOrder(const Call& call, const Read& read, Attempt attempt);
  // Whoever has a slot now.
  void BeginHeld();
  // In their chat queue: the person's that are due, one after the other, until one has to wait.
  void RunHeldOf(int64_t user_id);
  void EndRun(int64_t user_id);
  // Puts the person among those whose are due.
  void RunHeldSoon(int64_t user_id);
  // The person's next, within an update of theirs that comes after it. False: there is no slot.
  bool RunHeldFirst(int64_t user_id);
  // False: there is none, or it has to wait.
  bool RunNextHeld(int64_t user_id);
  void NoteAway(const absl::Status& failure);
  bool IsAway(const absl::Status& failure);
  void Count(const Read& read, v1::UpdateOutcome outcome);

  UpdateHandler& handler_;
  HeldUpdates& held_;
  const BotApi& telegram_;
  observe::Metrics& metrics_;
  service::StopSignal stop_;
  absl::Mutex mutex_;
  // Whose held updates are being tried, or are about to be.
  HeldQueue held_queue_ ABSL_GUARDED_BY(mutex_);
  // Dialogs for which people's messages are gathered; of those who have an appointment.
  absl::flat_hash_map<int64_t, std::string> gathers_for_ ABSL_GUARDED_BY(mutex_);
  // Dialogs, and when an update was last given up for the time being because of one.
  absl::flat_hash_map<std::string, absl::Time> away_ ABSL_GUARDED_BY(mutex_);
  ChatQueues chat_queues_;  // Its threads use what is above, and the last the chat queues.
  Appointments appointments_{[this](int64_t user_id) { RunHeldSoon(user_id); }};
};

}  // namespace selfology::telegram_gateway
