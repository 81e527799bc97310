#include "services/platform/analytics/analytics_service.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/idempotency/once.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/platform/analytics/analytics_store.h"
#include "services/platform/analytics/facts.h"
#include "services/platform/analytics/forecast.h"
#include "services/platform/analytics/people_store.h"
#include "services/platform/analytics/series.h"
#include "services/platform/analytics/series_store.h"
#include "services/platform/analytics/steps.h"

namespace selfology::analytics {
namespace {

using postgres::Transaction;

constexpr paging::Limits kDaysPage = {.default_size = 500, .max_size = 1000};
constexpr int64_t kFoldAtOnce = 20'000;
constexpr int kMaxTrendHours = 2400;
constexpr int kMostTracked = 500;
constexpr std::string_view kWord = "must be 1 to 64 characters of a-z, 0-9, \"_\", \"-\" and \".\"";
// Clocks of those who track differ a little.
constexpr absl::Duration kFuture = absl::Minutes(5);
const absl::CivilDay kFirstDay(1, 1, 1);
const absl::CivilDay kLastDay(9999, 12, 31);

absl::CivilDay DayOf(absl::Time time) { return absl::ToCivilDay(time, absl::UTCTimeZone()); }

// What TrackRequest and TrackedEvent have in common.
template <typename Request>
store::Tracked ReadTracked(const Request& request, absl::Time clock, status::FieldViolations& bad) {
  if (!IsWord(request.event())) bad.Add("event", kWord);
  Facts facts = FactsOf(request.properties(), bad);
  idempotency::CheckKey(request.idempotency_key(), bad);
  const absl::Time now = timestamps::WholeMicroseconds(clock);
  const absl::Time at =
      request.has_occurred_at() ? timestamps::FromProto(request.occurred_at()) : now;
  if (at > now + kFuture) bad.Add("occurred_at", "must not be in the future");
  return {.metric = absl::StrCat("track.", request.event()),
          .occurred_at = at,
          .facts = std::move(facts),
          .key = request.idempotency_key()};
}

std::string PositionOf(const v1::UserDay& day) {
  return absl::StrCat(day.metric(), "/",
                      absl::FormatCivilTime(DayOf(timestamps::FromProto(day.day()))));
}

}  // namespace

AnalyticsService::AnalyticsService(postgres::Database& database, Clock clock)
    : database_(database), clock_(std::move(clock)) {}

absl::StatusOr<v1::TrackResponse> AnalyticsService::Track(const Call& call,
                                                          const v1::TrackRequest& request) {
  status::FieldViolations bad;
  if (request.user_id() < 0) bad.Add("user_id", "must not be below 0");
  const store::Tracked tracked = ReadTracked(request, clock_(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const bool is_new, database_.Write(call, [&](Transaction& tx) {
    return store::IngestOnce(tx,
                             {.metric = tracked.metric,
                              .user_id = request.user_id(),
                              .occurred_at = tracked.occurred_at},
                             tracked.facts, tracked.key);
  }));
  v1::TrackResponse response;
  response.set_is_new(is_new);
  return response;
}

absl::StatusOr<v1::TrackManyResponse> AnalyticsService::TrackMany(
    const Call& call, const v1::TrackManyRequest& request) {
  status::FieldViolations bad;
  if (request.user_id() < 0) bad.Add("user_id", "must not be below 0");
  if (request.events().empty() || request.events_size() > kMostTracked) {
    bad.Add("events", absl::StrCat("must be 1 to ", kMostTracked));
  }
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = clock_();
  std::vector<store::Tracked> events;
  for (const v1::TrackedEvent& event : request.events()) {
    events.push_back(ReadTracked(event, now, bad));
    if (bad.empty()) continue;
    // Of the first wrong one, what is wrong first.
    const status::FieldViolation first = status::Violations(bad.ToStatus()).front();
    return status::InvalidField(absl::StrCat("events[", events.size() - 1, "].", first.field),
                                first.rule);
  }
  ASSIGN_OR_RETURN(const int64_t counted, database_.Write(call, [&](Transaction& tx) {
    return store::IngestMany(tx, request.user_id(), events);
  }));
  v1::TrackManyResponse response;
  response.set_counted(static_cast<int32_t>(counted));
  return response;
}

absl::StatusOr<v1::QuerySeriesResponse> AnalyticsService::QuerySeries(
    const Call& call, const v1::QuerySeriesRequest& request) {
  ASSIGN_OR_RETURN(const Steps steps, ReadQuery(request.query()));
  ASSIGN_OR_RETURN(
      const std::vector<store::Number> numbers, database_.Read(call, [&](Transaction& tx) {
        return store::ReadSeries(tx, request.query(), {steps.begins.front(), steps.to});
      }));
  v1::QuerySeriesResponse response;
  for (v1::Series& series : MakeSeries(numbers, steps)) {
    *response.add_series() = std::move(series);
  }
  return response;
}

absl::StatusOr<v1::GetUserSeriesResponse> AnalyticsService::GetUserSeries(
    const Call& call, const v1::GetUserSeriesRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kDaysPage));
  store::UserDays wanted{
      .user_id = request.user_id(),
      .metric = request.metric(),
      .from = request.has_from() ? DayOf(timestamps::FromProto(request.from())) : kFirstDay,
      .to = request.has_to() ? DayOf(timestamps::FromProto(request.to())) : kLastDay,
      .after_metric = "",
      .after_day = kFirstDay};
  if (!page.after.empty()) {
    const std::pair<std::string, std::string> position = absl::StrSplit(page.after, '/');
    wanted.after_metric = position.first;
    if (!absl::ParseCivilTime(position.second, &wanted.after_day)) {
      return status::InvalidField("page_token", "must be one that a page had");
    }
  }
  ASSIGN_OR_RETURN(std::vector<v1::UserDay> days, database_.Read(call, [&](Transaction& tx) {
    return store::ListUserDays(tx, wanted, page.limit());
  }));
  v1::GetUserSeriesResponse response;
  response.set_next_page_token(page.Cut(days, &PositionOf));
  for (v1::UserDay& day : days) *response.add_days() = std::move(day);
  return response;
}

