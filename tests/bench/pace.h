// Events a second of a backlog, from its first tenth to its end, so that starting up is left out
// for everybody.
#pragma once

#include <cstdint>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace selfology::bench {

class Pace {
 public:
  explicit Pace(int64_t events) : first_(events / 10), events_(events) {}
  void Note(int64_t done) {
    if (!begun_ && done >= first_) {
      begun_ = true;
      began_ = absl::Now();
      done_then_ = done;
    }
    if (done >= events_) ended_ = absl::Now();
  }
  double PerSecond() const {
    return static_cast<double>(events_ - done_then_) / absl::ToDoubleSeconds(ended_ - began_);
  }

 private:
  const int64_t first_;
  const int64_t events_;
  int64_t done_then_ = 0;
  bool begun_ = false;
  absl::Time began_, ended_;
};

}  // namespace selfology::bench
