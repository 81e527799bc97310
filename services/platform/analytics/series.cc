#include "services/platform/analytics/series.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/platform/analytics/facts.h"
#include "services/platform/analytics/steps.h"

namespace selfology::analytics {
namespace {

constexpr size_t kMaxSteps = 10'000;
constexpr size_t kMaxSeries = 20;

}  // namespace

absl::StatusOr<Steps> ReadQuery(const v1::SeriesQuery& query) {
  status::FieldViolations bad;
  const std::string word = "must be 1 to 64 characters of a-z, 0-9, \"_\", \"-\" and \".\"";
  if (!IsWord(query.metric())) bad.Add("query.metric", word);
  if (!query.split_by().empty() && !IsWord(query.split_by())) bad.Add("query.split_by", word);
  const bool of_numbers =
      query.measure() == v1::MEASURE_SUM || query.measure() == v1::MEASURE_AVERAGE;
  if (of_numbers ? !IsWord(query.number()) : !query.number().empty()) {
    bad.Add("query.number", of_numbers ? word : "must be empty for this measure");
  }
  if (!query.has_from()) bad.Add("query.from", "must be given");
  const absl::Time from = timestamps::FromProto(query.from());
  Steps steps{.begins = {}, .to = timestamps::FromProto(query.to())};
  if (steps.to <= from) bad.Add("query.to", "must be after from");
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const absl::TimeZone zone, ReadZone(query.time_zone()));
  steps.begins = StepsBetween(from, steps.to, query.step(), zone, kMaxSteps);
  if (steps.begins.size() > kMaxSteps) {
    return status::InvalidField("query.to",
                                absl::StrCat("must be at most ", kMaxSteps, " steps after from"));
  }
  return steps;
}

std::vector<v1::Series> MakeSeries(const std::vector<store::Number>& numbers, const Steps& steps) {
  std::map<std::string, v1::Series> by_value;
  for (const store::Number& number : numbers) {
    v1::Series& series = by_value[number.value];
    if (!number.at.has_value()) {
      series.set_total(number.number);
      continue;
    }
    if (series.points().empty()) {
      for (const absl::Time begin : steps.begins) {
        *series.add_points()->mutable_at() = timestamps::ToProto(begin);
      }
    }
    const auto after = std::upper_bound(steps.begins.begin(), steps.begins.end(), *number.at);
    if (after == steps.begins.begin()) continue;
    const auto index = static_cast<int>(after - steps.begins.begin()) - 1;
    series.mutable_points(index)->set_value(number.number);
  }
  std::vector<v1::Series> all;
  for (auto& [value, series] : by_value) {
    series.set_dimension(value);
    all.push_back(std::move(series));
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const v1::Series& a, const v1::Series& b) { return a.total() > b.total(); });
  if (all.size() > kMaxSeries) all.resize(kMaxSeries);
  return all;
}

}  // namespace selfology::analytics
