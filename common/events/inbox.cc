#include "common/events/inbox.h"

#include <string_view>
#include <tuple>

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

bool Refuses(const absl::Status& status) {
  return HandledBefore(status) || UserIsParked(status) || UserIsErased(status);
}

absl::Status MayBegin(postgres::Database& database, const Call& call, const std::string& group,
                      const Envelope& envelope) {
  // may_begin takes locks and costs three times this; it says which it is.
  constexpr std::string_view kDoubtful =
      "SELECT EXISTS (SELECT FROM inbox WHERE consumer_group = $1 AND event_id = $2)"
      " OR EXISTS (SELECT FROM event_erasures WHERE owner = current_user AND partition_key = $4)"
      " OR EXISTS (SELECT FROM dead_letters WHERE consumer_group = $1 AND partition_key = $3)";
  return database.Read(
      call,
      [&](postgres::Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(const auto doubtful,
                         tx.QueryOne<bool>(kDoubtful, group, envelope.id, envelope.partition_key,
                                           envelope.person()));
        if (!std::get<0>(doubtful.value())) return absl::OkStatus();
        return tx
            .Execute("SELECT may_begin($1, $2, $3, $4, $5)", group, envelope.id,
                     envelope.partition_key, envelope.person(), envelope.occurred_at)
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
  observe::Info("event of an erased user dropped",
                {{"group", group}, {"type", envelope.type}, {"status", status}});
  return status.ok();
}

}  // namespace selfology::events::inbox
