// What the realtime service does when something has happened: it writes down what people's devices
// are to see.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/events/handlers.h"
#include "common/events/handling.h"

namespace selfology::realtime {

class RealtimeEvents {
 public:
  using Clock = std::function<absl::Time()>;

  // appended: called after the commit, with the person; must not block.
  RealtimeEvents(Clock clock, std::function<void(int64_t)> appended)
      : clock_(std::move(clock)), appended_(std::move(appended)) {}

  // The types of the catalogue whose audience is their subject. That a person was erased is none of
  // them: it would begin a log of a person who has none any more.
  static std::shared_ptr<const events::EventTypes> Types();

  // Appends the event to the log of the person it is about, in the handling's transaction.
  absl::Status Record(std::string_view type, const std::string& payload,
                      events::Handling& handling) const;

 private:
  const Clock clock_;
  const std::function<void(int64_t)> appended_;
};

}  // namespace selfology::realtime
