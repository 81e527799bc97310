// All SQL of settings, reminders, moods, exports and open panels; see ../migrations/. Functions that
// return nothing are queued: they cost no round trip of their own. Errors: the transaction's.
// Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/postgres/advisory_lock.h"
#include "common/postgres/transaction.h"
#include "selfology/coach/v1/mood.pb.h"
#include "services/coaching/coaching_dialog/settings/preference_rules.h"
#include "services/coaching/coaching_dialog/settings/reminder_rules.h"

namespace selfology::coaching_dialog::store {

// Of the copy of one person's preferences, and of their reminders.
inline constexpr postgres::AdvisoryLock LockPreferences("coaching_dialog.preferences");

// The copy; of somebody who never chose there is none, which wants no reminders.
absl::StatusOr<Preferences> ReadPreferences(postgres::Transaction& tx, int64_t user_id);
void SavePreferences(postgres::Transaction& tx, const Preferences& preferences,
                     absl::Time updated_at);

absl::StatusOr<ReminderHistory> ReadReminderHistory(postgres::Transaction& tx, int64_t user_id);
// InfiniteFuture: never.
void SaveReminderDue(postgres::Transaction& tx, int64_t user_id, absl::Time due);
void SaveReminder(postgres::Transaction& tx, int64_t user_id, const ReminderHistory& history,
                  absl::Time due);

struct DueReminder {
  int64_t user_id;
  absl::Time due_at;
};
// The longest due first.
absl::StatusOr<std::vector<DueReminder>> ListDueReminders(postgres::Transaction& tx, absl::Time now,
                                                          int limit);
// Nothing stays unanswered. False: nothing was.
absl::StatusOr<bool> NoteHeard(postgres::Transaction& tx, int64_t user_id);

// False: they were offered on another event.
absl::StatusOr<bool> TakeReminderOffer(postgres::Transaction& tx, int64_t user_id,
                                       std::string_view event_id, absl::Time now);

void SaveMood(postgres::Transaction& tx, int64_t user_id, absl::CivilDay day, coach::v1::Mood mood,
              absl::Time now);
// Those before a day, the latest first; nullopt: all.
absl::StatusOr<std::vector<coach::v1::MoodRecord>> ListMoods(postgres::Transaction& tx,
                                                             int64_t user_id,
                                                             std::optional<absl::CivilDay> before,
                                                             int limit);

// When the last export was, if the next one by another update has to wait; nullopt: it is taken down
// as made now.
absl::StatusOr<std::optional<absl::Time>> TakeExport(postgres::Transaction& tx, int64_t user_id,
                                                     std::string_view update_key, absl::Time now,
                                                     absl::Duration apart);
void ForgetExport(postgres::Transaction& tx, int64_t user_id);

// Empty: none is open.
void SaveOpenPanel(postgres::Transaction& tx, int64_t user_id, std::string_view message_key,
                   absl::Time now);
// The one opened since; empty: there is none.
absl::StatusOr<std::string> ReadOpenPanel(postgres::Transaction& tx, int64_t user_id,
                                          absl::Time since);

absl::StatusOr<int64_t> DeleteSettings(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::coaching_dialog::store
