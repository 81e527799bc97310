#include "services/growth/gamification/boards/score_store.h"

#include <map>
#include <tuple>
#include <utility>

#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/growth/gamification/boards/periods.h"

namespace selfology::gamification::store {
namespace {

using postgres::Transaction;

struct SeasonRow {
  std::string id;
  absl::Time starts_at;
  absl::Time ends_at;
};

v1::Season ToProto(const SeasonRow& row) {
  v1::Season season;
  season.set_season_id(row.id);
  *season.mutable_starts_at() = timestamps::ToProto(row.starts_at);
  *season.mutable_ends_at() = timestamps::ToProto(row.ends_at);
  return season;
}

}  // namespace

void AddScores(Transaction& tx, std::string_view board, const std::vector<ScoreChange>& changes,
               absl::Time now) {
  if (changes.empty()) return;
  std::map<std::pair<std::string, int64_t>, int64_t> sums;
  std::vector<int64_t> season_users, season_changes;
  std::vector<absl::Time> season_times;
  for (const ScoreChange& change : changes) {
    for (const std::string& period : PeriodNames(change.earned)) {
      sums[{period, change.user_id}] += change.change;
    }
    season_users.push_back(change.user_id);
    season_changes.push_back(change.change);
    season_times.push_back(change.earned);
  }
  std::vector<std::string> periods;
  std::vector<int64_t> users, deltas;
  for (const auto& [key, sum] : sums) {
    periods.push_back(key.first);
    users.push_back(key.second);
    deltas.push_back(sum);
  }
  tx.Queue(
      "INSERT INTO gamification_scores AS s (board, period, user_id, score, changed_at)"
      " SELECT $1, period, user_id, sum(change), $2 FROM ("
      "  SELECT * FROM unnest($3, $4, $5) AS n(period, user_id, change)"
      "  UNION ALL SELECT 's:' || season_id, n.user_id, n.change"
      "   FROM unnest($6, $7, $8) AS n(user_id, change, earned)"
      "   JOIN gamification_seasons ON n.earned >= starts_at AND n.earned < ends_at) c"
      " GROUP BY period, user_id ORDER BY period, user_id"
      " ON CONFLICT (board, period, user_id) DO UPDATE"
      " SET score = s.score + EXCLUDED.score, changed_at = EXCLUDED.changed_at",
      board, now, periods, users, deltas, season_users, season_changes, season_times);
}

void SetScore(Transaction& tx, std::string_view board, int64_t user_id, int64_t score,
              absl::Time now) {
  tx.Queue(
      "INSERT INTO gamification_scores (board, period, user_id, score, changed_at)"
      " VALUES ($1, 'ever', $2, $3, $4) ON CONFLICT (board, period, user_id) DO UPDATE"
      " SET score = EXCLUDED.score, changed_at = EXCLUDED.changed_at",
      board, user_id, score, now);
}

absl::StatusOr<std::optional<Place>> ReadPlace(Transaction& tx, std::string_view board,
                                               std::string_view period, int64_t user_id) {
  return tx.QueryOne<Place>(
      "SELECT s.score,"
      " (SELECT count(*) FROM gamification_scores b LEFT JOIN gamification_people p USING (user_id)"
      "   WHERE b.board = $1 AND b.period = $2 AND b.score > s.score AND p.hidden IS NOT TRUE),"
      " (SELECT count(*) FROM gamification_scores b LEFT JOIN gamification_people p USING (user_id)"
      "   WHERE b.board = $1 AND b.period = $2 AND p.hidden IS NOT TRUE"
      "    AND (b.score > s.score OR (b.score = s.score AND b.user_id < s.user_id)))"
      " FROM gamification_scores s LEFT JOIN gamification_people p USING (user_id)"
      " WHERE s.board = $1 AND s.period = $2 AND s.user_id = $3 AND p.hidden IS NOT TRUE",
      board, period, user_id);
}

absl::StatusOr<std::vector<Scored>> ReadOrder(Transaction& tx, std::string_view board,
                                              std::string_view period, int64_t skip,
                                              int64_t limit) {
  return tx.Query<Scored>(
      "SELECT s.user_id, s.score FROM gamification_scores s"
      " LEFT JOIN gamification_people p USING (user_id)"
      " WHERE s.board = $1 AND s.period = $2 AND p.hidden IS NOT TRUE"
      " ORDER BY s.score DESC, s.user_id OFFSET $3 LIMIT $4",
      board, period, skip, limit);
}

absl::StatusOr<int64_t> CountMembers(Transaction& tx, std::string_view board,
                                     std::string_view period) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>("SELECT count(*) FROM gamification_scores s"
                           " LEFT JOIN gamification_people p USING (user_id)"
                           " WHERE s.board = $1 AND s.period = $2 AND p.hidden IS NOT TRUE",
                           board, period));
  return std::get<0>(*row);
}

absl::StatusOr<int64_t> CountBetter(Transaction& tx, std::string_view board,
                                    std::string_view period, int64_t score) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>("SELECT count(*) FROM gamification_scores s"
                                        " LEFT JOIN gamification_people p USING (user_id)"
                                        " WHERE s.board = $1 AND s.period = $2 AND s.score > $3"
                                        " AND p.hidden IS NOT TRUE",
                                        board, period, score));
  return std::get<0>(*row);
}

