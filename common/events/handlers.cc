#include "common/events/handlers.h"

#include <utility>

namespace selfology::events {

void Handlers::AddTypes(TypesNow types, RunAny run) {
  types_ = std::move(types);
  run_any_ = std::move(run);
}

const Handlers::Handler* Handlers::Find(std::string_view type) const {
  const auto fixed = fixed_.find(type);
  if (fixed != fixed_.end()) return &fixed->second;
  if (types_ == nullptr) return nullptr;
  absl::MutexLock lock(&mutex_);
  // One that was taken up is handled, also when its type is no longer among them.
  if (const auto known = of_types_.find(type); known != of_types_.end()) return &known->second;
  const std::shared_ptr<const EventTypes> types = types_();
  if (types == nullptr || !types->contains(type)) return nullptr;
  Handler& handler = of_types_[std::string(type)];
  handler.run = [this, type = std::string(type)](const std::string& payload, Handling& handling) {
    return run_any_(type, payload, handling);
  };
  return &handler;
}

}  // namespace selfology::events
