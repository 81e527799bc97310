// Challenges in the chat: today's, a new one, answering, joining and leaving.
//
// Buttons are "challenge:<what>:<challenge_id>[:<option>]". Threads: may be used from any.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/growth/growth_dialog/peers.h"
#include "services/growth/growth_dialog/turn.h"

namespace selfology::growth_dialog {

class ChallengeActions {
 public:
  explicit ChallengeActions(const Peers& peers) : peers_(peers) {}

  // Those that are open.
  absl::StatusOr<telegram::DialogReaction> List(const Turn& turn) const;
  // A button's argument: "open:12", "answer:12:2", "new:0".
  absl::StatusOr<telegram::DialogReaction> Press(const Turn& turn, std::string_view argument) const;

 private:
  absl::StatusOr<telegram::DialogReaction> Open(const Turn& turn, int64_t challenge_id,
                                                std::string notice) const;
  absl::StatusOr<telegram::DialogReaction> Generate(const Turn& turn) const;

  const Peers& peers_;
};

}  // namespace selfology::growth_dialog
