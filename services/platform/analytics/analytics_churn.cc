// Of AnalyticsService: who is likely to leave.
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/platform/analytics/analytics_service.h"
#include "services/platform/analytics/churn.h"
#include "services/platform/analytics/people_store.h"

namespace selfology::analytics {
namespace {

constexpr int kUsualLimit = 100;
constexpr int kMostPeople = 1000;
constexpr int kAhead = 14;  // Days.

ChurnFeatures FeaturesOf(const store::HabitBefore& habit) {
  return ChurnFeaturesOf(habit.events, habit.events_last_week, habit.active_days,
                         habit.days_since_last, habit.metrics);
}

struct Past {
  std::vector<store::HabitBefore> then;
  std::vector<store::HabitBefore> now;
};

}  // namespace

absl::StatusOr<v1::PredictChurnResponse> AnalyticsService::PredictChurn(
    const Call& call, const v1::PredictChurnRequest& request) {
  const int limit = request.limit() == 0 ? kUsualLimit : request.limit();
  if (limit < 1 || limit > kMostPeople) {
    return status::InvalidField("limit", "must be 1 to 1,000, or 0");
  }
  // Today is not over: whole days only.
  const absl::CivilDay today = absl::ToCivilDay(clock_(), absl::UTCTimeZone());
  ASSIGN_OR_RETURN(const Past past,
                   database_.Read(call, [&](postgres::Transaction& tx) -> absl::StatusOr<Past> {
                     Past read;
                     ASSIGN_OR_RETURN(read.then, store::ListHabitsBefore(tx, today - kAhead));
                     ASSIGN_OR_RETURN(read.now, store::ListHabitsBefore(tx, today));
                     return read;
                   }));
  std::vector<ChurnExample> examples;
  for (const store::HabitBefore& habit : past.then) {
    examples.push_back({.features = FeaturesOf(habit), .left = !habit.stayed});
  }
  const ChurnFit fit = LearnChurn(examples);
  v1::PredictChurnResponse response;
  response.set_reason(fit.reason);
  response.set_learned_from(static_cast<int64_t>(examples.size()));
  response.set_auc(fit.auc);
  if (!fit.is_known) return response;
  for (size_t i = 0; i < kChurnFeatures; ++i) {
    v1::ChurnFactor& factor = *response.add_factors();
    factor.set_name(kChurnNames[i]);
    factor.set_weight(fit.model.weights[i]);
  }
  std::stable_sort(
      response.mutable_factors()->begin(), response.mutable_factors()->end(),
      [](const auto& a, const auto& b) { return std::abs(a.weight()) > std::abs(b.weight()); });
  std::vector<v1::ChurnRisk> risks;
  for (const store::HabitBefore& habit : past.now) {
    v1::ChurnRisk& risk = risks.emplace_back();
    risk.set_user_id(habit.user_id);
    risk.set_probability(ChurnProbability(fit.model, FeaturesOf(habit)));
  }
  std::stable_sort(risks.begin(), risks.end(),
                   [](const auto& a, const auto& b) { return a.probability() > b.probability(); });
  if (risks.size() > static_cast<size_t>(limit)) risks.resize(static_cast<size_t>(limit));
  for (v1::ChurnRisk& risk : risks) *response.add_people() = std::move(risk);
  return response;
}

}  // namespace selfology::analytics
