// Of AnalyticsService: groups of people, and thresholds.
#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/events/outbox.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/analytics.pb.h"
#include "services/platform/analytics/analytics_service.h"
#include "services/platform/analytics/clustering.h"
#include "services/platform/analytics/facts.h"
#include "services/platform/analytics/people_store.h"
#include "services/platform/analytics/steps.h"
#include "services/platform/analytics/threshold_rules.h"
#include "services/platform/analytics/threshold_store.h"

namespace selfology::analytics {
namespace {

using postgres::Transaction;

constexpr paging::Limits kPage = {.default_size = 50, .max_size = 200};
constexpr int64_t kMetricsOfHabits = 16;
constexpr int kTraitsTold = 5;
constexpr absl::Duration kHabits = absl::Hours(28 * 24);

struct Habits {
  std::vector<std::string> metrics;
  std::vector<int64_t> people;
  Points points;  // One for each of them.
};

absl::StatusOr<Habits> ReadHabits(Transaction& tx, absl::CivilDay from) {
  Habits habits;
  ASSIGN_OR_RETURN(habits.metrics, store::CommonMetrics(tx, from, kMetricsOfHabits));
  ASSIGN_OR_RETURN(const std::vector<store::Habit> rows,
                   store::ListHabits(tx, habits.metrics, from));
  for (const store::Habit& row : rows) {
    if (habits.people.empty() || row.user_id != habits.people.back()) {
      habits.people.push_back(row.user_id);
      habits.points.emplace_back(habits.metrics.size(), 0.0);
    }
    habits.points.back()[static_cast<size_t>(row.metric)] = row.events;
  }
  return habits;
}

// What the members of a group do, against everybody, the most telling first.
void DescribeGroup(const Habits& habits, const std::vector<double>& sums, double members,
                   const std::vector<double>& sums_of_all, v1::PeopleCluster& group) {
  const auto people = static_cast<double>(habits.points.size());
  std::vector<std::pair<double, v1::ClusterTrait>> traits;
  for (size_t m = 0; m < habits.metrics.size(); ++m) {
    v1::ClusterTrait trait;
    trait.set_metric(habits.metrics[m]);
    trait.set_events(sums[m] / members);
    trait.set_events_of_all(sums_of_all[m] / people);
    traits.emplace_back(std::abs(std::log1p(trait.events()) - std::log1p(trait.events_of_all())),
                        trait);
  }
  std::stable_sort(traits.begin(), traits.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  for (int i = 0; i < std::min<int>(kTraitsTold, static_cast<int>(traits.size())); ++i) {
    *group.add_traits() = traits[static_cast<size_t>(i)].second;
  }
}

absl::Status CheckThreshold(const v1::Threshold& threshold) {
  constexpr std::string_view kWord =
      "must be 1 to 64 characters of a-z, 0-9, \"_\", \"-\" and \".\"";
  status::FieldViolations bad;
  if (!IsWord(threshold.threshold_id())) bad.Add("threshold.threshold_id", kWord);
  if (!IsWord(threshold.metric())) bad.Add("threshold.metric", kWord);
  if (!threshold.dimension().empty() && !IsWord(threshold.dimension())) {
    bad.Add("threshold.dimension", kWord);
  }
  if (threshold.window_hours() < 1 || threshold.window_hours() > 720) {
    bad.Add("threshold.window_hours", "must be 1 to 720, or 0");
  }
  const bool has_value = threshold.value() != 0;
  if (has_value == (threshold.times_median() != 0)) {
    bad.Add("threshold.value", "must be given, or else times_median");
  } else if (has_value ? !(threshold.value() > 0) : !(threshold.times_median() > 1)) {
    bad.Add(has_value ? "threshold.value" : "threshold.times_median",
            has_value ? "must be above 0" : "must be above 1");
  }
  return bad.ToStatus();
}

// The last window's events, by value, and those of the windows before it.
struct Windows {
  double now = 0;
  std::vector<double> before = std::vector<double>(store::kWindows - 1, 0.0);
};

absl::Status LookAt(Transaction& tx, const v1::Threshold& threshold, absl::Time now) {
  const absl::Time to = StepBegin(now, v1::STEP_HOUR, absl::UTCTimeZone()) + absl::Hours(1);
  ASSIGN_OR_RETURN(const std::vector<std::string> reached,
                   store::ListReached(tx, threshold.threshold_id()));
  ASSIGN_OR_RETURN(const std::vector<store::WindowCount> counts,
                   store::CountWindows(tx, threshold, to));
  std::map<std::string, Windows> by_value;
  for (const store::WindowCount& count : counts) {
    Windows& windows = by_value[count.value];
    if (count.window == 0) {
      windows.now += count.events;
    } else if (count.window > 0 && count.window < store::kWindows) {
      windows.before[static_cast<size_t>(count.window) - 1] += count.events;
    }
  }
  std::set<std::string> above;
  for (const auto& [value, windows] : by_value) {
    const double reach = Reach(threshold, windows.before);
    if (windows.now < reach) continue;
    above.insert(value);
    if (std::find(reached.begin(), reached.end(), value) != reached.end()) continue;
    store::SaveReached(tx, threshold.threshold_id(), value, now);
    events::v1::AnalyticsThresholdReached event;
    event.set_threshold_id(threshold.threshold_id());
    event.set_metric(threshold.metric());
    event.set_dimension_value(value);
    event.set_value(windows.now);
    event.set_threshold(reach);
    event.set_window_hours(threshold.window_hours());
    RETURN_IF_ERROR(events::Publish(tx, event));
  }
  for (const std::string& value : reached) {
    if (!above.contains(value)) store::ForgetReached(tx, threshold.threshold_id(), value);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::ClusterPeopleResponse> AnalyticsService::ClusterPeople(
    const Call& call, const v1::ClusterPeopleRequest& request) {
  if (request.clusters() < 0 || request.clusters() == 1 || request.clusters() > 10) {
    return status::InvalidField("clusters", "must be 2 to 10, or 0");
  }
  const absl::Time from =
      request.has_from() ? timestamps::FromProto(request.from()) : clock_() - kHabits;
  ASSIGN_OR_RETURN(const Habits habits, database_.Read(call, [&](Transaction& tx) {
    return ReadHabits(tx, absl::ToCivilDay(from, absl::UTCTimeZone()));
  }));
  // Seeded always alike, so that who asks twice, or tomorrow, finds the same groups.
  std::mt19937_64 random(1);
  const Clustering clustering = Cluster(habits.points, {.clusters = request.clusters()}, random);
  v1::ClusterPeopleResponse response;
  response.set_reason(clustering.reason);
  response.set_silhouette(clustering.silhouette);
  const auto k = static_cast<size_t>(clustering.clusters);
  std::vector<std::vector<double>> sums(k, std::vector<double>(habits.metrics.size(), 0));
  std::vector<double> sums_of_all(habits.metrics.size(), 0);
  std::vector<int64_t> members(k, 0);
  for (size_t i = 0; i < clustering.cluster_of.size(); ++i) {
    const auto c = static_cast<size_t>(clustering.cluster_of[i]);
    ++members[c];
    for (size_t m = 0; m < habits.metrics.size(); ++m) {
      sums[c][m] += habits.points[i][m];
      sums_of_all[m] += habits.points[i][m];
    }
  }
  for (size_t c = 0; c < k; ++c) {
    if (members[c] == 0) continue;
    v1::PeopleCluster& group = *response.add_clusters();
    group.set_people(members[c]);
    for (size_t i = 0; request.with_people() && i < habits.people.size(); ++i) {
      if (clustering.cluster_of[i] == static_cast<int>(c)) group.add_user_ids(habits.people[i]);
    }
    DescribeGroup(habits, sums[c], static_cast<double>(members[c]), sums_of_all, group);
  }
  std::stable_sort(response.mutable_clusters()->begin(), response.mutable_clusters()->end(),
                   [](const auto& a, const auto& b) { return a.people() > b.people(); });
  return response;
}

absl::StatusOr<v1::PutThresholdResponse> AnalyticsService::PutThreshold(
    const Call& call, const v1::PutThresholdRequest& request) {
  v1::Threshold threshold = request.threshold();
  if (threshold.window_hours() == 0) threshold.set_window_hours(1);
  RETURN_IF_ERROR(CheckThreshold(threshold));
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) {
    store::SaveThreshold(tx, threshold);
    return absl::OkStatus();
  }));
  v1::PutThresholdResponse response;
  *response.mutable_threshold() = std::move(threshold);
  return response;
}

absl::StatusOr<v1::ListThresholdsResponse> AnalyticsService::ListThresholds(
    const Call& call, const v1::ListThresholdsRequest& request) {
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(std::vector<v1::Threshold> thresholds,
                   database_.Read(call, [&](Transaction& tx) {
                     return store::ListThresholds(tx, page.after, page.limit());
                   }));
  v1::ListThresholdsResponse response;
  response.set_next_page_token(page.Cut(thresholds, &v1::Threshold::threshold_id));
  for (v1::Threshold& threshold : thresholds) {
    *response.add_thresholds() = std::move(threshold);
  }
  return response;
}

absl::StatusOr<v1::DeleteThresholdResponse> AnalyticsService::DeleteThreshold(
    const Call& call, const v1::DeleteThresholdRequest& request) {
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) {
    store::DeleteThreshold(tx, request.threshold_id());
    return absl::OkStatus();
  }));
  return v1::DeleteThresholdResponse();
}

absl::Status AnalyticsService::LookAtThresholds(const Call& call) {
  std::string after;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<v1::Threshold> thresholds,
                     database_.Read(call, [&](Transaction& tx) {
                       return store::ListThresholds(tx, after, 200);
                     }));
    for (const v1::Threshold& threshold : thresholds) {
      RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) {
        return LookAt(tx, threshold, timestamps::WholeMicroseconds(clock_()));
      }));
      after = threshold.threshold_id();
    }
    if (thresholds.size() < 200) return absl::OkStatus();
  }
}

}  // namespace selfology::analytics
