// TCP ports on 127.0.0.1 for what `up` starts: the customary ones where they are free, so that
// people find things again; any free ones where not, so that two copies live beside each other.
#pragma once

#include <vector>

#include "absl/status/statusor.h"

namespace selfology::ctl {

// Keeps what it gives out bound until it goes, so that no port is given twice.
class PortReservation {
 public:
  PortReservation() = default;
  ~PortReservation();  // Frees them, for their users to bind.
  PortReservation(const PortReservation&) = delete;
  PortReservation& operator=(const PortReservation&) = delete;

  // `wanted` if it is free, else any.
  absl::StatusOr<int> Reserve(int wanted);

 private:
  std::vector<int> sockets_;
};

}  // namespace selfology::ctl
