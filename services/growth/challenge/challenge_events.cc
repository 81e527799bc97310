#include "services/growth/challenge/challenge_events.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/challenge.pb.h"
#include "services/growth/challenge/challenge_store.h"
#include "services/growth/challenge/outcomes.h"

namespace selfology::challenge {

absl::Status ChallengeEvents::Prove(const events::v1::TaskCompleted& event,
                                    events::Handling& handling) {
  postgres::Transaction& tx = handling.tx();
  const int64_t user_id = event.user_id();
  ASSIGN_OR_RETURN(const std::vector<int64_t> deeds,
                   store::DeedsFor(tx, user_id, event.task_id(), handling.envelope().occurred_at));
  for (const int64_t id : deeds) {
    store::LockChallenge(tx, id);
    ASSIGN_OR_RETURN(const std::optional<store::Row> challenge, store::Read(tx, id));
    ASSIGN_OR_RETURN(const std::optional<store::Part> part, store::ReadPart(tx, id, user_id));
    // It may have been decided while this waited for the lock.
    if (!challenge.has_value() || challenge->state != v1::CHALLENGE_STATE_OPEN ||
        !part.has_value() || part->state != v1::PARTICIPATION_STATE_JOINED) {
      continue;
    }
    ASSIGN_OR_RETURN(const bool is_new,
                     store::SaveProof(tx, id, user_id, event.task_id(), handling.envelope().id));
    if (!is_new) continue;
    const bool team = challenge->mode == v1::CHALLENGE_MODE_TEAM;
    ASSIGN_OR_RETURN(const std::vector<std::string> proofs,
                     store::ReadProofs(tx, id, team ? 0 : user_id));
    if (static_cast<int32_t>(proofs.size()) < challenge->goal) continue;
    RETURN_IF_ERROR(Succeed(tx, *challenge, *part, /*may_win=*/true, clock_()));
  }
  return absl::OkStatus();
}

absl::Status ChallengeEvents::TakeBack(const events::v1::TaskReopened& event,
                                       events::Handling& handling) {
  store::ForgetProofs(handling.tx(), event.user_id(), event.task_id());
  return absl::OkStatus();
}

absl::Status ChallengeEvents::Withdraw(const events::v1::TaskDeleted& event,
                                       events::Handling& handling) {
  postgres::Transaction& tx = handling.tx();
  store::LockUser(tx, event.user_id());
  store::MarkGone(tx, event.user_id(), v1::EVIDENCE_KIND_TASK, event.task_id(), clock_());
  ASSIGN_OR_RETURN(const std::vector<int64_t> resting,
                   store::RestingOn(tx, event.user_id(), v1::EVIDENCE_KIND_TASK, event.task_id()));
  for (const int64_t id : resting) {
    store::LockChallenge(tx, id);
    ASSIGN_OR_RETURN(const std::optional<store::Row> challenge, store::Read(tx, id));
    if (!challenge.has_value() || challenge->state != v1::CHALLENGE_STATE_OPEN) continue;
    RETURN_IF_ERROR(Close(tx, *challenge, v1::CHALLENGE_STATE_WITHDRAWN, clock_()));
    RETURN_IF_ERROR(
        Note(tx, *challenge, 0, challenge->user_id, "withdrawn", "", clock_()).status());
    events::v1::ChallengeWithdrawn withdrawn;
    withdrawn.set_user_id(challenge->user_id);
    withdrawn.set_challenge_id(id);
    RETURN_IF_ERROR(events::Publish(tx, withdrawn));
  }
  return absl::OkStatus();
}

absl::Status ChallengeEvents::KeepInsight(const events::v1::InsightReadyForUser& event,
                                          events::Handling& handling) {
  store::SaveInsight(handling.tx(), event.user_id(), event.insight_id(), event.message_text(),
                     handling.envelope().occurred_at);
  return absl::OkStatus();
}

}  // namespace selfology::challenge
