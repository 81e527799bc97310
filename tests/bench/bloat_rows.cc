// A million events on their way through outbox, relay and a consumer's inbox, while the mesh's
// maintenance runs: what PostgreSQL's tables and Redis's streams come to.

#include <algorithm>
#include <atomic>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "tests/bench/ground.h"
#include "tests/bench/loads.h"
#include "tests/bench/rows.h"

namespace selfology::bench {
namespace {

constexpr int kQuarters = 4;
constexpr int64_t kOldEvents = 50'000;
constexpr absl::Duration kOldAge = absl::Hours(24 * 45);  // Older than either retention.
constexpr absl::Duration kPatience = absl::Minutes(10);
// PostgreSQL's processes tell what they counted when they have been idle for so long.
constexpr absl::Duration kStatisticsLate = absl::Seconds(12);

// What one table, all its partitions together, has come to.
struct Table {
  int64_t partitions = 0, live = 0, dead = 0, inserted = 0, updated = 0, deleted = 0;
  double table_mb = 0, index_mb = 0;
};

absl::StatusOr<Table> Look(Ground& ground, std::string_view name) {
  ground.admin->Add(
      "SELECT count(*), sum(n_live_tup)::bigint, sum(n_dead_tup)::bigint, sum(n_tup_ins)::bigint,"
      " sum(n_tup_upd)::bigint, sum(n_tup_del)::bigint,"
      " sum(pg_table_size(relid))::float8 / 1e6, sum(pg_indexes_size(relid))::float8 / 1e6"
      " FROM pg_stat_user_tables WHERE schemaname = 'selfology'"
      " AND (relname = $1 OR relname ~ ('^' || $1 || '_([0-9]{8}|default)$'))",
      postgres::internal::EncodeAll(name));
  ASSIGN_OR_RETURN(const auto result, ground.admin->RoundTrip(Patient()));
  ASSIGN_OR_RETURN(const auto row,
                   (postgres::internal::ReadOneRow<int64_t, int64_t, int64_t, int64_t, int64_t,
                                                   int64_t, double, double>(result)));
  Table table;
  std::tie(table.partitions, table.live, table.dead, table.inserted, table.updated, table.deleted,
           table.table_mb, table.index_mb) = *row;
  return table;
}

using Tables = std::vector<std::pair<std::string, Table>>;

// Once the statistics know of so many rows.
absl::StatusOr<Tables> LookAtAll(Ground& ground, int64_t inserted) {
  const absl::Time deadline = absl::Now() + kStatisticsLate;
  while (true) {
    Tables tables;
    for (const std::string name : {"outbox", "inbox", "relay_progress", "dead_letters"}) {
      ASSIGN_OR_RETURN(const Table table, Look(ground, name));
      tables.emplace_back(name, table);
    }
    const int64_t known = std::min(tables[0].second.inserted, tables[1].second.inserted);
    if (known >= inserted || absl::Now() > deadline) return tables;
    Pause(absl::Milliseconds(200));
  }
}

// The partitions that such old events would have been written to in their day.
absl::Status MakeOldPartitions(Ground& ground) {
  const std::string day = absl::FormatTime("%Y%m%d", absl::Now() - kOldAge, absl::UTCTimeZone());
  for (const std::string parent : {"outbox", "inbox"}) {
    RETURN_IF_ERROR(ground.Sql(
        absl::StrFormat("CREATE TABLE selfology.%s_%s PARTITION OF selfology.%s FOR VALUES FROM"
                        " (selfology.uuid_at('%s'::timestamp AT TIME ZONE 'UTC'))"
                        " TO (selfology.uuid_at(('%s'::timestamp + '1 day') AT TIME ZONE 'UTC'))",
                        parent, day, parent, day, day)));
    RETURN_IF_ERROR(ground.Sql(
        absl::StrFormat("ALTER TABLE selfology.%s_%s OWNER TO selfology_mesh", parent, day)));
  }
  return absl::OkStatus();
}

class Run {
 public:
  Run(std::string name, int64_t events, Report& report)
      : name_(std::move(name)),
        events_(events / kQuarters / 100 * 100 * kQuarters),
        report_(report) {}

  // held: a transaction that has written something stays open all the time.
  absl::Status Go(bool held) {
    ASSIGN_OR_RETURN(ground_, Ground::Make());
    RETURN_IF_ERROR(Begin());
    std::unique_ptr<postgres::Connection> open;
    if (held) {
      ASSIGN_OR_RETURN(open, postgres::Connection::Open(
                                 Patient(), {.url = ground_->postgres->url(), .keywords = {}}));
      open->Add("BEGIN ISOLATION LEVEL REPEATABLE READ", {});
      open->Add("SELECT pg_current_xact_id()::text", {});
      RETURN_IF_ERROR(open->RoundTrip(Patient()).status());
    }
    RETURN_IF_ERROR(Sample("before", 0));
    double first_rate = 0, rate = 0;
    for (int quarter = 1; quarter <= kQuarters; ++quarter) {
      const absl::Time start = absl::Now();
      RETURN_IF_ERROR(ground_->InsertEvents(events_ / kQuarters, kind_));
      expected_ += events_ / kQuarters;
      RETURN_IF_ERROR(AwaitHandled());
      rate = static_cast<double>(events_) / kQuarters / absl::ToDoubleSeconds(absl::Now() - start);
      if (quarter == 1) first_rate = rate;
      RETURN_IF_ERROR(Sample(absl::StrCat(events_ / kQuarters * quarter), rate));
    }
    for (const auto& replica : replicas_) replica->consumer->Drain(absl::Now() + absl::Seconds(5));
    relay_->Stop();
    return Conclude(first_rate, rate);
  }

