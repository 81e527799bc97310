// SQL of people's ways: funnels, cohorts, what they do how often; see migrations/. Errors: the
// transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"

namespace selfology::analytics::store {

struct FunnelCount {
  int64_t step = 0;  // From 0.
  int64_t people = 0;
  std::optional<double> median_seconds;  // From the step before.
};
// In the order of the steps.
absl::StatusOr<std::vector<FunnelCount>> CountFunnel(postgres::Transaction& tx,
                                                     const std::vector<std::string>& metrics,
                                                     absl::Time from, absl::Time to,
                                                     absl::Duration window);

struct Returned {
  int64_t cohort = 0;  // Number of its period, from 0.
  int64_t period = 0;  // Since the cohort's, from 0; -1: the size of the cohort.
  int64_t people = 0;
};
struct Periods {
  absl::CivilDay from;
  int64_t days = 7;  // Of one.
  int64_t count = 8;
};
absl::StatusOr<std::vector<Returned>> CountReturned(postgres::Transaction& tx,
                                                    std::string_view first_metric,
                                                    std::string_view return_metric,
                                                    const Periods& periods);

// The metrics that most people have, at most `limit`, and each at least 2 % of them.
absl::StatusOr<std::vector<std::string>> CommonMetrics(postgres::Transaction& tx,
                                                       absl::CivilDay from, int64_t limit);
struct Habit {
  int64_t user_id = 0;
  int64_t metric = 0;  // Its place in the list, from 0.
  double events = 0;
};
// Of at most 100,000 people, by person.
absl::StatusOr<std::vector<Habit>> ListHabits(postgres::Transaction& tx,
                                              const std::vector<std::string>& metrics,
                                              absl::CivilDay from);

// What people did in the 28 days before a day, and whether they did anything in the 14 days from it
// on; of at most 20,000 people.
struct HabitBefore {
  int64_t user_id = 0;
  double events = 0;
  double events_last_week = 0;
  double active_days = 0;
  double days_since_last = 0;  // 0: the day before.
  double metrics = 0;          // Different ones.
  bool stayed = false;
};
absl::StatusOr<std::vector<HabitBefore>> ListHabitsBefore(postgres::Transaction& tx,
                                                          absl::CivilDay day);

}  // namespace selfology::analytics::store
