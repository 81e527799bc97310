#include "services/growth/challenge/challenge_store.h"

#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace selfology::challenge::store {
namespace {

using postgres::Transaction;
using uuid::Uuid;

constexpr std::string_view kColumns =
    "SELECT c.id, c.user_id, c.kind, c.mode, c.state, c.generated, c.title, c.text, c.options,"
    " c.right_option, c.proof_tasks, c.goal, c.item, c.language, c.model, c.created_at, c.ends_at,"
    " c.prize, c.prize_state, c.hold_id, c.post_id, c.pay_id, c.winner_id FROM challenges c";

constexpr int64_t kInsights = 100;

std::vector<int64_t> Ids(const std::vector<std::tuple<int64_t>>& rows) {
  std::vector<int64_t> ids;
  for (const auto& [id] : rows) ids.push_back(id);
  return ids;
}

}  // namespace

void SaveInsight(Transaction& tx, int64_t user_id, int64_t id, std::string_view text,
                 absl::Time at) {
  tx.Queue(
      "INSERT INTO challenge_materials (user_id, kind, id, text, at, gone)"
      " VALUES ($1, 2, $2, $3, $4, false) ON CONFLICT DO NOTHING",
      user_id, id, text, at);
}

void MarkGone(Transaction& tx, int64_t user_id, v1::EvidenceKind kind, int64_t id, absl::Time at) {
  tx.Queue(
      "INSERT INTO challenge_materials (user_id, kind, id, text, at, gone)"
      " VALUES ($1, $2, $3, '', $4, true) ON CONFLICT (user_id, kind, id)"
      " DO UPDATE SET gone = true, text = ''",
      user_id, static_cast<int32_t>(kind), id, at);
}

absl::StatusOr<std::vector<InsightOf>> ReadInsights(Transaction& tx, int64_t user_id) {
  return tx.Query<InsightOf>(
      "SELECT id, text, at FROM challenge_materials WHERE user_id = $1 AND kind = 2 AND NOT gone"
      " ORDER BY at DESC LIMIT $2",
      user_id, kInsights);
}

absl::StatusOr<bool> IsAnyGone(Transaction& tx, int64_t user_id,
                               const std::vector<std::pair<v1::EvidenceKind, int64_t>>& evidence) {
  std::vector<int32_t> kinds;
  std::vector<int64_t> ids;
  for (const auto& [kind, id] : evidence) {
    kinds.push_back(kind);
    ids.push_back(id);
  }
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<bool>("SELECT EXISTS (SELECT 1 FROM unnest($2, $3) AS n(kind, id)"
                                     " JOIN challenge_materials m USING (kind, id)"
                                     " WHERE m.user_id = $1 AND m.gone)",
                                     user_id, kinds, ids));
  return std::get<0>(*row);
}

absl::StatusOr<std::vector<uint64_t>> ReadFingerprints(Transaction& tx, int64_t user_id,
                                                       int64_t limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t>("SELECT fingerprint FROM challenges WHERE user_id = $1"
                                     " ORDER BY id DESC LIMIT $2",
                                     user_id, limit));
  std::vector<uint64_t> fingerprints;
  for (const auto& [one] : rows) fingerprints.push_back(static_cast<uint64_t>(one));
  return fingerprints;
}