 private:
  absl::Status Begin() {
    events::v1::SessionCreated event;
    event.set_user_id(1);
    event.set_language(std::string(140, 'x'));
    kind_ = {.type = events::TypeOf<events::v1::SessionCreated>(),
             .payload = event.SerializeAsString()};
    ASSIGN_OR_RETURN(replicas_, MakeReplicas(*ground_, {.group = "bloat"}, 1));
    replicas_[0]->consumer->On<events::v1::SessionCreated>(
        [this](const events::v1::SessionCreated&, events::Handling& handling) {
          handling.tx().AfterCommit([this] { ++handled_; });
          return absl::OkStatus();
        });
    relay::Options options = RelayOptions(*ground_);
    relay_ = StartRelay(*ground_, options, metrics_);
    RETURN_IF_ERROR(StartReplicas(replicas_));
    RETURN_IF_ERROR(MakeOldPartitions(*ground_));
    Inserted old = kind_;
    old.age = kOldAge;
    RETURN_IF_ERROR(ground_->InsertEvents(kOldEvents, old));
    expected_ = kOldEvents;
    RETURN_IF_ERROR(AwaitHandled());
    RETURN_IF_ERROR(Sample(absl::StrCat(kOldEvents, " old ones"), 0));
    // Maintenance as in production, but what there takes hours takes seconds.
    options.partitions_every = absl::Seconds(5);
    options.stream_keep = absl::Seconds(5);
    options.trim_every = absl::Seconds(5);
    relay_->Stop();
    relay_ = StartRelay(*ground_, options, metrics_);
    const absl::Time deadline = absl::Now() + kPatience;
    while (true) {
      ASSIGN_OR_RETURN(const Table inbox, Look(*ground_, "inbox"));
      ASSIGN_OR_RETURN(const Table outbox, Look(*ground_, "outbox"));
      if (inbox.table_mb + outbox.table_mb < 1) break;
      if (absl::Now() > deadline) return absl::InternalError("old partitions are not dropped");
      Pause(absl::Milliseconds(50));
    }
    dropped_ = kOldEvents;
    return absl::OkStatus();
  }

  absl::Status AwaitHandled() {
    const absl::Time deadline = absl::Now() + kPatience;
    while (handled_ < expected_) {
      if (absl::Now() > deadline) return absl::DeadlineExceededError("events were not handled");
      Pause(absl::Milliseconds(1));
    }
    return absl::OkStatus();
  }

  absl::Status Sample(const std::string& when, double rate) {
    ASSIGN_OR_RETURN(const auto tables, LookAtAll(*ground_, expected_ - dropped_));
    ASSIGN_OR_RETURN(const int64_t entries, ground_->Entries());
    for (const auto& [name, table] : tables) {
      const bool first = name == "outbox";
      rows_.push_back({first ? when : "", name, absl::StrCat(table.partitions),
                       absl::StrCat(table.inserted), absl::StrCat(table.updated),
                       absl::StrCat(table.deleted), absl::StrCat(table.dead),
                       absl::StrFormat("%.1f", table.table_mb),
                       absl::StrFormat("%.1f", table.index_mb), first ? absl::StrCat(entries) : "",
                       first && rate > 0 ? absl::StrFormat("%.0f", rate) : ""});
    }
    if (when == "before") before_ = tables;
    after_ = tables;
    return absl::OkStatus();
  }

  absl::Status Conclude(double first_rate, double last_rate) {
    report_.AddTable(name_,
                     {"events", "table", "partitions", "inserted", "updated", "deleted", "dead",
                      "table MB", "index MB", "in streams", "events/s"},
                     rows_);
    const auto count = static_cast<double>(events_);
    for (size_t i = 0; i < 2; ++i) {
      const std::string& name = after_[i].first;
      const Table& before = before_[i].second;
      const Table& after = after_[i].second;
      report_.Add({.name = absl::StrCat(name_, ".", name, "_touched"),
                   .what = absl::StrCat(name, ": updated, deleted or dead"),
                   .unit = "rows",
                   .ours = static_cast<double>(after.updated + after.deleted + after.dead),
                   .aim = {.kind = Aim::kAtMost, .value = 0}});
      report_.Add({.name = absl::StrCat(name_, ".", name, "_bytes"),
                   .what = absl::StrCat(name, ": table and indexes"),
                   .unit = "bytes/event",
                   .ours = (after.table_mb + after.index_mb - before.table_mb - before.index_mb) *
                           1e6 / count});
    }
    report_.Add({.name = absl::StrCat(name_, ".pace"),
                 .what = "through it all, last quarter",
                 .unit = "events/s",
                 .ours = last_rate,
                 .reference = first_rate,
                 .peer = "first quarter"});
    return absl::OkStatus();
  }

  const std::string name_;
  const int64_t events_;
  Report& report_;
  observe::Metrics metrics_;
  std::unique_ptr<Ground> ground_;
  Inserted kind_;
  std::atomic<int64_t> handled_ = 0;
  int64_t expected_ = 0;
  int64_t dropped_ = 0;
  Replicas replicas_;
  std::unique_ptr<relay::Relay> relay_;
  std::vector<std::vector<std::string>> rows_;
  Tables before_, after_;
};

}  // namespace

absl::Status BloatRows(const Scale& scale, const Wanted& wanted, Report& report) {
  if (wanted("bloat.million")) {
    RETURN_IF_ERROR(Run("bloat.million", scale.bloat, report).Go(/*held=*/false));
  }
  if (wanted("bloat.held")) {
    RETURN_IF_ERROR(Run("bloat.held", scale.bloat / 5, report).Go(/*held=*/true));
  }
  return absl::OkStatus();
}

}  // namespace selfology::bench
