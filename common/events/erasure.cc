#include "common/events/erasure.h"

#include "common/status/status_macros.h"

namespace selfology::events {
namespace {

absl::Status Superseded() {
  return absl::AbortedError("the erasure's attempt has ended, or a later one has begun");
}

}  // namespace

absl::StatusOr<bool> BeginErasure(postgres::Transaction& tx, int64_t user_id,
                                  std::optional<int64_t> attempt) {
  ASSIGN_OR_RETURN(const auto begun, tx.QueryOne<std::optional<bool>>(
                                         "SELECT begin_erasure($1, $2)", user_id, attempt));
  if (!begun.has_value() || !std::get<0>(*begun).has_value()) return Superseded();
  return *std::get<0>(*begun);
}

absl::Status FinishErasure(postgres::Transaction& tx, int64_t user_id,
                           std::optional<int64_t> attempt, std::optional<absl::Time> erased_at) {
  ASSIGN_OR_RETURN(const auto finished, tx.QueryOne<bool>("SELECT finish_erasure($1, $2, $3)",
                                                          user_id, attempt, erased_at));
  return finished.has_value() && std::get<0>(*finished) ? absl::OkStatus() : Superseded();
}

absl::StatusOr<absl::Time> ErasedAt(postgres::Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<absl::Time>("SELECT erased_at FROM selfology.event_erasures"
                                           " WHERE owner = current_user AND partition_key = $1",
                                           user_id));
  return row.has_value() ? std::get<0>(*row) : absl::InfinitePast();
}

}  // namespace selfology::events
