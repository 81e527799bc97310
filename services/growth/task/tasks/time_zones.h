// Tasks that were written before their person had a time zone: "at 9" is 9 by the person's clock,
// whichever zone that turns out to be in. They are kept as if the zone were UTC until it is known.
//
//   mesh.On(std::make_shared<TimeZones>(clock), &TimeZones::Adopt);
//
// Threads: thread-safe.
#pragma once

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/events/handling.h"
#include "selfology/events/v1/notification.pb.h"

namespace selfology::task {

class TimeZones {
 public:
  explicit TimeZones(std::function<absl::Time()> clock) : clock_(std::move(clock)) {}

  // The person has chosen a zone.
  absl::Status Adopt(const events::v1::PreferencesChanged& event, events::Handling& handling);

 private:
  const std::function<absl::Time()> clock_;
};

}  // namespace selfology::task