absl::StatusOr<v1::QueryFunnelResponse> AnalyticsService::QueryFunnel(
    const Call& call, const v1::QueryFunnelRequest& request) {
  const std::vector<std::string> metrics(request.steps().begin(), request.steps().end());
  const absl::Duration window =
      request.has_window()
          ? absl::Seconds(request.window().seconds()) + absl::Nanoseconds(request.window().nanos())
          : absl::Hours(14 * 24);
  status::FieldViolations bad;
  if (metrics.size() < 2 || metrics.size() > 10) bad.Add("steps", "must be 2 to 10");
  if (!std::all_of(metrics.begin(), metrics.end(), &IsWord)) bad.Add("steps", kWord);
  if (!request.has_from()) bad.Add("from", "must be given");
  if (timestamps::FromProto(request.to()) <= timestamps::FromProto(request.from())) {
    bad.Add("to", "must be after from");
  }
  if (window < absl::Seconds(1) || window > absl::Hours(365 * 24)) {
    bad.Add("window", "must be 1 s to 365 days");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const std::vector<store::FunnelCount> counts,
                   database_.Read(call, [&](Transaction& tx) {
                     return store::CountFunnel(tx, metrics, timestamps::FromProto(request.from()),
                                               timestamps::FromProto(request.to()), window);
                   }));
  v1::QueryFunnelResponse response;
  const auto share = [](int64_t part, int64_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
  };
  for (size_t i = 0; i < counts.size(); ++i) {
    v1::FunnelStep& step = *response.add_steps();
    step.set_metric(metrics[i]);
    step.set_people(counts[i].people);
    step.set_of_first(share(counts[i].people, counts[0].people));
    step.set_of_previous(share(counts[i].people, counts[i == 0 ? 0 : i - 1].people));
    if (counts[i].median_seconds.has_value()) {
      const absl::Duration median = absl::Seconds(*counts[i].median_seconds);
      step.mutable_median_time()->set_seconds(absl::ToInt64Seconds(median));
      step.mutable_median_time()->set_nanos(
          static_cast<int32_t>(absl::ToInt64Nanoseconds(median % absl::Seconds(1))));
    }
  }
  return response;
}

