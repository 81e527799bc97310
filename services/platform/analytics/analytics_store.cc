#include "services/platform/analytics/analytics_store.h"

#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "common/postgres/advisory_lock.h"
#include "common/status/status_macros.h"

namespace selfology::analytics::store {
namespace {

using postgres::Transaction;

// Who changes the roll-ups does so alone: an event is counted once, and a person who is erased does
// not come back from what was read before.
constexpr postgres::AdvisoryLock LockRollups("analytics.rollups");

constexpr std::string_view kIngest =
    "WITH added AS (INSERT INTO analytics_events (metric, user_id, occurred_at, dimensions, "
    "numbers,"
    " key) VALUES ($1, $2, $3, $4, $5, nullif($6, '')) ON CONFLICT (user_id, key)"
    " WHERE key IS NOT NULL DO NOTHING RETURNING id)"
    " INSERT INTO analytics_pending (event_id) SELECT id FROM added";

// Adds the events of a query named `e` (metric, user_id, occurred_at, dimensions) to the roll-ups.
constexpr std::string_view kAdd =
    " parts AS MATERIALIZED (SELECT e.metric, e.occurred_at, d.dimension, d.value FROM e,"
    " LATERAL (SELECT '' AS dimension, '' AS value"
    " UNION ALL SELECT key, value FROM jsonb_each_text(e.dimensions)) d),"
    " hours AS (INSERT INTO analytics_hours (metric, dimension, hour, value, events)"
    " SELECT metric, dimension, date_trunc('hour', occurred_at, 'UTC'), value, count(*) FROM parts"
    " GROUP BY 1, 2, 3, 4 ON CONFLICT (metric, dimension, hour, value)"
    " DO UPDATE SET events = analytics_hours.events + EXCLUDED.events),"
    " days AS (INSERT INTO analytics_days (metric, dimension, day, value, events)"
    " SELECT metric, dimension, (occurred_at AT TIME ZONE 'UTC')::date, value, count(*) FROM parts"
    " GROUP BY 1, 2, 3, 4 ON CONFLICT (metric, dimension, day, value)"
    " DO UPDATE SET events = analytics_days.events + EXCLUDED.events),"
    " people AS (INSERT INTO analytics_user_days (metric, day, user_id, events)"
    " SELECT metric, (occurred_at AT TIME ZONE 'UTC')::date, user_id, count(*) FROM e"
    " WHERE user_id <> 0 GROUP BY 1, 2, 3 ON CONFLICT (metric, day, user_id)"
    " DO UPDATE SET events = analytics_user_days.events + EXCLUDED.events)";

}  // namespace

void Ingest(Transaction& tx, const Happened& happened, const Facts& facts) {
  const std::string dimensions = DimensionsJson(facts);
  const std::string numbers = NumbersJson(facts);
  tx.Queue(kIngest, happened.metric, happened.user_id, happened.occurred_at,
           postgres::JsonView{dimensions}, postgres::JsonView{numbers}, "");
}

absl::StatusOr<bool> IngestOnce(Transaction& tx, const Happened& happened, const Facts& facts,
                                std::string_view key) {
  const std::string dimensions = DimensionsJson(facts);
  const std::string numbers = NumbersJson(facts);
  ASSIGN_OR_RETURN(const int64_t added,
                   tx.Execute(kIngest, happened.metric, happened.user_id, happened.occurred_at,
                              postgres::JsonView{dimensions}, postgres::JsonView{numbers}, key));
  return added > 0;
}

absl::StatusOr<int64_t> IngestMany(Transaction& tx, int64_t user_id,
                                   const std::vector<Tracked>& events) {
  std::vector<std::string> metrics, texts, keys;
  std::vector<absl::Time> times;
  texts.reserve(2 * events.size());  // What refers to them stays where it is.
  std::vector<postgres::JsonView> dimensions, numbers;
  for (const Tracked& event : events) {
    metrics.push_back(event.metric);
    times.push_back(event.occurred_at);
    dimensions.push_back({texts.emplace_back(DimensionsJson(event.facts))});
    numbers.push_back({texts.emplace_back(NumbersJson(event.facts))});
    keys.push_back(event.key);
  }
  return tx.Execute(
      "WITH added AS (INSERT INTO analytics_events (user_id, metric, occurred_at, dimensions,"
      " numbers, key) SELECT $1, * FROM unnest($2::text[], $3::timestamptz[], $4::jsonb[],"
      " $5::jsonb[], $6::text[]) ON CONFLICT (user_id, key) WHERE key IS NOT NULL DO NOTHING"
      " RETURNING id) INSERT INTO analytics_pending (event_id) SELECT id FROM added",
      user_id, metrics, times, absl::Span<const postgres::JsonView>(dimensions),
      absl::Span<const postgres::JsonView>(numbers), keys);
}

absl::StatusOr<int64_t> Fold(Transaction& tx, int64_t limit) {
  LockRollups(tx, 0);
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>(
          absl::StrCat("WITH taken AS (DELETE FROM analytics_pending WHERE event_id = ANY(ARRAY("
                       "SELECT event_id FROM analytics_pending ORDER BY event_id LIMIT $1))"
                       " RETURNING event_id),"
                       " e AS MATERIALIZED (SELECT metric, user_id, occurred_at, dimensions"
                       " FROM analytics_events JOIN taken ON id = event_id),",
                       kAdd, " SELECT count(*) FROM taken"),
          limit));
  return std::get<0>(row.value());
}

