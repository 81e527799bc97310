// What gamification does when something has happened to a person.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/events/handlers.h"
#include "common/events/handling.h"
#include "selfology/events/v1/notification.pb.h"
#include "services/growth/gamification/rules/live_rules.h"

namespace selfology::gamification {

class GamificationEvents {
 public:
  using Clock = std::function<absl::Time()>;

  GamificationEvents(std::shared_ptr<LiveRules> rules, Clock clock);

  // All types that rules may count.
  std::shared_ptr<const events::EventTypes> types() const { return types_; }

  // Keeps the event as a fact and gives what it earns. Any error but the database's parks it.
  absl::Status Take(std::string_view type, const std::string& payload, events::Handling& handling);

  // Remembers the person's time zone, by which their days are counted from now on.
  absl::Status NoteTimeZone(const events::v1::PreferencesChanged& event,
                            events::Handling& handling);

 private:
  const std::shared_ptr<LiveRules> rules_;
  const Clock clock_;
  const std::shared_ptr<const events::EventTypes> types_;
};

}  // namespace selfology::gamification