absl::StatusOr<std::vector<Scored>> ReadScores(Transaction& tx, std::string_view board,
                                               std::string_view period,
                                               const std::vector<int64_t>& users) {
  return tx.Query<Scored>(
      "SELECT s.user_id, s.score FROM gamification_scores s"
      " LEFT JOIN gamification_people p USING (user_id)"
      " WHERE s.board = $1 AND s.period = $2 AND s.user_id = ANY($3) AND p.hidden IS NOT TRUE"
      " ORDER BY s.score DESC, s.user_id",
      board, period, users);
}

absl::StatusOr<std::vector<Scored>> ReadAfter(Transaction& tx, std::string_view board,
                                              std::string_view period, int64_t after_user,
                                              int64_t limit) {
  return tx.Query<Scored>(
      "SELECT s.user_id, s.score FROM gamification_scores s"
      " LEFT JOIN gamification_people p USING (user_id)"
      " WHERE s.board = $1 AND s.period = $2 AND s.user_id > $3 AND p.hidden IS NOT TRUE"
      " ORDER BY s.user_id LIMIT $4",
      board, period, after_user, limit);
}

absl::StatusOr<std::vector<Changed>> ReadChanged(Transaction& tx, absl::Time since, int64_t limit) {
  return tx.Query<Changed>(
      "SELECT s.board, s.period, s.user_id, s.score, coalesce(p.hidden, false), s.changed_at"
      " FROM gamification_scores s LEFT JOIN gamification_people p USING (user_id)"
      " WHERE s.changed_at >= $1 ORDER BY s.changed_at LIMIT $2",
      since, limit);
}

void TouchScores(Transaction& tx, int64_t user_id, absl::Time now) {
  tx.Queue("UPDATE gamification_scores SET changed_at = $2 WHERE user_id = $1", user_id, now);
}

absl::StatusOr<std::optional<v1::Season>> SaveSeason(Transaction& tx, const v1::Season& season,
                                                     absl::Time now) {
  const absl::Time starts_at = timestamps::FromProto(season.starts_at());
  const absl::Time ends_at = timestamps::FromProto(season.ends_at());
  // What is being earned at this moment either is there already when it is summed up, or is added by who
  // sees the season (AddScores reads the seasons after it has its own lock of the table).
  tx.Queue("LOCK TABLE gamification_scores IN SHARE ROW EXCLUSIVE MODE");
  ASSIGN_OR_RETURN(const int64_t made,
                   tx.Execute("INSERT INTO gamification_seasons (season_id, starts_at, ends_at)"
                              " VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                              season.season_id(), starts_at, ends_at));
  if (made > 0 && starts_at <= now) {
    // It has begun: what was earned in it so far.
    tx.Queue(
        "INSERT INTO gamification_scores (board, period, user_id, score, changed_at)"
        " SELECT 'xp', 's:' || $1, user_id, sum(change), $4 FROM ("
        "  SELECT a.user_id, t.amount AS change, coalesce(o.at, t.at) AS earned"
        "   FROM gamification_transfers t JOIN gamification_accounts a ON a.id = t.credit_id"
        "   LEFT JOIN gamification_transfers o ON t.kind = 5 AND o.id = t.target"
        "   WHERE t.kind IN (1, 3, 5) AND a.currency = 'xp' AND a.code = 'wallet' AND a.user_id > 0"
        "  UNION ALL SELECT a.user_id, -t.amount, coalesce(o.at, t.at)"
        "   FROM gamification_transfers t JOIN gamification_accounts a ON a.id = t.debit_id"
        "   LEFT JOIN gamification_transfers o ON t.kind = 5 AND o.id = t.target"
        "   WHERE t.kind IN (1, 3, 5) AND a.currency = 'xp' AND a.code = 'wallet' AND a.user_id > 0"
        " ) e WHERE earned >= $2 AND earned < $3 GROUP BY user_id"
        " ON CONFLICT (board, period, user_id) DO UPDATE SET score = EXCLUDED.score,"
        "  changed_at = EXCLUDED.changed_at",
        season.season_id(), starts_at, ends_at, now);
  }
  ASSIGN_OR_RETURN(const std::optional<SeasonRow> row,
                   tx.QueryOne<SeasonRow>("SELECT season_id, starts_at, ends_at"
                                          " FROM gamification_seasons WHERE season_id = $1",
                                          season.season_id()));
  if (row->starts_at != starts_at || row->ends_at != ends_at) return std::nullopt;
  return ToProto(*row);
}

absl::StatusOr<std::vector<v1::Season>> ListSeasons(Transaction& tx, int64_t skip, int64_t limit) {
  ASSIGN_OR_RETURN(const std::vector<SeasonRow> rows,
                   tx.Query<SeasonRow>("SELECT season_id, starts_at, ends_at"
                                       " FROM gamification_seasons"
                                       " ORDER BY starts_at DESC, season_id OFFSET $1 LIMIT $2",
                                       skip, limit));
  std::vector<v1::Season> seasons;
  for (const SeasonRow& row : rows) seasons.push_back(ToProto(row));
  return seasons;
}

}  // namespace selfology::gamification::store
