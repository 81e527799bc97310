// Telling people of levels, badges and streaks: what happened is written down as it happens, and told
// by a timer, several at once, at most kMostADay times a day (notice_rules.h).
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/events/handling.h"
#include "common/postgres/database.h"
#include "selfology/events/v1/challenge.pb.h"
#include "selfology/events/v1/gamification.pb.h"
#include "selfology/events/v1/task.pb.h"
#include "services/growth/growth_dialog/peers.h"

namespace selfology::growth_dialog {

absl::Status NoteLevel(const events::v1::LevelChanged& event, events::Handling& handling);
absl::Status NoteBadge(const events::v1::BadgeAwarded& event, events::Handling& handling);
absl::Status NoteStreak(const events::v1::StreakExtended& event, events::Handling& handling);
absl::Status NoteChallenge(const events::v1::ChallengeCompleted& event, events::Handling& handling);
absl::Status NoteAssignment(const events::v1::TaskAssigned& event, events::Handling& handling);

// Publishes message.send.requested to each person whose time has come. What is told, and that it was,
// commit together. For a timer; several may run at once.
absl::Status TellNotices(const Call& call, postgres::Database& database, const Peers& peers,
                         absl::Time now);

}  // namespace selfology::growth_dialog
