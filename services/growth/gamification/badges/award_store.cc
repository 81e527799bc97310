#include "services/growth/gamification/badges/award_store.h"

#include <tuple>

#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::gamification::store {

using postgres::Transaction;
using uuid::Uuid;

v1::Award ToProto(const AwardRow& row) {
  v1::Award award;
  award.set_award_id(row.award_id.ToString());
  award.set_badge_id(row.badge_id);
  *award.mutable_awarded_at() = timestamps::ToProto(row.awarded_at);
  award.set_event_id(row.event_id.ToString());
  award.set_rule_id(row.rule_id);
  award.set_rule_version(row.rule_version);
  if (row.revoked_at.has_value()) {
    *award.mutable_revoked_at() = timestamps::ToProto(*row.revoked_at);
  }
  award.set_ordinal(row.ordinal);
  return award;
}

absl::StatusOr<std::vector<AwardRow>> ReadAwards(Transaction& tx, int64_t user_id,
                                                 const std::vector<std::string>& rules) {
  return tx.Query<AwardRow>(
      "SELECT award_id, user_id, badge_id, rule_id, rule_version, key, ordinal, event_id,"
      " awarded_at, revoked_at FROM gamification_awards"
      " WHERE user_id = $1 AND rule_id = ANY($2) ORDER BY rule_id, awarded_at",
      user_id, rules);
}

void SaveAward(Transaction& tx, const AwardRow& award) {
  tx.Queue(
      "INSERT INTO gamification_awards (award_id, user_id, badge_id, rule_id, rule_version, key,"
      " ordinal, event_id, awarded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      award.award_id, award.user_id, award.badge_id, award.rule_id, award.rule_version, award.key,
      award.ordinal, award.event_id, award.awarded_at);
}

void RevokeAward(Transaction& tx, const Uuid& award_id, absl::Time now) {
  tx.Queue("UPDATE gamification_awards SET revoked_at = $2 WHERE award_id = $1", award_id, now);
}

absl::StatusOr<std::vector<AwardRow>> ListAwards(Transaction& tx, int64_t user_id,
                                                 bool with_revoked,
                                                 const std::optional<Uuid>& after, int64_t limit) {
  // One event may earn several at the same time.
  return tx.Query<AwardRow>(
      "SELECT award_id, user_id, badge_id, rule_id, rule_version, key, ordinal, event_id,"
      " awarded_at, revoked_at FROM gamification_awards"
      " WHERE user_id = $1 AND ($2 OR revoked_at IS NULL) AND ($3::uuid IS NULL"
      "  OR (awarded_at, award_id) < (SELECT a.awarded_at, a.award_id FROM gamification_awards a"
      "   WHERE a.award_id = $3)) ORDER BY awarded_at DESC, award_id DESC LIMIT $4",
      user_id, with_revoked, after, limit);
}

absl::StatusOr<std::optional<AwardRow>> ReadAward(Transaction& tx, int64_t user_id,
                                                  const Uuid& award_id) {
  return tx.QueryOne<AwardRow>(
      "SELECT award_id, user_id, badge_id, rule_id, rule_version, key, ordinal, event_id,"
      " awarded_at, revoked_at FROM gamification_awards WHERE award_id = $1 AND user_id = $2",
      award_id, user_id);
}

absl::StatusOr<std::vector<AwardRow>> AwardsOfEvent(Transaction& tx, int64_t user_id,
                                                    const Uuid& event_id) {
  return tx.Query<AwardRow>(
      "SELECT award_id, user_id, badge_id, rule_id, rule_version, key, ordinal, event_id,"
      " awarded_at, revoked_at FROM gamification_awards WHERE event_id = $1 AND user_id = $2"
      " ORDER BY awarded_at",
      event_id, user_id);
}

absl::StatusOr<int64_t> CountAwards(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>("SELECT count(*) FROM gamification_awards"
                                        " WHERE user_id = $1 AND revoked_at IS NULL",
                                        user_id));
  return std::get<0>(*row);
}

absl::StatusOr<std::map<std::string, int64_t>> CountHolders(Transaction& tx) {
  ASSIGN_OR_RETURN(const auto rows, (tx.Query<std::string, int64_t>(
                                        "SELECT badge_id, count(DISTINCT user_id)"
                                        " FROM gamification_awards WHERE revoked_at IS NULL"
                                        " GROUP BY badge_id")));
  std::map<std::string, int64_t> holders;
  for (const auto& [badge_id, count] : rows) holders[badge_id] = count;
  return holders;
}

absl::StatusOr<std::vector<std::string>> ListRevoked(Transaction& tx, int64_t skip, int64_t limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<Uuid>("SELECT award_id FROM gamification_awards"
                                  " WHERE revoked_at IS NOT NULL"
                                  " ORDER BY revoked_at DESC, award_id OFFSET $1 LIMIT $2",
                                  skip, limit));
  std::vector<std::string> ids;
  for (const auto& [id] : rows) ids.push_back("urn:uuid:" + id.ToString());
  return ids;
}

absl::StatusOr<int64_t> ForgetAwards(Transaction& tx, int64_t user_id) {
  return tx.Execute("DELETE FROM gamification_awards WHERE user_id = $1", user_id);
}

absl::StatusOr<std::string> KeepIssuerSeed(Transaction& tx, std::string_view fresh) {
  ASSIGN_OR_RETURN(const auto row, tx.QueryOne<postgres::Bytes>(
                                       "INSERT INTO gamification_issuer_key (seed) VALUES ($1)"
                                       " ON CONFLICT (one) DO UPDATE SET one = true RETURNING seed",
                                       postgres::BytesView{fresh}));
  return std::get<0>(*row).value;
}

}  // namespace selfology::gamification::store
