// What security does when others have seen something: it writes it into the audit, looks for
// threats in it, and remembers who is in which team.
#pragma once

#include "absl/status/status.h"
#include "common/events/handling.h"
#include "common/observe/metrics.h"
#include "selfology/events/v1/file.pb.h"
#include "selfology/events/v1/security.pb.h"
#include "selfology/events/v1/user.pb.h"
#include "services/platform/security/settings.h"

namespace selfology::security {

class SecurityEvents {
 public:
  // Both must outlive it.
  SecurityEvents(const SecuritySettings& settings, observe::Metrics& metrics)
      : settings_(settings), metrics_(metrics) {}

  absl::Status NoteLogin(const events::v1::LoginAttempted& event, events::Handling& handling) const;
  absl::Status NoteRefusedCalls(const events::v1::RateLimitExceeded& event,
                                events::Handling& handling) const;

 private:
  const SecuritySettings& settings_;
  observe::Metrics& metrics_;
};

// Malware in a person's file is a row of the audit.
absl::Status NoteMalware(const events::v1::FileRejected& event, events::Handling& handling);
absl::Status NoteFact(const events::v1::AuditFactNoted& event, events::Handling& handling);

absl::Status NoteTeam(const events::v1::TeamCreated& event, events::Handling& handling);
absl::Status NoteMember(const events::v1::TeamMemberJoined& event, events::Handling& handling);
absl::Status NoteTeamRole(const events::v1::TeamRoleChanged& event, events::Handling& handling);
absl::Status ForgetMember(const events::v1::TeamMemberLeft& event, events::Handling& handling);
absl::Status ForgetTeam(const events::v1::TeamDeleted& event, events::Handling& handling);

}  // namespace selfology::security
