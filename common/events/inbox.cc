#include "common/events/inbox.h"

#include <cstdint>

#include "common/observe/log.h"
#include "common/postgres/error.h"
#include "common/status/status_macros.h"

namespace selfology::events::inbox {

bool HandledBefore(const absl::Status& status) {
  const std::string constraint = postgres::ConstraintName(status);
  // A partition's copy of the key carries the partition's name.
  return absl::IsAlreadyExists(status) &&
         (constraint == "inbox_handled_once" || constraint.starts_with("inbox_"));
}

bool UserIsParked(const absl::Status& status) {
  return postgres::ConstraintName(status) == "inbox_user_parked";
}

bool UserIsErased(const absl::Status& status) {
  return postgres::ConstraintName(status) == "inbox_user_erased";
}

absl::StatusOr<bool> WasHandled(postgres::Database& database, const Call& call,
                                const std::string& group, const Envelope& envelope) {
  return database.Read(
      call,
      [&](postgres::Transaction& tx) -> absl::StatusOr<bool> {
        ASSIGN_OR_RETURN(
            const auto row,
            tx.QueryOne<int32_t>("SELECT 1 FROM inbox WHERE consumer_group = $1 AND event_id = $2",
                                 group, envelope.id));
        return row.has_value();
      },
      {.newest = true});
}

bool Drop(postgres::Database& database, const Call& call, const std::string& group,
          const Envelope& envelope) {
  const absl::Status status = database.Write(call, [&](postgres::Transaction& tx) {
    tx.Queue("INSERT INTO inbox (consumer_group, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
             group, envelope.id);
    return absl::OkStatus();
  });
  observe::Info("event of an erased person dropped",
                {{"group", group}, {"type", envelope.type}, {"status", status}});
  return status.ok();
}

}  // namespace selfology::events::inbox
