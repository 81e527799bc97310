// All SQL of the hosts' turns; see migrations/. Errors: the transaction's. Threads: likewise.
#pragma once

#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"

namespace selfology::channel_reader::store {

struct Turn {
  // When the request may be sent.
  absl::Time at = absl::InfinitePast();
  // The host refused us, and is left alone until then; there is no turn.
  absl::Time refused_until = absl::InfinitePast();
};
// Takes the host's next turn, if it comes within `patience`; nullopt: it comes later, and was left to
// others. `spacing`: from one turn to the next.
absl::StatusOr<std::optional<Turn>> TakeTurn(postgres::Transaction& tx, std::string_view host,
                                             absl::Time now, absl::Duration spacing,
                                             absl::Duration patience);

// The host refused: it is left alone for `pause`, doubled with each refusal in a row, up to an hour.
void NoteRefusal(postgres::Transaction& tx, std::string_view host, absl::Time now,
                 absl::Duration pause);
void NoteAnswer(postgres::Transaction& tx, std::string_view host);

// Hosts that were not asked for a day.
absl::StatusOr<int64_t> ForgetHosts(postgres::Transaction& tx, absl::Time now);

}  // namespace selfology::channel_reader::store