absl::StatusOr<int64_t> Rebuild(Transaction& tx, absl::Time from, absl::Time to) {
  LockRollups(tx, 0);
  tx.Queue(
      "DELETE FROM analytics_pending p USING analytics_events e"
      " WHERE e.id = p.event_id AND e.occurred_at >= $1 AND e.occurred_at < $2",
      from, to);
  tx.Queue("DELETE FROM analytics_hours WHERE hour >= $1 AND hour < $2", from, to);
  for (const char* table : {"analytics_days", "analytics_user_days"}) {
    tx.Queue(absl::StrCat("DELETE FROM ", table, " WHERE day >= ($1 AT TIME ZONE 'UTC')::date",
                          " AND day < ($2 AT TIME ZONE 'UTC')::date"),
             from, to);
  }
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>(
          absl::StrCat("WITH e AS MATERIALIZED (SELECT metric, user_id, occurred_at, dimensions"
                       " FROM analytics_events WHERE occurred_at >= $1 AND occurred_at < $2),",
                       kAdd, " SELECT count(*) FROM e"),
          from, to));
  return std::get<0>(row.value());
}

absl::StatusOr<int64_t> DeleteUser(Transaction& tx, int64_t user_id) {
  LockRollups(tx, 0);
  tx.Queue(
      "DELETE FROM analytics_pending p USING analytics_events e"
      " WHERE e.id = p.event_id AND e.user_id = $1",
      user_id);
  ASSIGN_OR_RETURN(const int64_t events,
                   tx.Execute("DELETE FROM analytics_events WHERE user_id = $1", user_id));
  ASSIGN_OR_RETURN(const int64_t days,
                   tx.Execute("DELETE FROM analytics_user_days WHERE user_id = $1", user_id));
  ASSIGN_OR_RETURN(const int64_t reports,
                   tx.Execute("DELETE FROM analytics_reports WHERE user_id = $1", user_id));
  ASSIGN_OR_RETURN(const int64_t readings,
                   tx.Execute("DELETE FROM analytics_post_readings WHERE user_id = $1", user_id));
  ASSIGN_OR_RETURN(const int64_t viral,
                   tx.Execute("DELETE FROM analytics_viral WHERE user_id = $1", user_id));
  return events + days + reports + readings + viral;
}

}  // namespace selfology::analytics::store
