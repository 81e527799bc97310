#include "services/growth/challenge/outcomes.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/events/event_type.h"
#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/challenge.pb.h"
#include "selfology/events/v1/security.pb.h"

namespace selfology::challenge {
namespace {

using postgres::Transaction;
using store::Prize;

bool HasPrize(const store::Row& challenge) {
  return challenge.prize_state == static_cast<int32_t>(Prize::kHeld) && challenge.winner_id == 0;
}

// An attempt is a game between the person and what the challenge is learned under.
absl::Status Rate(Transaction& tx, const store::Row& challenge, int64_t user_id, bool succeeded) {
  store::LockItemRating(tx, events::HashedKey("item", challenge.item));
  store::LockPersonRating(tx, user_id);
  ASSIGN_OR_RETURN(const rating::Glicko person, store::ReadPersonRating(tx, user_id));
  ASSIGN_OR_RETURN(const auto items, store::ReadItemRatings(tx, {challenge.item}));
  const rating::Glicko item = items.empty() ? rating::Glicko() : items[0].second;
  const double score = succeeded ? 1 : 0;
  store::SavePersonRating(tx, user_id,
                          rating::Glicko2(person, {{item.value, item.deviation, score}}));
  store::SaveItemRating(tx, challenge.item,
                        rating::Glicko2(item, {{person.value, person.deviation, 1 - score}}));
  return absl::OkStatus();
}

// Once nobody is left who could do it, it ends.
absl::Status EndIfDone(Transaction& tx, const store::Row& challenge, bool winner) {
  ASSIGN_OR_RETURN(const std::vector<store::Part> parts, store::ReadParts(tx, challenge.id));
  int decided = 0, joined = 0;
  for (const store::Part& part : parts) {
    joined += part.state == v1::PARTICIPATION_STATE_JOINED;
    decided += part.state == v1::PARTICIPATION_STATE_SUCCEEDED ||
               part.state == v1::PARTICIPATION_STATE_FAILED;
  }
  // A duel waits for its second.
  const bool waits = challenge.mode == v1::CHALLENGE_MODE_DUEL && decided < 2 && !winner;
  const bool is_team = challenge.mode == v1::CHALLENGE_MODE_TEAM;
  if (joined > 0 || waits || (is_team && !winner)) return absl::OkStatus();
  store::SetState(tx, challenge.id, v1::CHALLENGE_STATE_ENDED);
  if (HasPrize(challenge) && !winner) store::SetPrize(tx, challenge.id, Prize::kReturnDue, 0);
  return absl::OkStatus();
}

absl::Status TellSuccess(Transaction& tx, const store::Row& challenge, int64_t user_id,
                         bool winner) {
  ASSIGN_OR_RETURN(const auto items, store::ReadItemRatings(tx, {challenge.item}));
  events::v1::ChallengeCompleted event;
  event.set_user_id(user_id);
  event.set_challenge_id(challenge.id);
  event.set_kind(static_cast<v1::ChallengeKind>(challenge.kind));
  event.set_mode(static_cast<v1::ChallengeMode>(challenge.mode));
  event.set_winner(winner);
  event.set_prize(winner ? challenge.prize : 0);
  event.set_difficulty(items.empty() ? rating::Glicko().value : items[0].second.value);
  return events::Publish(tx, event);
}

absl::Status TellFailure(Transaction& tx, const store::Row& challenge, int64_t user_id,
                         bool time_was_up) {
  events::v1::ChallengeFailed event;
  event.set_user_id(user_id);
  event.set_challenge_id(challenge.id);
  event.set_time_was_up(time_was_up);
  return events::Publish(tx, event);
}

void Decide(Transaction& tx, store::Part& part, v1::ParticipationState state, absl::Time now) {
  part.state = state;
  part.decided_at = now;
  store::SavePart(tx, part);
}

}  // namespace

absl::Status Succeed(Transaction& tx, const store::Row& challenge, store::Part part, bool may_win,
                     absl::Time now) {
  const bool winner = may_win && HasPrize(challenge);
  Decide(tx, part, v1::PARTICIPATION_STATE_SUCCEEDED, now);
  RETURN_IF_ERROR(Rate(tx, challenge, part.user_id, true));
  RETURN_IF_ERROR(TellSuccess(tx, challenge, part.user_id, winner));
  if (winner) store::SetPrize(tx, challenge.id, Prize::kPayDue, part.user_id);
  ASSIGN_OR_RETURN(const std::vector<store::Part> parts, store::ReadParts(tx, challenge.id));
  for (store::Part other : parts) {
    if (other.user_id == part.user_id || other.state != v1::PARTICIPATION_STATE_JOINED) continue;
    if (challenge.mode == v1::CHALLENGE_MODE_DUEL) {
      Decide(tx, other, v1::PARTICIPATION_STATE_FAILED, now);
      RETURN_IF_ERROR(TellFailure(tx, challenge, other.user_id, false));
    } else if (challenge.kind == v1::CHALLENGE_KIND_DEED) {
      Decide(tx, other, v1::PARTICIPATION_STATE_SUCCEEDED, now);  // The team's.
      RETURN_IF_ERROR(TellSuccess(tx, challenge, other.user_id, false));
    }
  }
  return EndIfDone(tx, challenge,
                   winner || challenge.mode == v1::CHALLENGE_MODE_DUEL ||
                       challenge.kind == v1::CHALLENGE_KIND_DEED);
}

absl::Status Fail(Transaction& tx, const store::Row& challenge, store::Part part, bool time_was_up,
                  absl::Time now) {
  Decide(tx, part, v1::PARTICIPATION_STATE_FAILED, now);
  RETURN_IF_ERROR(Rate(tx, challenge, part.user_id, false));
  RETURN_IF_ERROR(TellFailure(tx, challenge, part.user_id, time_was_up));
  return EndIfDone(tx, challenge, false);
}

absl::Status Close(Transaction& tx, const store::Row& challenge, v1::ChallengeState state,
                   absl::Time now) {
  store::SetState(tx, challenge.id, state);
  if (HasPrize(challenge)) store::SetPrize(tx, challenge.id, Prize::kReturnDue, 0);
  ASSIGN_OR_RETURN(const std::vector<store::Part> parts, store::ReadParts(tx, challenge.id));
  for (store::Part part : parts) {
    if (part.state == v1::PARTICIPATION_STATE_JOINED) {
      Decide(tx, part, v1::PARTICIPATION_STATE_LEFT, now);
    }
  }
  return absl::OkStatus();
}

absl::Status End(Transaction& tx, const store::Row& challenge, absl::Time now) {
  ASSIGN_OR_RETURN(const std::vector<store::Part> parts, store::ReadParts(tx, challenge.id));
  for (const store::Part& part : parts) {
    if (part.state != v1::PARTICIPATION_STATE_JOINED) continue;
    RETURN_IF_ERROR(Fail(tx, challenge, part, true, now));
  }
  store::SetState(tx, challenge.id, v1::CHALLENGE_STATE_ENDED);
  if (HasPrize(challenge)) store::SetPrize(tx, challenge.id, Prize::kReturnDue, 0);
  return absl::OkStatus();
}

absl::StatusOr<store::DecisionRow> Note(Transaction& tx, const store::Row& challenge,
                                        int64_t actor_id, int64_t person_id, const char* action,
                                        const std::string& reason, absl::Time now) {
  events::v1::AuditFactNoted fact;
  fact.set_service("challenge");
  fact.set_actor_id(actor_id);
  fact.set_action(absl::StrCat("challenge.", action));
  fact.set_subject_id(person_id);
  fact.set_outcome(action);
  RETURN_IF_ERROR(events::Publish(tx, fact));
  return store::SaveDecision(tx, {.challenge_id = challenge.id,
                                  .actor_id = actor_id,
                                  .action = action,
                                  .reason = reason,
                                  .decided_at = now,
                                  .person_id = person_id});
}

}  // namespace selfology::challenge
