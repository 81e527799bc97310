// /link: makes one account of this chat and a web account (proto/selfology/user/v1/linking_service.proto).
// That it is done, the person is told by the event; see ../event_words.h.
// As ../onboarding_actions.h.
#pragma once

#include <string_view>

#include "services/coaching/coaching_dialog/peers.h"
#include "services/coaching/coaching_dialog/turn.h"

namespace selfology::coaching_dialog {

class LinkingActions {
 public:
  // It outlives the object.
  explicit LinkingActions(const Peers& peers) : peers_(peers) {}

  // `code`: what the web account showed; empty: says how to get one.
  Reaction Link(const Turn& turn, std::string_view code);
  // Which of two accounts stays, where both have data.
  Reaction Press(const Turn& turn, std::string_view argument);

 private:
  const Peers& peers_;
};

}  // namespace selfology::coaching_dialog
