// Events of the mesh on their way to other people's servers: each is written down as a message for the
// endpoints that get it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/events/handlers.h"
#include "common/events/handling.h"

namespace selfology::webhook {

class OutboundEvents {
 public:
  using Clock = std::function<absl::Time()>;

  // enqueued: called after the commit; must not block.
  OutboundEvents(Clock clock, std::function<void()> enqueued)
      : clock_(std::move(clock)), enqueued_(std::move(enqueued)) {}

  // The types of the catalogue whose audience are webhooks. That a person was erased is none of them: it
  // would keep something about a person of whom nothing is kept any more; user.deleted names nobody.
  static std::shared_ptr<const events::EventTypes> Types();

  // Writes the event down in the handling's transaction.
  absl::Status Enqueue(std::string_view type, const std::string& payload,
                       events::Handling& handling) const;

 private:
  const Clock clock_;
  const std::function<void()> enqueued_;
};

}  // namespace selfology::webhook
