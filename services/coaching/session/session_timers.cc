// What SessionService does on its own, by the clock.
#include <vector>

#include "common/events/outbox.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "services/coaching/session/session_messages.h"
#include "services/coaching/session/session_service.h"
#include "services/coaching/session/session_store.h"

namespace selfology::session {
namespace {

using postgres::Transaction;

constexpr int kBatch = 100;

absl::StatusOr<bool> TimeOutUser(Transaction& tx, int64_t user_id, absl::Time now) {
  store::LockUser(tx, user_id);
  ASSIGN_OR_RETURN(Standing standing, store::ReadStanding(tx, user_id));
  // An answer may have come since the session was found to be due.
  if (!standing.latest.has_value() || !TimeOut(*standing.latest, now)) return false;
  store::SaveSession(tx, *standing.latest);
  RETURN_IF_ERROR(events::Publish(tx, TimeoutEvent(*standing.latest)));
  return true;
}

}  // namespace

absl::Status SessionService::TimeOutIdle(const Call& call) {
  const absl::Time now = Now();
  int ended = 0;
  // One that cannot be ended must not keep the others open.
  absl::Status first_failure;
  bool progress = true;
  while (progress) {
    ASSIGN_OR_RETURN(
        const std::vector<int64_t> users,
        database_.Read(call, [&](Transaction& tx) { return store::UsersDue(tx, now, kBatch); },
                       {.newest = true}));
    progress = false;
    for (const int64_t user_id : users) {
      const absl::StatusOr<bool> timed_out =
          database_.Write(call, [&](Transaction& tx) { return TimeOutUser(tx, user_id, now); });
      // The database's failure, not this session's.
      if (absl::IsUnavailable(timed_out.status())) return timed_out.status();
      first_failure.Update(timed_out.status());
      if (!timed_out.ok()) continue;
      progress = true;
      ended += *timed_out;
    }
  }
  if (ended > 0) observe::Info("idle sessions ended", {{"sessions", ended}});
  return first_failure;
}

}  // namespace selfology::session
