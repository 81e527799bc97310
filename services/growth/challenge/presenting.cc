#include "services/growth/challenge/presenting.h"

#include <string>
#include <vector>

#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::challenge {
namespace {

constexpr size_t kProofs = 50;

}  // namespace

absl::StatusOr<v1::Challenge> Present(postgres::Transaction& tx, const store::Row& row,
                                      int64_t viewer) {
  v1::Challenge challenge;
  challenge.set_challenge_id(row.id);
  challenge.set_kind(static_cast<v1::ChallengeKind>(row.kind));
  challenge.set_mode(static_cast<v1::ChallengeMode>(row.mode));
  challenge.set_state(static_cast<v1::ChallengeState>(row.state));
  challenge.set_owner_id(row.user_id);
  challenge.set_generated(row.generated);
  challenge.set_title(row.title);
  challenge.set_text(row.text);
  for (const std::string& option : row.options) challenge.add_options(option);
  if (row.kind == v1::CHALLENGE_KIND_DEED) {
    challenge.mutable_proof()->set_event_type(kTaskCompleted);
    challenge.mutable_proof()->set_count(row.goal);
    for (const int64_t task : row.proof_tasks) challenge.mutable_proof()->add_task_ids(task);
  }
  ASSIGN_OR_RETURN(const std::vector<v1::Evidence> evidence, store::ReadEvidence(tx, row.id));
  for (const v1::Evidence& one : evidence) *challenge.add_evidence() = one;
  ASSIGN_OR_RETURN(const auto items, store::ReadItemRatings(tx, {row.item}));
  ASSIGN_OR_RETURN(const rating::Glicko person, store::ReadPersonRating(tx, viewer));
  const rating::Glicko item = items.empty() ? rating::Glicko() : items[0].second;
  challenge.mutable_difficulty()->set_rating(item.value);
  challenge.mutable_difficulty()->set_deviation(item.deviation);
  challenge.mutable_difficulty()->set_success_chance(rating::WinChance(person, item));
  challenge.set_prize(row.prize);
  challenge.set_language(row.language);
  *challenge.mutable_created_at() = timestamps::ToProto(row.created_at);
  *challenge.mutable_ends_at() = timestamps::ToProto(row.ends_at);
  challenge.set_model_used(row.model);
  challenge.set_winner_id(row.winner_id);
  return challenge;
}

absl::StatusOr<v1::Participation> Present(postgres::Transaction& tx, const store::Row& row,
                                          const store::Part& part) {
  v1::Participation proto;
  proto.set_challenge_id(part.challenge_id);
  proto.set_user_id(part.user_id);
  proto.set_state(static_cast<v1::ParticipationState>(part.state));
  proto.set_goal(row.kind == v1::CHALLENGE_KIND_QUIZ ? 1 : row.goal);
  *proto.mutable_joined_at() = timestamps::ToProto(part.joined_at);
  if (part.decided_at.has_value()) {
    *proto.mutable_decided_at() = timestamps::ToProto(*part.decided_at);
  }
  proto.set_chosen_option(part.chosen_option);
  if (row.kind == v1::CHALLENGE_KIND_QUIZ) {
    proto.set_progress(part.state == v1::PARTICIPATION_STATE_SUCCEEDED ? 1 : 0);
    // Told only to who can no longer use it.
    const bool decided = part.state == v1::PARTICIPATION_STATE_SUCCEEDED ||
                         part.state == v1::PARTICIPATION_STATE_FAILED;
    if (decided) proto.set_right_option(row.right_option);
    return proto;
  }
  const bool team = row.mode == v1::CHALLENGE_MODE_TEAM;
  ASSIGN_OR_RETURN(const std::vector<std::string> all,
                   store::ReadProofs(tx, row.id, team ? 0 : part.user_id));
  ASSIGN_OR_RETURN(const std::vector<std::string> own, store::ReadProofs(tx, row.id, part.user_id));
  proto.set_progress(static_cast<int32_t>(all.size()));
  for (size_t i = 0; i < own.size() && i < kProofs; ++i) proto.add_proof_event_ids(own[i]);
  return proto;
}

v1::Decision ToProto(const store::DecisionRow& row) {
  v1::Decision decision;
  decision.set_decision_id(row.id);
  decision.set_challenge_id(row.challenge_id);
  decision.set_actor_id(row.actor_id);
  decision.set_action(row.action);
  decision.set_reason(row.reason);
  *decision.mutable_decided_at() = timestamps::ToProto(row.decided_at);
  return decision;
}

}  // namespace selfology::challenge
