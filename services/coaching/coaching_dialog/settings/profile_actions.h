// The profile as people see it: /profile and its buttons. As ../onboarding_actions.h.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "selfology/profile/v1/profile.pb.h"
#include "services/coaching/coaching_dialog/peers.h"
#include "services/coaching/coaching_dialog/turn.h"

namespace selfology::coaching_dialog {

class ProfileActions {
 public:
  // `peers` outlives it.
  explicit ProfileActions(const Peers& peers) : peers_(peers) {}

  // A picture with words under it; words alone while no trait is known, or no picture can be sent.
  Reaction Show(const Turn& turn);
  // A button: "why", "fit", "fit:openness:less" or "done".
  Reaction Press(const Turn& turn, std::string_view argument);

 private:
  absl::StatusOr<profile::v1::Profile> Read(const Turn& turn);
  absl::StatusOr<std::string> Picture(const Turn& turn, const profile::v1::Profile& profile);
  Reaction Explain(const Turn& turn);
  Reaction Correct(const Turn& turn, std::string_view argument);

  const Peers& peers_;
};

}  // namespace selfology::coaching_dialog
