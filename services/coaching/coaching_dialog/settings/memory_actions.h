// What the coach remembers: /memory and its buttons. As ../onboarding_actions.h.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "services/coaching/coaching_dialog/peers.h"
#include "services/coaching/coaching_dialog/settings/memory_panel.h"
#include "services/coaching/coaching_dialog/turn.h"

namespace selfology::coaching_dialog {

class MemoryActions {
 public:
  // The reference outlives it.
  explicit MemoryActions(const Peers& peers) : peers_(peers) {}

  Reaction Show(const Turn& turn, int page = 0);
  // A button, such as "forget:17:0".
  Reaction Press(const Turn& turn, std::string_view argument);

 private:
  absl::StatusOr<Memory> Read(const Turn& turn);
  absl::Status MarkDone(const Turn& turn, int64_t memory_id);
  absl::Status MarkStep(const Turn& turn, int number);
  absl::Status Forget(const Turn& turn, const coach::v1::ForgetMemoryRequest& what);

  const Peers& peers_;
};

}  // namespace selfology::coaching_dialog
