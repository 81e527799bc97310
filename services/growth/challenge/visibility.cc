#include "services/growth/challenge/visibility.h"

#include <optional>

#include "common/status/status_macros.h"

namespace selfology::challenge {

absl::Status NoSuchChallenge() { return absl::NotFoundError("there is no such challenge"); }

absl::StatusOr<store::Row> Visible(postgres::Transaction& tx, int64_t id, int64_t user_id) {
  ASSIGN_OR_RETURN(const std::optional<store::Row> row, store::Read(tx, id));
  if (!row.has_value()) return NoSuchChallenge();
  const bool shared = row->mode == v1::CHALLENGE_MODE_DUEL || row->mode == v1::CHALLENGE_MODE_TEAM;
  if (row->user_id != user_id &&
      (!shared || row->state == v1::CHALLENGE_STATE_HIDDEN ||
       row->state == v1::CHALLENGE_STATE_FUNDING || row->state == v1::CHALLENGE_STATE_UNFUNDED)) {
    return NoSuchChallenge();
  }
  return *row;
}

}  // namespace selfology::challenge