absl::StatusOr<v1::QueryRetentionResponse> AnalyticsService::QueryRetention(
    const Call& call, const v1::QueryRetentionRequest& request) {
  store::Periods periods{.from = DayOf(timestamps::FromProto(request.from())),
                         .days = request.period_days() == 0 ? 7 : request.period_days(),
                         .count = request.periods() == 0 ? 8 : request.periods()};
  const std::string& back =
      request.return_metric().empty() ? request.first_metric() : request.return_metric();
  status::FieldViolations bad;
  if (!IsWord(request.first_metric())) bad.Add("first_metric", kWord);
  if (!IsWord(back)) bad.Add("return_metric", kWord);
  if (!request.has_from()) bad.Add("from", "must be given");
  if (periods.days < 1 || periods.days > 31) bad.Add("period_days", "must be 1 to 31, or 0");
  if (periods.count < 1 || periods.count > 52) bad.Add("periods", "must be 1 to 52, or 0");
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const std::vector<store::Returned> rows,
                   database_.Read(call, [&](Transaction& tx) {
                     return store::CountReturned(tx, request.first_metric(), back, periods);
                   }));
  v1::QueryRetentionResponse response;
  for (int64_t i = 0; i < periods.count; ++i) {
    v1::Cohort& cohort = *response.add_cohorts();
    *cohort.mutable_began() =
        timestamps::ToProto(absl::FromCivil(periods.from + i * periods.days, absl::UTCTimeZone()));
    for (int64_t p = i; p < periods.count; ++p) cohort.add_returned(0);
  }
  for (const store::Returned& row : rows) {
    v1::Cohort& cohort = *response.mutable_cohorts(static_cast<int>(row.cohort));
    if (row.period < 0) {
      cohort.set_people(row.people);
    } else {
      cohort.set_returned(static_cast<int>(row.period), row.people);
    }
  }
  return response;
}

absl::StatusOr<v1::QueryTrendsResponse> AnalyticsService::QueryTrends(
    const Call& call, const v1::QueryTrendsRequest& request) {
  const int hours = request.hours() == 0 ? 24 : request.hours();
  const int limit = request.limit() == 0 ? 10 : request.limit();
  status::FieldViolations bad;
  if (!request.metric().empty() && !IsWord(request.metric())) bad.Add("metric", kWord);
  if (request.metric().empty() != request.dimension().empty()) {
    bad.Add("dimension", "must be given with a metric, and only then");
  }
  if (hours < 1 || hours > kMaxTrendHours) {
    bad.Add("hours", absl::StrCat("must be 1 to ", kMaxTrendHours, ", or 0"));
  }
  if (limit < 1 || limit > 100) bad.Add("limit", "must be 1 to 100, or 0");
  RETURN_IF_ERROR(bad.ToStatus());
  // Up to the end of this hour.
  const absl::Time to = StepBegin(clock_(), v1::STEP_HOUR, absl::UTCTimeZone()) + absl::Hours(1);
  ASSIGN_OR_RETURN(std::vector<v1::Trend> trends, database_.Read(call, [&](Transaction& tx) {
    return store::ReadTrends(tx, request.metric(), request.dimension(),
                             to - 2 * hours * absl::Hours(1), to - hours * absl::Hours(1), to,
                             limit);
  }));
  v1::QueryTrendsResponse response;
  for (v1::Trend& trend : trends) *response.add_trends() = std::move(trend);
  return response;
}

