// How fast analytics counts and answers, with PostgreSQL and Redis of its own:
//
//   bazel run -c opt //tests/bench/analytics
//   bazel run -c opt //tests/bench/analytics -- --only=ingest,cluster --json
//
// ingest: events that wait in the streams, until each is kept, and until each is in the roll-ups. year: the series of a
// year by day and dimension. cluster: groups of people by what they did in 28 days. Exits with 1 when a row could not be
// measured; a missed aim is only said.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/events/envelope.h"
#include "common/events/event_type.h"
#include "common/observe/log.h"
#include "common/observe/metrics.h"
#include "common/redis/client.h"
#include "common/rpc/channel.h"
#include "common/service/host.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "common/uuid/uuid.h"
#include "selfology/analytics/v1/analytics_service_client.h"
#include "selfology/events/v1/queue.pb.h"
#include "services/platform/analytics/module.h"
#include "tests/bench/ground.h"
#include "tests/bench/report.h"

ABSL_FLAG(std::vector<std::string>, only, {}, "Rows to run: ingest, year, cluster; empty: all.");
ABSL_FLAG(bool, json, false, "Print one line of JSON per row.");
ABSL_FLAG(int64_t, events, 300'000, "Events of ingest.");
ABSL_FLAG(int64_t, year_events, 10'000'000, "Events of year.");
ABSL_FLAG(int64_t, people, 100'000, "People of cluster.");

namespace selfology::bench {
namespace {

namespace v1 = analytics::v1;

// What a job's end says: a type that analytics counts, with dimensions and numbers.
absl::Status FillStreams(Ground& ground, int64_t count, int64_t users) {
  absl::BitGen random;
  uuid::Sequence ids;
  redis::Batch batch;
  constexpr const char* kQueues[] = {"files", "analytics", "notifications", "content"};
  for (int64_t n = 0; n < count; ++n) {
    events::v1::JobCompleted event;
    event.set_user_id(absl::Uniform<int64_t>(random, 1, users + 1));
    event.set_job_id(n);
    event.set_queue(kQueues[n % 4]);
    event.set_attempt(1);
    event.mutable_took()->set_seconds(n % 7);
    const events::Envelope envelope{
        .id = ids.Next(absl::Now(), random),
        .type = events::TypeOf<events::v1::JobCompleted>(),
        .partition_key = event.user_id(),
        .occurred_at = absl::Now() - absl::Seconds(absl::Uniform(random, 0, 86'400)),
        .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        .trace_id = "4bf92f3577b34da6a3ce929d0e0e4736",
        .producer = "bench",
        .payload = event.SerializeAsString()};
    redis::Args add{
        "XADD", events::StreamName(events::PartitionOf(event.user_id(), kPartitions), kPartitions),
        "*"};
    for (const auto& [name, value] : events::EncodeEntry(envelope)) add.Add(name).Add(value);
    batch.Add(add);
    if (batch.size() < 1000 && n + 1 < count) continue;
    RETURN_IF_ERROR(ground.redis->Pipeline(Patient(), batch));
    batch.Clear();
  }
  return absl::OkStatus();
}

// Of all calls; nothing is measured there.
v1::AnalyticsServiceClient ClientOf(const service::Host& host) {
  static observe::Requests& requests = *new observe::Requests(nullptr, "rpc_client");
  return v1::AnalyticsServiceClient(
      rpc::Channel::Connect("analytics", host.grpc_address(), requests));
}

absl::StatusOr<std::unique_ptr<service::Host>> StartAnalytics(Ground& ground) {
  service::Settings settings;
  settings.database_url = ground.postgres->url();
  settings.redis_url = ground.redis_server->url();
  std::vector<std::unique_ptr<service::Module>> modules;
  modules.push_back(analytics::MakeModule());
  return service::Host::Start(std::move(settings), std::move(modules));
}

// Waits until the number is reached, and gives when it was at least `first` and when it was.
struct Times {
  int64_t first = 0;  // How many there were then.
  absl::Time began, ended;
};
absl::StatusOr<Times> Watch(Ground& ground, const std::string& number, int64_t first,
                            int64_t last) {
  Times times;
  const absl::Time deadline = absl::Now() + absl::Minutes(10);
  while (true) {
    ASSIGN_OR_RETURN(const int64_t now, ground.Number(number));
    if (times.first == 0 && now >= first) {
      times.first = now;
      times.began = absl::Now();
    }
    if (now >= last) {
      times.ended = absl::Now();
      return times;
    }
    if (absl::Now() > deadline) {
      return absl::DeadlineExceededError(absl::StrCat(number, " is ", now, " of ", last));
    }
    Pause(absl::Milliseconds(10));
  }
}

absl::Status IngestRow(Report& report) {
  const int64_t count = absl::GetFlag(FLAGS_events);
  ASSIGN_OR_RETURN(const auto ground, Ground::Make());
  // The tables are made by a first start.
  {
    ASSIGN_OR_RETURN(const auto host, StartAnalytics(*ground));
  }
  RETURN_IF_ERROR(FillStreams(*ground, count, kUsers));
  RETURN_IF_ERROR(ground->Sql("CHECKPOINT"));
  ASSIGN_OR_RETURN(const auto host, StartAnalytics(*ground));
  // Ids grow by one for each event, so the largest tells how many there are without counting them.
  ASSIGN_OR_RETURN(
      const Times kept,
      Watch(*ground, "SELECT coalesce(max(id), 0) FROM analytics_events", count / 10, count));
  const auto rate = [](int64_t events, absl::Duration time) {
    return static_cast<double>(events) / absl::ToDoubleSeconds(time);
  };
  const double ingest = rate(count - kept.first, kept.ended - kept.began);
  ASSIGN_OR_RETURN(const Times folded,
                   Watch(*ground,
                         "SELECT CASE WHEN EXISTS (SELECT FROM analytics_pending) THEN 0 ELSE"
                         " coalesce(sum(events), 0)::bigint END FROM analytics_days"
                         " WHERE metric = 'job.completed' AND dimension = ''",
                         count, count));
  ASSIGN_OR_RETURN(const int64_t rows, ground->Number("SELECT count(*) FROM analytics_events"));
  if (rows != count) return absl::InternalError(absl::StrCat(rows, " of ", count, " events"));
  report.Add({.name = "analytics.ingest",
              .what = "events from the streams, each kept once",
              .unit = "events/s",
              .ours = ingest,
              .aim = {.kind = Aim::kAtLeast, .value = 30'000}});
  report.Add({.name = "analytics.rollups",
              .what = "… and in the roll-ups by hour, day and person",
              .unit = "events/s",
              .ours = rate(count - kept.first, folded.ended - kept.began)});
  return absl::OkStatus();
}

absl::Status YearRow(Report& report) {
  const int64_t count = absl::GetFlag(FLAGS_year_events);
  ASSIGN_OR_RETURN(const auto ground, Ground::Make(/*durable=*/false));
  ASSIGN_OR_RETURN(const auto host, StartAnalytics(*ground));
  const absl::Time to = absl::FromCivil(absl::CivilDay(2026, 1, 1), absl::UTCTimeZone());
  const absl::Time from = absl::FromCivil(absl::CivilDay(2025, 1, 1), absl::UTCTimeZone());
  RETURN_IF_ERROR(ground->Sql(
      "INSERT INTO analytics_events (metric, user_id, occurred_at, dimensions, numbers)"
      " SELECT 'track.read', 1 + (random() * 99999)::bigint, $2::timestamptz"
      " + random() * ($3::timestamptz - $2::timestamptz), jsonb_build_object('place', 'place-'"
      " || (random() * 19)::int, 'plan', CASE WHEN random() < 0.1 THEN 'paid' ELSE 'free' END),"
      " '{}' FROM generate_series(1, $1::bigint)",
      count, from, to));
  const v1::AnalyticsServiceClient client = ClientOf(*host);
  v1::RebuildRollupsRequest rebuild;
  *rebuild.mutable_from() = timestamps::ToProto(from);
  *rebuild.mutable_to() = timestamps::ToProto(to);
  const absl::Time began = absl::Now();
  ASSIGN_OR_RETURN(const v1::RebuildRollupsResponse rebuilt,
                   client.RebuildRollups(Patient(), rebuild));
  if (rebuilt.events() != count) return absl::InternalError("not all events were counted");
  const double rebuilding = static_cast<double>(count) / absl::ToDoubleSeconds(absl::Now() - began);
  RETURN_IF_ERROR(ground->Sql("ANALYZE"));
  v1::QuerySeriesRequest request;
  v1::SeriesQuery& query = *request.mutable_query();
  query.set_metric("track.read");
  query.set_split_by("place");
  query.set_step(v1::STEP_DAY);
  *query.mutable_from() = timestamps::ToProto(from);
  *query.mutable_to() = timestamps::ToProto(to);
  std::vector<double> times;
  for (int i = 0; i < 21; ++i) {
    const absl::Time asked = absl::Now();
    ASSIGN_OR_RETURN(const v1::QuerySeriesResponse series, client.QuerySeries(Patient(), request));
    times.push_back(absl::ToDoubleMilliseconds(absl::Now() - asked));
    double total = 0;
    for (const v1::Series& one : series.series()) total += one.total();
    if (total != static_cast<double>(count)) return absl::InternalError("the series has others");
  }
  report.Add({.name = "analytics.year",
              .what = absl::StrCat("a year of ", count, " events by day and dimension, p95"),
              .unit = "ms",
              .ours = Quantile(times, 0.95),
              .aim = {.kind = Aim::kAtMost, .value = 200}});
  report.Add({.name = "analytics.rebuild",
              .what = "… counted anew from the kept events",
              .unit = "events/s",
              .ours = rebuilding});
  return absl::OkStatus();
}

absl::Status ClusterRow(Report& report) {
  const int64_t people = absl::GetFlag(FLAGS_people);
  ASSIGN_OR_RETURN(const auto ground, Ground::Make(/*durable=*/false));
  ASSIGN_OR_RETURN(const auto host, StartAnalytics(*ground));
  // Four kinds of people, eight habits; each on five days.
  RETURN_IF_ERROR(ground->Sql(
      "INSERT INTO analytics_user_days (metric, day, user_id, events)"
      " SELECT 'track.habit_' || h, (now() - d * interval '3 days')::date, u,"
      " 1 + (random() * (2 + (u % 4) * (h % 4) * 6))::bigint"
      " FROM generate_series(1, $1::bigint) u, generate_series(1, 8) h, generate_series(1, 5) d",
      people));
  RETURN_IF_ERROR(ground->Sql("ANALYZE"));
  const v1::AnalyticsServiceClient client = ClientOf(*host);
  std::vector<double> times;
  for (int i = 0; i < 3; ++i) {
    const absl::Time asked = absl::Now();
    ASSIGN_OR_RETURN(const v1::ClusterPeopleResponse groups,
                     client.ClusterPeople(Patient(), v1::ClusterPeopleRequest()));
    times.push_back(absl::ToDoubleSeconds(absl::Now() - asked));
    int64_t grouped = 0;
    for (const v1::PeopleCluster& group : groups.clusters()) grouped += group.people();
    if (grouped != people) return absl::InternalError(groups.reason());
  }
  report.Add({.name = "analytics.cluster",
              .what = absl::StrCat(people, " people grouped, read from the database"),
              .unit = "s",
              .ours = Median(times),
              .aim = {.kind = Aim::kAtMost, .value = 5}});
  return absl::OkStatus();
}

int Main() {
  const std::vector<std::string> only = absl::GetFlag(FLAGS_only);
  Report report(absl::GetFlag(FLAGS_json));
  struct Row {
    const char* name;
    absl::Status (*run)(Report&);
  };
  bool measured = true;
  for (const Row& row :
       {Row{"ingest", &IngestRow}, Row{"year", &YearRow}, Row{"cluster", &ClusterRow}}) {
    if (!only.empty() && std::find(only.begin(), only.end(), row.name) == only.end()) continue;
    const absl::Status status = row.run(report);
    if (status.ok()) continue;
    std::fprintf(stderr, "%s: %s\n", row.name, status.ToString().c_str());
    measured = false;
  }
  return measured ? 0 : 1;
}

}  // namespace
}  // namespace selfology::bench

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  // As the services do.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  selfology::observe::ConfigureLog(
      {.service = "bench", .level = selfology::observe::Severity::kError});
  return selfology::bench::Main();
}
