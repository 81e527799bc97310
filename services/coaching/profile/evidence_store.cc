#include "services/coaching/profile/evidence_store.h"

#include <utility>

#include "common/enums/word.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::profile::store {
namespace {

using trait::v1::TraitEvidence;

struct Row {
  std::string trait_name;
  std::string kind;
  double direction = 0;
  double weight = 0;
  std::string quote;
  int64_t answer_id = 0;
  std::string statement_id;
  absl::Time recorded_at;
};

void Insert(postgres::Transaction& tx, int64_t user_id, int64_t answer_id,
            const std::vector<TraitEvidence>& evidence, absl::Time now) {
  if (evidence.empty()) return;
  std::vector<std::string> names, kinds, quotes, statements;
  std::vector<double> directions, weights;
  for (const TraitEvidence& one : evidence) {
    names.push_back(one.trait_name());
    kinds.push_back(enums::Word(one.kind()));
    directions.push_back(one.direction());
    weights.push_back(one.weight());
    quotes.push_back(one.quote());
    statements.push_back(one.statement_id());
  }
  tx.Queue(
      "INSERT INTO trait_evidence (user_id, trait_name, kind, direction, weight, quote, answer_id,"
      " statement_id, recorded_at)"
      " SELECT $1, e.name, e.kind, e.direction, e.weight, e.quote, $2, e.statement, $3"
      " FROM unnest($4::text[], $5::text[], $6::double precision[], $7::double precision[],"
      "             $8::text[], $9::text[])"
      "      AS e (name, kind, direction, weight, quote, statement)",
      user_id, answer_id, now, names, kinds, directions, weights, quotes, statements);
}

}  // namespace

absl::StatusOr<std::vector<TraitEvidence>> ReadEvidence(postgres::Transaction& tx,
                                                        int64_t user_id) {
  ASSIGN_OR_RETURN(std::vector<Row> rows,
                   tx.Query<Row>("SELECT trait_name, kind, direction, weight, quote, answer_id,"
                                 " statement_id, recorded_at FROM trait_evidence"
                                 " WHERE user_id = $1 ORDER BY id",
                                 user_id));
  std::vector<TraitEvidence> evidence;
  for (Row& row : rows) {
    TraitEvidence& one = evidence.emplace_back();
    one.set_trait_name(std::move(row.trait_name));
    one.set_kind(enums::FromWord<trait::v1::EvidenceKind>(row.kind));
    one.set_direction(row.direction);
    one.set_weight(row.weight);
    one.set_quote(std::move(row.quote));
    one.set_answer_id(row.answer_id);
    one.set_statement_id(std::move(row.statement_id));
    *one.mutable_recorded_at() = timestamps::ToProto(row.recorded_at);
  }
  return evidence;
}

void ReplaceAnswer(postgres::Transaction& tx, int64_t user_id, int64_t answer_id,
                   const std::vector<TraitEvidence>& signs, absl::Time now) {
  tx.Queue("DELETE FROM trait_evidence WHERE user_id = $1 AND kind = 'TEXT' AND answer_id = $2",
           user_id, answer_id);
  Insert(tx, user_id, answer_id, signs, now);
}

void ReplaceStatement(postgres::Transaction& tx, int64_t user_id, const TraitEvidence& rating,
                      absl::Time now) {
  tx.Queue(
      "DELETE FROM trait_evidence"
      " WHERE user_id = $1 AND kind = 'STATEMENT' AND statement_id = $2",
      user_id, rating.statement_id());
  Insert(tx, user_id, /*answer_id=*/0, {rating}, now);
}

void ReplaceCorrection(postgres::Transaction& tx, int64_t user_id, const TraitEvidence& correction,
                       absl::Time now) {
  tx.Queue(
      "DELETE FROM trait_evidence"
      " WHERE user_id = $1 AND kind = 'CORRECTION' AND trait_name = $2",
      user_id, correction.trait_name());
  Insert(tx, user_id, /*answer_id=*/0, {correction}, now);
}

absl::StatusOr<int64_t> DeleteEvidence(postgres::Transaction& tx, int64_t user_id) {
  return tx.Execute("DELETE FROM trait_evidence WHERE user_id = $1", user_id);
}

}  // namespace selfology::profile::store
