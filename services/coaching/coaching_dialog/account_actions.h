// Actions about the person: language, erasing everything.
// As onboarding_actions.h.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/call/call.h"
#include "services/coaching/coaching_dialog/conversations.h"
#include "services/coaching/coaching_dialog/peers.h"
#include "services/coaching/coaching_dialog/turn.h"

namespace selfology::coaching_dialog {

class AccountActions {
 public:
  // Erases someone from the whole mesh.
  using EraseFunction = std::function<absl::Status(const Call&, int64_t user_id)>;

  // The references outlive it.
  AccountActions(const Peers& peers, Conversations& conversations, EraseFunction erase)
      : peers_(peers), conversations_(conversations), erase_(std::move(erase)) {}

  // `tag`: "ru"; empty: asks which. `in_place`: the answer replaces the message whose button was
  // pressed.
  Reaction SetLanguage(const Turn& turn, std::string_view tag, bool in_place);
  Reaction WarnBeforeDelete(const Turn& turn);
  // Erases everything in every service when `confirmed`.
  Reaction Delete(const Turn& turn, bool confirmed);

 private:
  const Peers& peers_;
  Conversations& conversations_;
  const EraseFunction erase_;
};

}  // namespace selfology::coaching_dialog
