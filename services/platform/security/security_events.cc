#include "services/platform/security/security_events.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/enums/word.h"
#include "common/events/event_type.h"
#include "common/status/status_macros.h"
#include "services/platform/security/access_store.h"
#include "services/platform/security/audit_store.h"
#include "services/platform/security/threats.h"

namespace selfology::security {
namespace {

using events::v1::LoginAttempted;
using postgres::Transaction;

// Events of different keys come in no order, so the window ends at the newest attempt, whichever
// event is looked at.
absl::Time NewestOf(const std::vector<Attempt>& attempts, absl::Time at) {
  for (const Attempt& attempt : attempts) at = std::max(at, attempt.at);
  return at;
}

absl::Status LookForBruteForce(Transaction& tx, const LoginAttempted& event, absl::Time at,
                               const ThreatLimits& limits) {
  ASSIGN_OR_RETURN(
      const std::vector<Attempt> attempts,
      store::AttemptsOfAccount(tx, event.account_hash(), at - limits.brute_force_window));
  const auto found = FindBruteForce(attempts, NewestOf(attempts, at), limits);
  if (!found.has_value()) return absl::OkStatus();
  return store::TellThreat(tx,
                           {.kind = v1::THREAT_KIND_BRUTE_FORCE,
                            .user_id = event.user_id(),
                            .source_hash = event.account_hash(),
                            .observed = found->observed,
                            .at = at},
                           limits.quiet);
}

absl::Status LookForStuffing(Transaction& tx, const LoginAttempted& event, absl::Time at,
                             const ThreatLimits& limits) {
  if (event.address_hash().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<Attempt> attempts,
                   store::AttemptsOfAddress(tx, event.address_hash(), at - limits.stuffing_window));
  const auto found = FindStuffing(attempts, NewestOf(attempts, at), limits);
  if (!found.has_value()) return absl::OkStatus();
  return store::TellThreat(tx,
                           {.kind = v1::THREAT_KIND_CREDENTIAL_STUFFING,
                            .source_hash = event.address_hash(),
                            .observed = found->observed,
                            .at = at},
                           limits.quiet);
}

absl::Status LookForTravel(Transaction& tx, const LoginAttempted& event, absl::Time at,
                           const ThreatLimits& limits) {
  if (event.user_id() == 0 || event.country().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::optional<SignIn> before,
                   store::LastAttemptWithCountry(tx, event.user_id(), at));
  if (!before.has_value()) return absl::OkStatus();
  const auto found =
      FindImpossibleTravel(*before, {.place = {.country = event.country()}, .at = at}, limits);
  if (!found.has_value()) return absl::OkStatus();
  return store::TellThreat(tx,
                           {.kind = v1::THREAT_KIND_IMPOSSIBLE_TRAVEL,
                            .user_id = event.user_id(),
                            .source_hash = event.account_hash(),
                            .observed = found->observed,
                            .at = at},
                           limits.quiet);
}

}  // namespace

absl::Status SecurityEvents::NoteLogin(const LoginAttempted& event,
                                       events::Handling& handling) const {
  const absl::Time at = handling.envelope().occurred_at;
  const bool succeeded = event.outcome() == events::v1::LOGIN_OUTCOME_SUCCEEDED;
  const ThreatLimits& limits = settings_.threats;
  Transaction& tx = handling.tx();
  // Attempts from one address are of many accounts and come in no order: counted one by one.
  if (!event.address_hash().empty()) {
    store::LockSource(tx, events::HashedKey("address_hash", event.address_hash()));
  }
  if (succeeded) RETURN_IF_ERROR(LookForTravel(tx, event, at, limits));
  store::InsertAttempt(tx, {.user_id = event.user_id(),
                            .country = event.country(),
                            .attempt = {.account_hash = event.account_hash(),
                                        .address_hash = event.address_hash(),
                                        .succeeded = succeeded,
                                        .at = at}});
  if (!succeeded) {
    RETURN_IF_ERROR(LookForBruteForce(tx, event, at, limits));
    RETURN_IF_ERROR(LookForStuffing(tx, event, at, limits));
  }
  const std::string outcome = enums::LowerWord(event.outcome());
  tx.AfterCommit([&metrics = metrics_, outcome] {
    metrics.Counter("auth_attempts_total", "Attempts to sign in", {{"outcome", outcome}})
        .Increment();
  });
  return store::AppendAudit(tx, {.actor_id = event.user_id(),
                                 .action = "login.attempted",
                                 .subject_id = event.user_id(),
                                 .outcome = succeeded ? "ok" : outcome,
                                 .method = event.country(),
                                 .at = at})
      .status();
}

absl::Status SecurityEvents::NoteRefusedCalls(const events::v1::RateLimitExceeded& event,
                                              events::Handling& handling) const {
  const absl::Time at = handling.envelope().occurred_at;
  const ThreatLimits& limits = settings_.threats;
  Transaction& tx = handling.tx();
  store::InsertRefusedCalls(tx, event.user_id(), event.source_hash(),
                            std::max<int64_t>(event.refused_count(), 1), at);
  ASSIGN_OR_RETURN(const int64_t calls,
                   store::CountRefusedCalls(tx, event.source_hash(), at - limits.refused_window));
  const auto found = FindLimitAbuse(calls, limits);
  if (!found.has_value()) return absl::OkStatus();
  return store::TellThreat(tx,
                           {.kind = v1::THREAT_KIND_LIMIT_ABUSE,
                            .user_id = event.user_id(),
                            .source_hash = event.source_hash(),
                            .observed = found->observed,
                            .at = at},
                           limits.quiet);
}

absl::Status NoteFact(const events::v1::AuditFactNoted& event, events::Handling& handling) {
  return store::AppendAudit(handling.tx(), {.actor_id = event.actor_id(),
                                            .service = event.service(),
                                            .action = event.action(),
                                            .subject_id = event.subject_id(),
                                            .outcome = event.outcome(),
                                            .method = event.method(),
                                            .at = handling.envelope().occurred_at})
      .status();
}

absl::Status NoteMalware(const events::v1::FileRejected& event, events::Handling& handling) {
  if (!event.infected()) return absl::OkStatus();
  return store::AppendAudit(handling.tx(), {.actor_id = event.user_id(),
                                            .service = "file",
                                            .action = "file.scanned",
                                            .subject_id = event.user_id(),
                                            .outcome = "malware",
                                            .method = event.file_id(),
                                            .at = handling.envelope().occurred_at})
      .status();
}

absl::Status NoteTeam(const events::v1::TeamCreated& event, events::Handling& handling) {
  store::SaveTeamMember(handling.tx(), event.team_id(), event.user_id(), "owner");
  return absl::OkStatus();
}

absl::Status NoteMember(const events::v1::TeamMemberJoined& event, events::Handling& handling) {
  store::SaveTeamMember(handling.tx(), event.team_id(), event.user_id(), event.role());
  return absl::OkStatus();
}

absl::Status NoteTeamRole(const events::v1::TeamRoleChanged& event, events::Handling& handling) {
  store::SaveTeamMember(handling.tx(), event.team_id(), event.user_id(), event.role());
  return absl::OkStatus();
}

absl::Status ForgetMember(const events::v1::TeamMemberLeft& event, events::Handling& handling) {
  store::RemoveTeamMember(handling.tx(), event.team_id(), event.user_id());
  return absl::OkStatus();
}

absl::Status ForgetTeam(const events::v1::TeamDeleted& event, events::Handling& handling) {
  store::RemoveTeam(handling.tx(), event.team_id());
  return absl::OkStatus();
}

}  // namespace selfology::security
