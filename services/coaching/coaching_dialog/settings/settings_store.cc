#include "services/coaching/coaching_dialog/settings/settings_store.h"

#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::coaching_dialog::store {

using postgres::Transaction;

absl::StatusOr<Preferences> ReadPreferences(Transaction& tx, int64_t user_id) {
  struct Row {
    int32_t form_of_address;
    std::string time_zone;
    bool reminders;
    int32_t reminder_minute;
    int32_t quiet_from_minute;
    int32_t quiet_until_minute;
    bool no_statements;
    bool heavy_questions;
    int32_t days_between_reminders;
    absl::Time updated_at;
  };
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<Row>("SELECT form_of_address, time_zone, reminders, reminder_minute,"
                       " quiet_from_minute, quiet_until_minute, no_statements, heavy_questions,"
                       " days_between_reminders, updated_at"
                       " FROM coaching_preferences WHERE user_id = $1",
                       user_id));
  Preferences preferences;
  preferences.set_user_id(user_id);
  if (!row.has_value()) return preferences;
  preferences.set_form_of_address(
      static_cast<notification::v1::FormOfAddress>(row->form_of_address));
  preferences.set_time_zone(row->time_zone);
  preferences.set_reminders(row->reminders);
  preferences.set_reminder_minute(row->reminder_minute);
  preferences.set_quiet_from_minute(row->quiet_from_minute);
  preferences.set_quiet_until_minute(row->quiet_until_minute);
  preferences.set_no_statements(row->no_statements);
  preferences.set_heavy_questions(row->heavy_questions);
  preferences.set_days_between_reminders(row->days_between_reminders);
  *preferences.mutable_updated_at() = timestamps::ToProto(row->updated_at);
  return preferences;
}

void SavePreferences(Transaction& tx, const Preferences& preferences, absl::Time updated_at) {
  tx.Queue(
      "INSERT INTO coaching_preferences (user_id, form_of_address, time_zone, reminders,"
      " reminder_minute, quiet_from_minute, quiet_until_minute, no_statements, heavy_questions,"
      " days_between_reminders, updated_at)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
      " ON CONFLICT (user_id) DO UPDATE SET form_of_address = EXCLUDED.form_of_address,"
      " time_zone = EXCLUDED.time_zone, reminders = EXCLUDED.reminders,"
      " reminder_minute = EXCLUDED.reminder_minute,"
      " quiet_from_minute = EXCLUDED.quiet_from_minute,"
      " quiet_until_minute = EXCLUDED.quiet_until_minute,"
      " no_statements = EXCLUDED.no_statements, heavy_questions = EXCLUDED.heavy_questions,"
      " days_between_reminders = EXCLUDED.days_between_reminders,"
      " updated_at = EXCLUDED.updated_at",
      preferences.user_id(), static_cast<int32_t>(preferences.form_of_address()),
      preferences.time_zone(), preferences.reminders(), preferences.reminder_minute(),
      preferences.quiet_from_minute(), preferences.quiet_until_minute(),
      preferences.no_statements(), preferences.heavy_questions(),
      preferences.days_between_reminders(), updated_at);
}

absl::StatusOr<ReminderHistory> ReadReminderHistory(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      (tx.QueryOne<std::optional<absl::Time>, int32_t>(
          "SELECT sent_at, unanswered FROM coaching_reminders WHERE user_id = $1", user_id)));
  if (!row.has_value()) return ReminderHistory();
  return ReminderHistory{.sent_at = std::get<0>(*row), .unanswered = std::get<1>(*row)};
}

namespace {

std::optional<absl::Time> DueColumn(absl::Time due) {
  if (due == absl::InfiniteFuture()) return std::nullopt;
  return due;
}

}  // namespace

void SaveReminderDue(Transaction& tx, int64_t user_id, absl::Time due) {
  tx.Queue(
      "INSERT INTO coaching_reminders (user_id, due_at) VALUES ($1, $2)"
      " ON CONFLICT (user_id) DO UPDATE SET due_at = EXCLUDED.due_at",
      user_id, DueColumn(due));
}

void SaveReminder(Transaction& tx, int64_t user_id, const ReminderHistory& history,
                  absl::Time due) {
  tx.Queue(
      "INSERT INTO coaching_reminders (user_id, due_at, sent_at, unanswered)"
      " VALUES ($1, $2, $3, $4) ON CONFLICT (user_id) DO UPDATE SET due_at = EXCLUDED.due_at,"
      " sent_at = EXCLUDED.sent_at, unanswered = EXCLUDED.unanswered",
      user_id, DueColumn(due), history.sent_at, static_cast<int32_t>(history.unanswered));
}

absl::StatusOr<std::vector<DueReminder>> ListDueReminders(Transaction& tx, absl::Time now,
                                                          int limit) {
  return tx.Query<DueReminder>(
      "SELECT user_id, due_at FROM coaching_reminders WHERE due_at <= $1"
      " ORDER BY due_at, user_id LIMIT $2",
      now, static_cast<int32_t>(limit));
}

