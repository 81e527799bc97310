// How people are: /mood and its faces. As ../onboarding_actions.h.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "services/coaching/coaching_dialog/peers.h"
#include "services/coaching/coaching_dialog/settings/mood_service.h"
#include "services/coaching/coaching_dialog/turn.h"

namespace selfology::coaching_dialog {

class MoodActions {
 public:
  // The references outlive it.
  MoodActions(const Peers& peers, MoodService& moods) : peers_(peers), moods_(moods) {}

  Reaction Ask(const Turn& turn);
  // A face, such as "4:2026-12-04": of the day on which it was asked.
  Reaction Press(const Turn& turn, std::string_view argument);

 private:
  // Whether they have agreed to anything being kept.
  absl::StatusOr<bool> HasConsent(const Turn& turn);

  const Peers& peers_;
  MoodService& moods_;
};

}  // namespace selfology::coaching_dialog
