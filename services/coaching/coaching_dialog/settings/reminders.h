// Check-ins that nobody asked for at the moment: who is due is found by a timer, the coach gives the
// words, and the gateway sends them. When, and whether at all, is said by reminder_rules.h.
//
//   mesh.Every(absl::Minutes(1), "reminders", [parts](const Call& call) {
//     return parts->reminders.SendDue(call);
//   });
//
// Only to who is through with the questions and has not paused the chat: others are in the middle of
// something. Not to somebody in danger, and to nobody while that cannot be asked, nor on a day that
// has another reminder: the notification service gives each day to one. A reminder is
// written down once Telegram has it; until then the same one is asked for again under the same key,
// which names the day, so a crash in between sends no second one.
//
// Errors: the database's. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "services/coaching/coaching_dialog/conversations.h"
#include "services/coaching/coaching_dialog/peers.h"
#include "services/coaching/coaching_dialog/settings/preference_rules.h"
#include "services/coaching/coaching_dialog/settings/reminder_rules.h"

namespace selfology::coaching_dialog {

class Reminders {
 public:
  using Clock = std::function<absl::Time()>;

  // The references outlive it.
  Reminders(const Peers& peers, Conversations& conversations, postgres::Database& database,
            Clock clock)
      : peers_(peers),
        conversations_(conversations),
        database_(database),
        clock_(std::move(clock)) {}

  // A timer: sends what is due.
  absl::Status SendDue(const Call& call);

  // The person wrote: nothing stays unanswered.
  absl::Status NoteHeard(const Call& call, int64_t user_id);

  // Whether reminders are to be offered to them on this event: once in their life, and not to who has
  // them.
  absl::StatusOr<bool> TakeOffer(const Call& call, int64_t user_id, std::string_view event_id);

 private:
  struct Known {
    Preferences preferences;
    ReminderHistory history;
  };
  // What became of one that is due.
  enum class Outcome {
    kSent,
    kNotNow,    // It is tried again at the next tick.
    kNextTime,  // It waits for the next day.
  };

  absl::Status Handle(const Call& call, int64_t user_id, absl::Time due);
  absl::StatusOr<Known> Read(const Call& call, int64_t user_id);
  Outcome Send(const Call& call, int64_t user_id, const Known& known);

  const Peers& peers_;
  Conversations& conversations_;
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::coaching_dialog