absl::StatusOr<v1::PredictSeriesResponse> AnalyticsService::PredictSeries(
    const Call& call, const v1::PredictSeriesRequest& request) {
  const int steps_ahead = request.steps() == 0 ? 7 : request.steps();
  if (steps_ahead < 1 || steps_ahead > 365) {
    return status::InvalidField("steps", "must be 1 to 365, or 0");
  }
  if (request.season() < 0 || request.season() == 1 || request.season() > 365) {
    return status::InvalidField("season", "must be 2 to 365, or 0");
  }
  if (!request.query().split_by().empty()) {
    return status::InvalidField("query.split_by", "must be empty for a prediction");
  }
  ASSIGN_OR_RETURN(Steps steps, ReadQuery(request.query()));
  ASSIGN_OR_RETURN(const absl::TimeZone zone, ReadZone(request.query().time_zone()));
  // A step that is not over yet would look like a fall.
  const v1::Step step = request.query().step();
  const absl::Time known = std::min(clock_(), steps.to);
  while (!steps.begins.empty() && NextStep(steps.begins.back(), step, zone) > known) {
    steps.begins.pop_back();
  }
  v1::PredictSeriesResponse response;
  if (steps.begins.empty()) {
    response.set_reason("no step of the time is over yet");
    return response;
  }
  const absl::Time first = NextStep(steps.begins.back(), step, zone);
  ASSIGN_OR_RETURN(const std::vector<store::Number> numbers,
                   database_.Read(call, [&](Transaction& tx) {
                     return store::ReadSeries(tx, request.query(), {steps.begins.front(), first});
                   }));
  const std::vector<v1::Series> series = MakeSeries(numbers, steps);
  std::vector<double> past(steps.begins.size(), 0);
  if (!series.empty()) {
    for (int i = 0; i < series[0].points_size(); ++i) {
      past[static_cast<size_t>(i)] = series[0].points(i).value();
    }
  }
  const int usual = step == v1::STEP_HOUR    ? 24
                    : step == v1::STEP_WEEK  ? 0
                    : step == v1::STEP_MONTH ? 12
                                             : 7;
  const Forecast forecast = Predict(
      past, {.steps = steps_ahead, .season = request.season() == 0 ? usual : request.season()});
  absl::Time at = first;
  for (const ForecastValue& value : forecast.values) {
    v1::Prediction& prediction = *response.add_predictions();
    *prediction.mutable_at() = timestamps::ToProto(at);
    prediction.set_value(value.value);
    prediction.set_low(value.low);
    prediction.set_high(value.high);
    at = NextStep(at, step, zone);
  }
  response.set_scaled_error(forecast.scaled_error);
  response.set_reason(forecast.reason);
  return response;
}

absl::StatusOr<v1::RebuildRollupsResponse> AnalyticsService::RebuildRollups(
    const Call& call, const v1::RebuildRollupsRequest& request) {
  if (!request.has_from()) return status::InvalidField("from", "must be given");
  const absl::TimeZone utc = absl::UTCTimeZone();
  const absl::Time from = StepBegin(timestamps::FromProto(request.from()), v1::STEP_DAY, utc);
  absl::Time to = StepBegin(timestamps::FromProto(request.to()), v1::STEP_DAY, utc);
  if (to < timestamps::FromProto(request.to())) to = NextStep(to, v1::STEP_DAY, utc);
  if (to <= from) return status::InvalidField("to", "must be after from");
  ASSIGN_OR_RETURN(const int64_t events, database_.Write(call, [&](Transaction& tx) {
    return store::Rebuild(tx, from, to);
  }));
  v1::RebuildRollupsResponse response;
  response.set_events(events);
  return response;
}

absl::Status AnalyticsService::Fold(const Call& call) {
  while (true) {
    ASSIGN_OR_RETURN(const int64_t events, database_.Write(call, [&](Transaction& tx) {
      return store::Fold(tx, kFoldAtOnce);
    }));
    if (events < kFoldAtOnce) return absl::OkStatus();
  }
}

}  // namespace selfology::analytics
