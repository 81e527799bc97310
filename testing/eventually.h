// Waiting for what tells nobody that it has happened, such as a row in a database.
//
//   EXPECT_TRUE(Eventually([&] { return Count("dead_letters") == 2; }, absl::Seconds(30)));
#pragma once

#include <functional>
#include <thread>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace selfology::testing {

// Whether `condition` came to hold before `patience` was over; returns as soon as it does.
inline bool Eventually(const std::function<bool()>& condition, absl::Duration patience) {
  const absl::Time end = absl::Now() + patience;
  while (!condition()) {
    if (absl::Now() > end) return false;
    // Between two looks, let those run who are to make it true.
    std::this_thread::yield();
  }
  return true;
}

}  // namespace selfology::testing
