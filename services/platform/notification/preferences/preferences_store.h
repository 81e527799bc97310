// SQL of preferences, reminder days, subscriptions and addresses; see ../migrations/0002_choices.sql.
// Functions that return nothing are queued. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/notification/v1/notification.pb.h"
#include "selfology/notification/v1/preferences.pb.h"

namespace selfology::notification::store {

// Of somebody who never chose, the defaults.
absl::StatusOr<v1::Preferences> ReadPreferences(postgres::Transaction& tx, int64_t user_id);
void SavePreferences(postgres::Transaction& tx, const v1::Preferences& preferences, absl::Time now);

// What a decision goes by.
struct Choices {
  v1::Preferences preferences = {};
  std::optional<v1::Subscription> of_topic = std::nullopt;
  std::optional<v1::Subscription> of_all = std::nullopt;  // For topics without a choice.
  std::string language = {};                              // BCP 47; empty: not known.
  bool has_chat = false;  // With the bot, although their id is of the web.
};
// Asked now, with whatever is asked next; what it gives is called then.
std::function<absl::StatusOr<Choices>()> AskChoices(postgres::Transaction& tx, int64_t user_id,
                                                    std::string_view topic);

// Which reminder has the day; empty: none.
absl::StatusOr<std::string> ReminderOf(postgres::Transaction& tx, int64_t user_id,
                                       absl::CivilDay day);
// False: another one has it.
absl::StatusOr<bool> TakeReminderDay(postgres::Transaction& tx, int64_t user_id, absl::CivilDay day,
                                     std::string_view reminder_key);
void ForgetReminderDays(postgres::Transaction& tx, absl::CivilDay before);

void SaveSubscription(postgres::Transaction& tx, const v1::Subscription& subscription,
                      absl::Time now);
absl::StatusOr<std::optional<v1::Subscription>> ReadSubscription(postgres::Transaction& tx,
                                                                 int64_t user_id,
                                                                 std::string_view topic);
// By topic, those behind `after`; nullopt: from the first.
absl::StatusOr<std::vector<v1::Subscription>> ListSubscriptions(
    postgres::Transaction& tx, int64_t user_id, std::optional<std::string_view> after, int limit);

}  // namespace selfology::notification::store