absl::StatusOr<bool> NoteHeard(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const int64_t changed, tx.Execute("UPDATE coaching_reminders SET unanswered = 0"
                                                     " WHERE user_id = $1 AND unanswered > 0",
                                                     user_id));
  return changed > 0;
}

absl::StatusOr<bool> TakeReminderOffer(Transaction& tx, int64_t user_id, std::string_view event_id,
                                       absl::Time now) {
  ASSIGN_OR_RETURN(const int64_t taken,
                   tx.Execute("INSERT INTO coaching_reminder_offers AS known"
                              " (user_id, event_id, offered_at) VALUES ($1, $2, $3)"
                              " ON CONFLICT (user_id) DO UPDATE SET event_id = EXCLUDED.event_id"
                              " WHERE known.event_id = EXCLUDED.event_id",
                              user_id, event_id, now));
  return taken > 0;
}

void SaveMood(Transaction& tx, int64_t user_id, absl::CivilDay day, coach::v1::Mood mood,
              absl::Time now) {
  tx.Queue(
      "INSERT INTO coaching_moods (user_id, day, mood, recorded_at) VALUES ($1, $2, $3, $4)"
      " ON CONFLICT (user_id, day) DO UPDATE SET mood = EXCLUDED.mood,"
      " recorded_at = EXCLUDED.recorded_at",
      user_id, day, static_cast<int32_t>(mood), now);
}

absl::StatusOr<std::vector<coach::v1::MoodRecord>> ListMoods(Transaction& tx, int64_t user_id,
                                                             std::optional<absl::CivilDay> before,
                                                             int limit) {
  struct Row {
    absl::CivilDay day;
    int32_t mood;
    absl::Time recorded_at;
  };
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query<Row>("SELECT day, mood, recorded_at FROM coaching_moods"
                                 " WHERE user_id = $1 AND ($2::date IS NULL OR day < $2)"
                                 " ORDER BY day DESC LIMIT $3",
                                 user_id, before, static_cast<int32_t>(limit)));
  std::vector<coach::v1::MoodRecord> records;
  for (const Row& row : rows) {
    coach::v1::MoodRecord& record = records.emplace_back();
    record.set_user_id(user_id);
    record.set_day(absl::FormatCivilTime(row.day));
    record.set_mood(static_cast<coach::v1::Mood>(row.mood));
    *record.mutable_recorded_at() = timestamps::ToProto(row.recorded_at);
  }
  return records;
}

absl::StatusOr<std::optional<absl::Time>> TakeExport(Transaction& tx, int64_t user_id,
                                                     std::string_view update_key, absl::Time now,
                                                     absl::Duration apart) {
  ASSIGN_OR_RETURN(const int64_t taken,
                   tx.Execute("INSERT INTO coaching_exports AS known"
                              " (user_id, update_key, exported_at) VALUES ($1, $2, $3)"
                              " ON CONFLICT (user_id) DO UPDATE SET"
                              " update_key = EXCLUDED.update_key,"
                              " exported_at = EXCLUDED.exported_at"
                              " WHERE known.update_key = EXCLUDED.update_key"
                              " OR known.exported_at <= $4",
                              user_id, update_key, now, now - apart));
  if (taken > 0) return std::nullopt;
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<absl::Time>(
                       "SELECT exported_at FROM coaching_exports WHERE user_id = $1", user_id));
  if (!row.has_value()) return std::nullopt;
  return std::get<0>(*row);
}

void ForgetExport(Transaction& tx, int64_t user_id) {
  tx.Queue("DELETE FROM coaching_exports WHERE user_id = $1", user_id);
}

void SaveOpenPanel(Transaction& tx, int64_t user_id, std::string_view message_key, absl::Time now) {
  if (message_key.empty()) {
    tx.Queue("DELETE FROM coaching_open_panels WHERE user_id = $1", user_id);
    return;
  }
  tx.Queue(
      "INSERT INTO coaching_open_panels (user_id, message_key, opened_at) VALUES ($1, $2, $3)"
      " ON CONFLICT (user_id) DO UPDATE SET message_key = EXCLUDED.message_key,"
      " opened_at = EXCLUDED.opened_at",
      user_id, message_key, now);
}

absl::StatusOr<std::string> ReadOpenPanel(Transaction& tx, int64_t user_id, absl::Time since) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<std::string>("SELECT message_key FROM coaching_open_panels"
                                            " WHERE user_id = $1 AND opened_at >= $2",
                                            user_id, since));
  return row.has_value() ? std::get<0>(*row) : std::string();
}

absl::StatusOr<int64_t> DeleteSettings(Transaction& tx, int64_t user_id) {
  int64_t rows = 0;
  for (const std::string_view table :
       {"coaching_preferences", "coaching_reminders", "coaching_reminder_offers", "coaching_moods",
        "coaching_exports", "coaching_open_panels"}) {
    ASSIGN_OR_RETURN(
        const int64_t deleted,
        tx.Execute(absl::StrCat("DELETE FROM ", table, " WHERE user_id = $1"), user_id));
    rows += deleted;
  }
  return rows;
}

}  // namespace selfology::coaching_dialog::store