absl::StatusOr<int64_t> Insert(Transaction& tx, const NewRow& added) {
  const Row& row = added.row;
  ASSIGN_OR_RETURN(
      const auto id,
      tx.QueryOne<int64_t>(
          "INSERT INTO challenges (user_id, key, ordinal, kind, mode, state, generated, title, "
          "text,"
          " options, right_option, proof_tasks, goal, item, language, model, fingerprint,"
          " created_at, ends_at, prize, prize_state, hold_id, post_id, pay_id)"
          " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, "
          "$18,"
          " $19, $20, $21, $22, $23, $24) RETURNING id",
          row.user_id, added.key, added.ordinal, row.kind, row.mode, row.state, row.generated,
          row.title, row.text, row.options, row.right_option, row.proof_tasks, row.goal, row.item,
          row.language, row.model, static_cast<int64_t>(added.fingerprint), row.created_at,
          row.ends_at, row.prize, row.prize_state, row.hold_id, row.post_id, row.pay_id));
  for (const auto& [kind, evidence_id] : added.evidence) {
    tx.Queue(
        "INSERT INTO challenge_evidence (challenge_id, user_id, kind, id)"
        " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        std::get<0>(*id), row.user_id, static_cast<int32_t>(kind), evidence_id);
  }
  return std::get<0>(*id);
}

absl::StatusOr<std::vector<Row>> ReadByKey(Transaction& tx, int64_t user_id, std::string_view key) {
  static const std::string& sql =
      *new std::string(absl::StrCat(kColumns, " WHERE user_id = $1 AND key = $2 ORDER BY ordinal"));
  return tx.Query<Row>(sql, user_id, key);
}

absl::StatusOr<std::optional<Row>> Read(Transaction& tx, int64_t id) {
  static const std::string& sql = *new std::string(absl::StrCat(kColumns, " WHERE id = $1"));
  return tx.QueryOne<Row>(sql, id);
}

absl::StatusOr<std::vector<Row>> List(Transaction& tx, int64_t user_id, int32_t state,
                                      int64_t before_id, int64_t limit) {
  static const std::string& sql = *new std::string(
      absl::StrCat(kColumns,
                   " WHERE (c.user_id = $1 OR (c.state <> 5 AND EXISTS (SELECT 1"
                   " FROM challenge_parts p WHERE p.challenge_id = c.id AND p.user_id = $1)))"
                   " AND ($2 = 0 OR c.state = $2) AND c.id < $3 ORDER BY c.id DESC LIMIT $4"));
  return tx.Query<Row>(sql, user_id, state, before_id, limit);
}

absl::StatusOr<std::vector<v1::Evidence>> ReadEvidence(Transaction& tx, int64_t id) {
  ASSIGN_OR_RETURN(const auto rows,
                   (tx.Query<int32_t, int64_t>("SELECT kind, id FROM challenge_evidence"
                                               " WHERE challenge_id = $1 ORDER BY kind, id",
                                               id)));
  std::vector<v1::Evidence> evidence;
  for (const auto& [kind, evidence_id] : rows) {
    v1::Evidence& one = evidence.emplace_back();
    one.set_kind(static_cast<v1::EvidenceKind>(kind));
    one.set_id(evidence_id);
  }
  return evidence;
}

absl::StatusOr<std::vector<int64_t>> RestingOn(Transaction& tx, int64_t user_id,
                                               v1::EvidenceKind kind, int64_t id) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t>("SELECT c.id FROM challenge_evidence e"
                                     " JOIN challenges c ON c.id = e.challenge_id"
                                     " WHERE e.user_id = $1 AND e.kind = $2 AND e.id = $3"
                                     " AND c.state = 2 ORDER BY c.id",
                                     user_id, static_cast<int32_t>(kind), id));
  return Ids(rows);
}

absl::StatusOr<std::vector<int64_t>> Due(Transaction& tx, absl::Time now, int64_t limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t>("SELECT id FROM challenges WHERE state = 2 AND ends_at <= $1"
                                     " ORDER BY ends_at LIMIT $2",
                                     now, limit));
  return Ids(rows);
}

absl::StatusOr<std::vector<int64_t>> WithPrizeToMove(Transaction& tx, int64_t limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t>("SELECT id FROM challenges WHERE prize_state IN (1, 3, 5)"
                                     " ORDER BY id LIMIT $1",
                                     limit));
  return Ids(rows);
}

void SetState(Transaction& tx, int64_t id, v1::ChallengeState state) {
  tx.Queue("UPDATE challenges SET state = $2 WHERE id = $1", id, static_cast<int32_t>(state));
}

void SetPrize(Transaction& tx, int64_t id, Prize state, int64_t winner_id) {
  tx.Queue("UPDATE challenges SET prize_state = $2, winner_id = $3 WHERE id = $1", id,
           static_cast<int32_t>(state), winner_id);
}

absl::StatusOr<bool> MovePrize(Transaction& tx, int64_t id, Prize from, Prize to) {
  ASSIGN_OR_RETURN(const int64_t moved,
                   tx.Execute("UPDATE challenges SET prize_state = $3"
                              " WHERE id = $1 AND prize_state = $2",
                              id, static_cast<int32_t>(from), static_cast<int32_t>(to)));
  return moved > 0;
}

absl::StatusOr<std::optional<Part>> ReadPart(Transaction& tx, int64_t id, int64_t user_id) {
  return tx.QueryOne<Part>(
      "SELECT challenge_id, user_id, state, joined_at, decided_at, chosen_option"
      " FROM challenge_parts WHERE challenge_id = $1 AND user_id = $2",
      id, user_id);
}

absl::StatusOr<std::vector<Part>> ReadParts(Transaction& tx, int64_t id) {
  return tx.Query<Part>(
      "SELECT challenge_id, user_id, state, joined_at, decided_at, chosen_option"
      " FROM challenge_parts WHERE challenge_id = $1 ORDER BY user_id",
      id);
}

