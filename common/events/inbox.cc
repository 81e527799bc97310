#include "common/events/inbox.h"

#include "common/observe/log.h"
#include "common/postgres/error.h"

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

bool Refuses(const absl::Status& status) {
  return HandledBefore(status) || UserIsParked(status) || UserIsErased(status);
}

absl::Status MayBegin(postgres::Database& database, const Call& call, const std::string& group,
                      const Envelope& envelope) {
  return database.Read(call,
                       [&](postgres::Transaction& tx) {
                         return tx
                             .Execute("SELECT may_begin($1, $2, $3, $4, $5)", group, envelope.id,
                                      envelope.partition_key, envelope.person(),
                                      envelope.occurred_at)
                             .status();
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
