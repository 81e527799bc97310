// What people see of their progress in the chat: the week as a picture, level and streak, badges, who
// is ahead. Threads: may be used from any.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/growth/growth_dialog/peers.h"
#include "services/growth/growth_dialog/turn.h"

namespace selfology::growth_dialog {

class ProgressActions {
 public:
  explicit ProgressActions(const Peers& peers) : peers_(peers) {}

  absl::StatusOr<telegram::DialogReaction> Week(const Turn& turn) const;
  absl::StatusOr<telegram::DialogReaction> Progress(const Turn& turn) const;
  absl::StatusOr<telegram::DialogReaction> Top(const Turn& turn) const;
  // Whether others see the person there.
  absl::StatusOr<telegram::DialogReaction> Hide(const Turn& turn, bool hidden) const;
  // The badge that was earned last, as a picture.
  absl::StatusOr<telegram::DialogReaction> Badge(const Turn& turn) const;
  absl::StatusOr<telegram::DialogReaction> BuyFreeze(const Turn& turn) const;

 private:
  absl::StatusOr<std::string> Upload(const Turn& turn, std::string_view name,
                                     const std::string& png) const;

  const Peers& peers_;
};

}  // namespace selfology::growth_dialog
