#include "services/growth/gamification/ratings/rating_store.h"

#include <tuple>

#include "common/status/status_macros.h"

namespace selfology::gamification::store {

using postgres::Transaction;

absl::StatusOr<MatchSaved> SaveMatch(Transaction& tx, std::string_view match_id,
                                     std::string_view pool, std::string_view digest,
                                     absl::Time now) {
  ASSIGN_OR_RETURN(
      const auto row,
      (tx.QueryOne<bool, bool>(
          "INSERT INTO gamification_matches AS m (match_id, pool, digest, played_at)"
          " VALUES ($1, $2, $3, $4) ON CONFLICT (match_id) DO UPDATE SET match_id = m.match_id"
          " RETURNING xmax = 0, digest = $3",
          match_id, pool, postgres::BytesView{digest}, now)));
  const auto& [is_new, same] = *row;
  return MatchSaved{is_new, same};
}

absl::StatusOr<std::vector<RatingRow>> LockRatings(Transaction& tx, std::string_view pool,
                                                   const std::vector<int64_t>& users,
                                                   const std::vector<std::string>& things) {
  return tx.Query<RatingRow>(
      "SELECT user_id, thing, system, value, deviation, volatility, matches"
      " FROM gamification_ratings WHERE pool = $1"
      " AND (user_id, thing) IN (SELECT * FROM unnest($2::bigint[], $3::text[]))"
      " ORDER BY user_id, thing, system FOR UPDATE",
      pool, users, things);
}

absl::StatusOr<std::vector<RatingRow>> ReadRatings(Transaction& tx, std::string_view pool,
                                                   int64_t user_id) {
  return tx.Query<RatingRow>(
      "SELECT user_id, thing, system, value, deviation, volatility, matches"
      " FROM gamification_ratings WHERE pool = $1 AND user_id = $2 AND thing = ''"
      " ORDER BY system",
      pool, user_id);
}

void SaveRating(Transaction& tx, std::string_view pool, const RatingRow& rating) {
  tx.Queue(
      "INSERT INTO gamification_ratings (pool, user_id, thing, system, value, deviation,"
      " volatility, matches) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
      " ON CONFLICT (pool, user_id, thing, system) DO UPDATE SET value = EXCLUDED.value,"
      " deviation = EXCLUDED.deviation, volatility = EXCLUDED.volatility,"
      " matches = EXCLUDED.matches",
      pool, rating.user_id, rating.thing, rating.system, rating.value, rating.deviation,
      rating.volatility, rating.matches);
}

void SaveChange(Transaction& tx, std::string_view pool, std::string_view match_id,
                double value_before, const RatingRow& after, absl::Time now,
                const std::optional<uuid::Uuid>& trace) {
  tx.Queue(
      "INSERT INTO gamification_rating_changes (user_id, pool, match_id, system, value_before,"
      " value_after, deviation, changed_at, trace) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      after.user_id, pool, match_id, after.system, value_before, after.value, after.deviation, now,
      trace);
}

absl::StatusOr<std::vector<ChangeRow>> ListChanges(Transaction& tx, int64_t user_id,
                                                   std::string_view pool, int64_t before_id,
                                                   int64_t limit) {
  return tx.Query<ChangeRow>(
      "SELECT id, match_id, system, value_before, value_after, deviation, changed_at, trace"
      " FROM gamification_rating_changes WHERE user_id = $1 AND pool = $2 AND id < $3"
      " ORDER BY id DESC LIMIT $4",
      user_id, pool, before_id, limit);
}

absl::StatusOr<int64_t> ForgetRatings(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const int64_t ratings,
                   tx.Execute("DELETE FROM gamification_ratings WHERE user_id = $1", user_id));
  ASSIGN_OR_RETURN(
      const int64_t changes,
      tx.Execute("DELETE FROM gamification_rating_changes WHERE user_id = $1", user_id));
  return ratings + changes;
}

}  // namespace selfology::gamification::store
