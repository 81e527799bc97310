#include "services/platform/notification/preferences/preferences_store.h"

#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/platform/notification/preferences/preference_rules.h"

namespace selfology::notification::store {
namespace {

using postgres::Transaction;

struct PreferencesRow {
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

struct SubscriptionRow {
  std::string topic;
  std::vector<std::string> channels;
  bool muted;
  std::string digest;
  absl::Time updated_at;
};

constexpr std::string_view kSubscriptionColumns =
    "SELECT topic, channels, muted, digest, updated_at FROM notification_subscriptions ";

constexpr std::string_view kPreferences =
    "SELECT form_of_address, time_zone, reminders, reminder_minute, quiet_from_minute,"
    " quiet_until_minute, no_statements, heavy_questions, days_between_reminders, updated_at"
    " FROM notification_preferences WHERE user_id = $1";

v1::Preferences ToProto(int64_t user_id, const std::optional<PreferencesRow>& row) {
  v1::Preferences preferences = DefaultPreferences(user_id);
  if (!row.has_value()) return preferences;
  preferences.set_form_of_address(static_cast<v1::FormOfAddress>(row->form_of_address));
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

v1::Subscription ToProto(int64_t user_id, const SubscriptionRow& row) {
  v1::Subscription subscription;
  subscription.set_user_id(user_id);
  subscription.set_topic(row.topic);
  for (const std::string& channel : row.channels) {
    subscription.add_channels(enums::FromWord<v1::Channel>(channel));
  }
  subscription.set_muted(row.muted);
  subscription.set_digest(enums::FromWord<v1::DigestPeriod>(row.digest));
  *subscription.mutable_updated_at() = timestamps::ToProto(row.updated_at);
  return subscription;
}

}  // namespace

absl::StatusOr<v1::Preferences> ReadPreferences(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const auto row, tx.QueryOne<PreferencesRow>(kPreferences, user_id));
  return ToProto(user_id, row);
}

std::function<absl::StatusOr<Choices>()> AskChoices(Transaction& tx, int64_t user_id,
                                                    std::string_view topic) {
  auto preferences = tx.Ask<PreferencesRow>(kPreferences, user_id);
  auto subscriptions = tx.Ask<SubscriptionRow>(
      absl::StrCat(kSubscriptionColumns, "WHERE user_id = $1 AND topic IN ($2, '')"), user_id,
      topic);
  auto person = tx.Ask<std::string, bool>(
      "SELECT language, has_chat FROM notification_people WHERE user_id = $1", user_id);
  return [user_id, preferences = std::move(preferences), subscriptions = std::move(subscriptions),
          person = std::move(person)]() mutable -> absl::StatusOr<Choices> {
    Choices choices;
    ASSIGN_OR_RETURN(const auto row, preferences.One());
    choices.preferences = ToProto(user_id, row);
    ASSIGN_OR_RETURN(const std::vector<SubscriptionRow> rows, subscriptions.All());
    for (const SubscriptionRow& subscription : rows) {
      (subscription.topic.empty() ? choices.of_all : choices.of_topic) =
          ToProto(user_id, subscription);
    }
    ASSIGN_OR_RETURN(const auto known, person.One());
    if (known.has_value()) std::tie(choices.language, choices.has_chat) = *known;
    return choices;
  };
}

void SavePreferences(Transaction& tx, const v1::Preferences& preferences, absl::Time now) {
  tx.Queue(
      "INSERT INTO notification_preferences (user_id, form_of_address, time_zone, reminders,"
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
      preferences.days_between_reminders(), now);
}

absl::StatusOr<std::string> ReminderOf(Transaction& tx, int64_t user_id, absl::CivilDay day) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<std::string>("SELECT reminder_key FROM notification_reminder_days"
                                            " WHERE user_id = $1 AND day = $2",
                                            user_id, day));
  return row.has_value() ? std::get<0>(*row) : std::string();
}

absl::StatusOr<bool> TakeReminderDay(Transaction& tx, int64_t user_id, absl::CivilDay day,
                                     std::string_view reminder_key) {
  // The one that has it keeps it.
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<std::string>(
          "INSERT INTO notification_reminder_days AS known (user_id, day, reminder_key)"
          " VALUES ($1, $2, $3)"
          " ON CONFLICT (user_id, day) DO UPDATE SET reminder_key = known.reminder_key"
          " RETURNING reminder_key",
          user_id, day, reminder_key));
  return row.has_value() && std::get<0>(*row) == reminder_key;
}

void ForgetReminderDays(Transaction& tx, absl::CivilDay before) {
  tx.Queue("DELETE FROM notification_reminder_days WHERE day < $1", before);
}

void SaveSubscription(Transaction& tx, const v1::Subscription& subscription, absl::Time now) {
  std::vector<std::string> channels;
  for (const int channel : subscription.channels()) {
    channels.push_back(enums::Word(static_cast<v1::Channel>(channel)));
  }
  tx.Queue(
      "INSERT INTO notification_subscriptions (user_id, topic, channels, muted, digest, updated_at)"
      " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (user_id, topic) DO UPDATE SET"
      " channels = EXCLUDED.channels, muted = EXCLUDED.muted, digest = EXCLUDED.digest,"
      " updated_at = EXCLUDED.updated_at",
      subscription.user_id(), subscription.topic(), channels, subscription.muted(),
      enums::Word(subscription.digest()), now);
}

absl::StatusOr<std::optional<v1::Subscription>> ReadSubscription(Transaction& tx, int64_t user_id,
                                                                 std::string_view topic) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<SubscriptionRow>(
          absl::StrCat(kSubscriptionColumns, "WHERE user_id = $1 AND topic = $2"), user_id, topic));
  if (!row.has_value()) return std::nullopt;
  return ToProto(user_id, *row);
}

absl::StatusOr<std::vector<v1::Subscription>> ListSubscriptions(
    Transaction& tx, int64_t user_id, std::optional<std::string_view> after, int limit) {
  ASSIGN_OR_RETURN(const std::vector<SubscriptionRow> rows,
                   tx.Query<SubscriptionRow>(
                       absl::StrCat(kSubscriptionColumns,
                                    "WHERE user_id = $1 AND ($2::text IS NULL OR topic > $2)"
                                    " ORDER BY topic LIMIT $3"),
                       user_id, after, static_cast<int64_t>(limit)));
  std::vector<v1::Subscription> subscriptions;
  for (const SubscriptionRow& row : rows) subscriptions.push_back(ToProto(user_id, row));
  return subscriptions;
}

}  // namespace selfology::notification::store
