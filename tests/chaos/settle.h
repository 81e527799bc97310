// Waits until nothing is under way in a mesh any more: everybody's journey is at its end, every
// event was handled or is a dead letter, every message was sent.
//
//   ASSIGN_OR_RETURN(const bool settled, Settle(mesh, crowd, {.tell = Print}));
//
// False when nothing has moved for `patience`, or it is not quiet `within` that time whatever
// moves; the checker then says what is missing. Errors: those of reading.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/chaos/crowd.h"
#include "tests/journey/mesh.h"

namespace selfology::chaos {

struct SettleOptions {
  absl::Duration patience = absl::Minutes(4);
  absl::Duration within = absl::Minutes(15);
  std::function<void(const std::string&)> tell = nullptr;
};

absl::StatusOr<bool> Settle(journey::Mesh& mesh, const Crowd& crowd, const SettleOptions& options);

}  // namespace selfology::chaos
