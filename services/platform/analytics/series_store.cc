#include "services/platform/analytics/series_store.h"

#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/platform/analytics/steps.h"

namespace selfology::analytics::store {
namespace {

using postgres::Transaction;

bool IsUtc(const v1::SeriesQuery& query) {
  return query.time_zone().empty() || query.time_zone() == "UTC";
}

bool Begins(absl::Time time, v1::Step step) {
  return StepBegin(time, step, absl::UTCTimeZone()) == time;
}

bool CountsPeople(const v1::SeriesQuery& query) { return query.measure() == v1::MEASURE_PEOPLE; }

bool CountsEvents(const v1::SeriesQuery& query) {
  return query.measure() == v1::MEASURE_EVENTS || query.measure() == v1::MEASURE_UNSPECIFIED;
}

// Where the numbers come from: a query of the columns v (value), b (begin of the step) and what the
// measure needs; and the measure.
struct Source {
  std::string rows;
  std::string_view measure;
};

Source SourceOf(const v1::SeriesQuery& query, const Span& span, bool is_of_one) {
  const bool whole_days = !is_of_one && IsUtc(query) && query.step() != v1::STEP_HOUR &&
                          Begins(span.from, v1::STEP_DAY) && Begins(span.to, v1::STEP_DAY);
  const bool whole_hours = !is_of_one && IsUtc(query) && Begins(span.from, v1::STEP_HOUR) &&
                           Begins(span.to, v1::STEP_HOUR);
  constexpr std::string_view kDays =
      "day >= ($3 AT TIME ZONE 'UTC')::date AND day < ($4 AT TIME ZONE 'UTC')::date";
  constexpr std::string_view kDayBegin = "date_trunc($5, day::timestamp AT TIME ZONE 'UTC', 'UTC')";
  if (whole_days && CountsEvents(query)) {
    return {absl::StrCat("SELECT value AS v, ", kDayBegin, " AS b, events FROM analytics_days",
                         " WHERE metric = $1 AND dimension = $2 AND ", kDays),
            "sum(events)"};
  }
  if (whole_days && CountsPeople(query) && query.split_by().empty()) {
    return {absl::StrCat("SELECT $2 AS v, ", kDayBegin, " AS b, user_id FROM analytics_user_days",
                         " WHERE metric = $1 AND ", kDays),
            "count(DISTINCT user_id)"};
  }
  if (whole_hours && CountsEvents(query)) {
    return {
        "SELECT value AS v, date_trunc($5, hour, 'UTC') AS b, events FROM analytics_hours"
        " WHERE metric = $1 AND dimension = $2 AND hour >= $3 AND hour < $4",
        "sum(events)"};
  }
  std::string rows =
      "SELECT CASE WHEN $2 = '' THEN '' ELSE coalesce(dimensions ->> $2, '') END AS v,"
      " date_trunc($5, occurred_at, $6) AS b, nullif(user_id, 0) AS user_id,"
      " (numbers ->> $7)::double precision AS number FROM analytics_events"
      " WHERE metric = $1 AND occurred_at >= $3 AND occurred_at < $4";
  if (is_of_one) rows += " AND user_id = $8";
  switch (query.measure()) {
    case v1::MEASURE_PEOPLE:
      return {std::move(rows), "count(DISTINCT user_id)"};
    case v1::MEASURE_SUM:
      return {std::move(rows), "coalesce(sum(number), 0)"};
    case v1::MEASURE_AVERAGE:
      return {std::move(rows), "coalesce(avg(number), 0)"};
    default:
      return {std::move(rows), "count(*)"};
  }
}

}  // namespace

absl::StatusOr<std::vector<Number>> ReadSeries(Transaction& tx, const v1::SeriesQuery& query,
                                               const Span& span, int64_t user_id) {
  const Source source = SourceOf(query, span, user_id != 0);
  return tx.Query<Number>(
      absl::StrCat("SELECT v, b, (", source.measure, ")::double precision FROM (", source.rows,
                   ") r GROUP BY GROUPING SETS ((v, b), (v))"),
      query.metric(), query.split_by(), span.from, span.to, StepWord(query.step()),
      query.time_zone().empty() ? "UTC" : query.time_zone(), query.number(), user_id);
}

absl::StatusOr<std::vector<v1::UserDay>> ListUserDays(Transaction& tx, const UserDays& wanted,
                                                      int64_t limit) {
  ASSIGN_OR_RETURN(
      const auto rows,
      (tx.Query<std::string, absl::CivilDay, int64_t>(
          "SELECT metric, day, events FROM analytics_user_days WHERE user_id = $1"
          " AND $2 IN ('', metric) AND day >= $3 AND day < $4 AND (metric, day) > ($5, $6)"
          " ORDER BY metric, day LIMIT $7",
          wanted.user_id, wanted.metric, wanted.from, wanted.to, wanted.after_metric,
          wanted.after_day, limit)));
  std::vector<v1::UserDay> days;
  for (const auto& [metric, day, events] : rows) {
    v1::UserDay& one = days.emplace_back();
    one.set_metric(metric);
    *one.mutable_day() = timestamps::ToProto(absl::FromCivil(day, absl::UTCTimeZone()));
    one.set_events(events);
  }
  return days;
}

absl::StatusOr<std::vector<v1::Trend>> ReadTrends(Transaction& tx, std::string_view metric,
                                                  std::string_view dimension, absl::Time from,
                                                  absl::Time middle, absl::Time to, int64_t limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   (tx.Query<std::string, int64_t, int64_t, double>(
                       "SELECT key, now_events, before_events, ((now_events - before_events)"
                       " / sqrt(now_events + before_events))::double precision AS score FROM"
                       " (SELECT CASE WHEN $1 = '' THEN metric ELSE value END AS key,"
                       " coalesce(sum(events) FILTER (WHERE hour >= $4), 0)::bigint AS now_events,"
                       " coalesce(sum(events) FILTER (WHERE hour < $4), 0)::bigint AS before_events"
                       " FROM analytics_hours WHERE $1 IN ('', metric) AND dimension = $2"
                       " AND hour >= $3 AND hour < $5 GROUP BY 1) sums"
                       " ORDER BY score DESC, key LIMIT $6",
                       metric, dimension, from, middle, to, limit)));
  std::vector<v1::Trend> trends;
  for (const auto& [key, events, before, score] : rows) {
    v1::Trend& trend = trends.emplace_back();
    trend.set_key(key);
    trend.set_events(events);
    trend.set_events_before(before);
    trend.set_score(score);
  }
  return trends;
}

absl::StatusOr<std::vector<std::string>> BusiestMetrics(Transaction& tx, int64_t user_id,
                                                        absl::CivilDay first, absl::CivilDay last,
                                                        int64_t limit) {
  ASSIGN_OR_RETURN(
      auto rows, tx.Query<std::string>(
                     user_id != 0 ? "SELECT metric FROM analytics_user_days WHERE user_id = $1"
                                    " AND day BETWEEN $2 AND $3"
                                    " GROUP BY 1 ORDER BY sum(events) DESC, 1 LIMIT $4"
                                  : "SELECT metric FROM analytics_days WHERE dimension = ''"
                                    " AND day BETWEEN $2 AND $3"
                                    " AND $1 = 0 GROUP BY 1 ORDER BY sum(events) DESC, 1 LIMIT $4",
                     user_id, first, last, limit));
  std::vector<std::string> metrics;
  for (auto& [metric] : rows) metrics.push_back(std::move(metric));
  return metrics;
}

}  // namespace selfology::analytics::store
