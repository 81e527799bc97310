#include "services/platform/analytics/people_store.h"

#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace selfology::analytics::store {

using postgres::Transaction;

absl::StatusOr<std::vector<FunnelCount>> CountFunnel(Transaction& tx,
                                                     const std::vector<std::string>& metrics,
                                                     absl::Time from, absl::Time to,
                                                     absl::Duration window) {
  // One query for each step, over those whom the step before has left. Events of one transaction
  // have one time, so what is of another metric may also come at the same.
  std::string ways =
      "WITH s0 AS (SELECT user_id, min(occurred_at) AS began, min(occurred_at) AS at,"
      " NULL::timestamptz AS before FROM analytics_events WHERE metric = ($1::text[])[1]"
      " AND occurred_at >= $2 AND occurred_at < $3 AND user_id <> 0 GROUP BY 1)";
  std::string counts = "SELECT 0::bigint, count(*), NULL::double precision FROM s0";
  for (size_t i = 1; i < metrics.size(); ++i) {
    absl::StrAppend(&ways, ", s", i, " AS (SELECT p.user_id, p.began, min(e.occurred_at) AS at,",
                    " p.at AS before FROM s", i - 1, " p JOIN analytics_events e",
                    " ON e.user_id = p.user_id AND e.user_id <> 0 AND e.metric = ($1::text[])[",
                    i + 1, "] AND e.occurred_at ", metrics[i] == metrics[i - 1] ? ">" : ">=",
                    " p.at AND e.occurred_at <= p.began + $4 * interval '1 second'",
                    " GROUP BY p.user_id, p.began, p.at)");
    absl::StrAppend(&counts, " UNION ALL SELECT ", i, ", count(*),",
                    " percentile_cont(0.5) WITHIN GROUP (ORDER BY",
                    " extract(epoch FROM at - before)::double precision) FROM s", i);
  }
  return tx.Query<FunnelCount>(absl::StrCat(ways, " ", counts, " ORDER BY 1"), metrics, from, to,
                               absl::ToDoubleSeconds(window));
}

absl::StatusOr<std::vector<Returned>> CountReturned(Transaction& tx, std::string_view first_metric,
                                                    std::string_view return_metric,
                                                    const Periods& periods) {
  return tx.Query<Returned>(
      "WITH first AS (SELECT user_id, (min(day) - $3::date)::bigint / $4 AS cohort"
      " FROM analytics_user_days WHERE metric = $1 AND day >= $3"
      " AND day < $3::date + ($4 * $5)::integer GROUP BY 1),"
      " returned AS (SELECT f.cohort, (r.day - $3::date)::bigint / $4 - f.cohort AS period,"
      " f.user_id FROM first f JOIN analytics_user_days r ON r.user_id = f.user_id"
      " AND r.metric = $2 AND r.day >= $3 AND r.day < $3::date + ($4 * $5)::integer)"
      " SELECT cohort, -1::bigint, count(*) FROM first GROUP BY 1"
      " UNION ALL SELECT cohort, period, count(DISTINCT user_id) FROM returned WHERE period >= 0"
      " GROUP BY 1, 2",
      first_metric, return_metric, periods.from, periods.days, periods.count);
}

absl::StatusOr<std::vector<std::string>> CommonMetrics(Transaction& tx, absl::CivilDay from,
                                                       int64_t limit) {
  // What hardly anybody does would, scaled, part those few from everybody else.
  ASSIGN_OR_RETURN(
      auto rows,
      tx.Query<std::string>(
          "WITH people AS (SELECT DISTINCT metric, user_id FROM analytics_user_days WHERE day >= "
          "$1)"
          " SELECT metric FROM people GROUP BY 1 HAVING count(*) * 50 >="
          " (SELECT count(DISTINCT user_id) FROM people) ORDER BY count(*) DESC, 1 LIMIT $2",
          from, limit));
  std::vector<std::string> metrics;
  for (auto& [metric] : rows) metrics.push_back(std::move(metric));
  return metrics;
}

absl::StatusOr<std::vector<Habit>> ListHabits(Transaction& tx,
                                              const std::vector<std::string>& metrics,
                                              absl::CivilDay from) {
  return tx.Query<Habit>(
      "SELECT d.user_id, m.n - 1, sum(d.events)::double precision FROM analytics_user_days d"
      " JOIN unnest($1::text[]) WITH ORDINALITY m (metric, n) ON m.metric = d.metric"
      " WHERE d.day >= $2 AND d.user_id IN (SELECT DISTINCT user_id FROM analytics_user_days"
      " WHERE day >= $2 AND metric = ANY($1) ORDER BY 1 LIMIT 100000)"
      " GROUP BY 1, 2 ORDER BY 1, 2",
      metrics, from);
}

absl::StatusOr<std::vector<HabitBefore>> ListHabitsBefore(Transaction& tx, absl::CivilDay day) {
  return tx.Query<HabitBefore>(
      "SELECT d.user_id, sum(d.events)::double precision,"
      " coalesce(sum(d.events) FILTER (WHERE d.day >= $1::date - 7), 0)::double precision,"
      " count(DISTINCT d.day)::double precision,"
      " ($1::date - max(d.day) - 1)::double precision,"
      " count(DISTINCT d.metric)::double precision,"
      " EXISTS (SELECT FROM analytics_user_days l WHERE l.user_id = d.user_id"
      " AND l.day >= $1 AND l.day < $1::date + 14)"
      " FROM analytics_user_days d WHERE d.day >= $1::date - 28 AND d.day < $1"
      " GROUP BY d.user_id ORDER BY hashint8(d.user_id), d.user_id LIMIT 20000",
      day);
}

}  // namespace selfology::analytics::store