void SavePart(Transaction& tx, const Part& part) {
  tx.Queue(
      "INSERT INTO challenge_parts (challenge_id, user_id, state, joined_at, decided_at,"
      " chosen_option) VALUES ($1, $2, $3, $4, $5, $6)"
      " ON CONFLICT (challenge_id, user_id) DO UPDATE SET state = EXCLUDED.state,"
      " joined_at = EXCLUDED.joined_at, decided_at = EXCLUDED.decided_at,"
      " chosen_option = EXCLUDED.chosen_option",
      part.challenge_id, part.user_id, part.state, part.joined_at, part.decided_at,
      part.chosen_option);
}

absl::StatusOr<std::vector<int64_t>> DeedsFor(Transaction& tx, int64_t user_id, int64_t task_id,
                                              absl::Time at) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t>("SELECT c.id FROM challenge_parts p"
                                     " JOIN challenges c ON c.id = p.challenge_id"
                                     " WHERE p.user_id = $1 AND p.state = 1 AND c.state = 2"
                                     " AND c.kind = 2 AND p.joined_at <= $3 AND c.ends_at > $3"
                                     " AND (c.proof_tasks = '{}' OR $2 = ANY(c.proof_tasks))"
                                     " ORDER BY c.id",
                                     user_id, task_id, at));
  return Ids(rows);
}

absl::StatusOr<bool> SaveProof(Transaction& tx, int64_t id, int64_t user_id, int64_t task_id,
                               const Uuid& event_id) {
  ASSIGN_OR_RETURN(const int64_t saved,
                   tx.Execute("INSERT INTO challenge_proofs (challenge_id, user_id, task_id,"
                              " event_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                              id, user_id, task_id, event_id));
  return saved > 0;
}

void ForgetProofs(Transaction& tx, int64_t user_id, int64_t task_id) {
  tx.Queue(
      "DELETE FROM challenge_proofs p USING challenges c, challenge_parts j"
      " WHERE p.user_id = $1 AND p.task_id = $2 AND c.id = p.challenge_id AND c.state = 2"
      " AND j.challenge_id = c.id AND j.user_id = p.user_id AND j.state = 1",
      user_id, task_id);
}

absl::StatusOr<std::vector<std::string>> ReadProofs(Transaction& tx, int64_t id, int64_t user_id) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<Uuid>("SELECT event_id FROM challenge_proofs"
                                  " WHERE challenge_id = $1 AND ($2 = 0 OR user_id = $2)"
                                  " ORDER BY event_id",
                                  id, user_id));
  std::vector<std::string> ids;
  for (const auto& [event_id] : rows) ids.push_back(event_id.ToString());
  return ids;
}

absl::StatusOr<rating::Glicko> ReadPersonRating(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const std::optional<rating::Glicko> found,
                   tx.QueryOne<rating::Glicko>("SELECT value, deviation, volatility"
                                               " FROM challenge_person_ratings WHERE user_id = $1",
                                               user_id));
  return found.value_or(rating::Glicko());
}

absl::StatusOr<std::vector<std::pair<std::string, rating::Glicko>>> ReadItemRatings(
    Transaction& tx, const std::vector<std::string>& items) {
  ASSIGN_OR_RETURN(const auto rows, (tx.Query<std::string, double, double, double>(
                                        "SELECT item, value, deviation, volatility"
                                        " FROM challenge_item_ratings WHERE item = ANY($1)",
                                        items)));
  std::vector<std::pair<std::string, rating::Glicko>> ratings;
  for (const auto& [item, value, deviation, volatility] : rows) {
    ratings.emplace_back(item, rating::Glicko{value, deviation, volatility});
  }
  return ratings;
}

void SavePersonRating(Transaction& tx, int64_t user_id, const rating::Glicko& rating) {
  tx.Queue(
      "INSERT INTO challenge_person_ratings (user_id, value, deviation, volatility)"
      " VALUES ($1, $2, $3, $4) ON CONFLICT (user_id) DO UPDATE SET value = EXCLUDED.value,"
      " deviation = EXCLUDED.deviation, volatility = EXCLUDED.volatility",
      user_id, rating.value, rating.deviation, rating.volatility);
}

void SaveItemRating(Transaction& tx, std::string_view item, const rating::Glicko& rating) {
  tx.Queue(
      "INSERT INTO challenge_item_ratings (item, value, deviation, volatility)"
      " VALUES ($1, $2, $3, $4) ON CONFLICT (item) DO UPDATE SET value = EXCLUDED.value,"
      " deviation = EXCLUDED.deviation, volatility = EXCLUDED.volatility",
      item, rating.value, rating.deviation, rating.volatility);
}

void AddItem(Transaction& tx, std::string_view item, const rating::Glicko& first) {
  tx.Queue(
      "INSERT INTO challenge_item_ratings (item, value, deviation, volatility)"
      " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
      item, first.value, first.deviation, first.volatility);
}

absl::StatusOr<Tally> ReadTally(Transaction& tx) {
  ASSIGN_OR_RETURN(const std::optional<Tally> tally,
                   tx.QueryOne<Tally>("SELECT quizzes, by_chance, longest, first"
                                      " FROM challenge_tally"));
  return tally.value_or(Tally());
}

void AddToTally(Transaction& tx, const Tally& more) {
  if (more.quizzes == 0) return;
  tx.Queue(
      "UPDATE challenge_tally SET quizzes = quizzes + $1, by_chance = by_chance + $2,"
      " longest = longest + $3, first = first + $4",
      more.quizzes, more.by_chance, more.longest, more.first);
}

absl::StatusOr<DecisionRow> SaveDecision(Transaction& tx, const DecisionRow& decision) {
  tx.Queue(
      "INSERT INTO challenge_decisions (challenge_id, person_id, actor_id, action, reason,"
      " decided_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
      decision.challenge_id, decision.person_id, decision.actor_id, decision.action,
      decision.reason, decision.decided_at);
  ASSIGN_OR_RETURN(const std::optional<DecisionRow> row,
                   tx.QueryOne<DecisionRow>(
                       "SELECT id, challenge_id, actor_id, action, reason, decided_at, person_id"
                       " FROM challenge_decisions WHERE challenge_id = $1 AND actor_id = $2"
                       " AND action = $3 ORDER BY id DESC LIMIT 1",
                       decision.challenge_id, decision.actor_id, decision.action));
  if (!row.has_value()) return absl::InternalError("a decision was not kept");
  return *row;
}

absl::StatusOr<int64_t> CountReports(Transaction& tx, int64_t challenge_id) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>("SELECT count(*) FROM challenge_decisions"
                                        " WHERE challenge_id = $1 AND action = 'reported'",
                                        challenge_id));
  return std::get<0>(*row);
}

absl::StatusOr<std::optional<DecisionRow>> ReadDecision(Transaction& tx, int64_t challenge_id,
                                                        int64_t person_id,
                                                        const std::vector<std::string>& actions) {
  return tx.QueryOne<DecisionRow>(
      "SELECT id, challenge_id, actor_id, action, reason, decided_at, person_id"
      " FROM challenge_decisions WHERE challenge_id = $1 AND person_id = $2 AND action = ANY($3)"
      " ORDER BY id DESC LIMIT 1",
      challenge_id, person_id, actions);
}

absl::StatusOr<std::vector<DecisionRow>> ListDecisions(Transaction& tx, int64_t challenge_id,
                                                       bool waiting, int64_t before_id,
                                                       int64_t limit) {
  return tx.Query<DecisionRow>(
      "SELECT id, challenge_id, actor_id, action, reason, decided_at, person_id"
      " FROM challenge_decisions d WHERE ($1 = 0 OR challenge_id = $1) AND id < $3"
      " AND (NOT $2 OR (action = 'appealed' AND NOT EXISTS (SELECT 1 FROM challenge_decisions o"
      "  WHERE o.challenge_id = d.challenge_id AND o.person_id = d.person_id"
      "  AND o.action IN ('upheld', 'overturned')))) ORDER BY id DESC LIMIT $4",
      challenge_id, waiting, before_id, limit);
}

absl::StatusOr<int64_t> DeleteUser(Transaction& tx, int64_t user_id) {
  LockUser(tx, user_id);
  int64_t rows = 0;
  for (const std::string_view sql :
       {"DELETE FROM challenge_proofs WHERE user_id = $1",
        "DELETE FROM challenge_parts WHERE user_id = $1",
        "DELETE FROM challenge_evidence WHERE user_id = $1",
        "DELETE FROM challenges WHERE user_id = $1",
        "DELETE FROM challenge_materials WHERE user_id = $1",
        "DELETE FROM challenge_person_ratings WHERE user_id = $1",
        "UPDATE challenge_decisions SET person_id = 0, reason = '',"
        " actor_id = CASE WHEN actor_id = $1 THEN -id ELSE actor_id END"
        " WHERE (person_id = $1 AND person_id <> 0) OR (actor_id = $1 AND actor_id > 0)",
        "UPDATE challenges SET winner_id = 0 WHERE winner_id = $1 AND winner_id <> 0"
        " AND prize_state <> 3"}) {
    ASSIGN_OR_RETURN(const int64_t more, tx.Execute(sql, user_id));
    rows += more;
  }
  return rows;
}

}  // namespace selfology::challenge::store
