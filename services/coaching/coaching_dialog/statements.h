// Statements that people rate with one tap, between the questions: two at a time with every other
// question, and five after the last one. The current question stays open.
//
//   if (auto message = statements.Offer(call, user_id, language, ...)) *reaction.add_messages() = ...
//   return statements.Rate(turn, button.argument());
//
// Without the trait service there are none. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "selfology/telegram/v1/dialog.pb.h"
#include "services/coaching/coaching_dialog/guide.h"
#include "services/coaching/coaching_dialog/peers.h"
#include "services/coaching/coaching_dialog/turn.h"

namespace selfology::coaching_dialog {

// Whether people want to see any: their preference, wherever that is kept.
struct StatementChoice {
  std::function<absl::StatusOr<bool>(const Call& call, int64_t user_id)> declined;
  std::function<absl::Status(const Call& call, int64_t user_id)> decline;
};

class Statements {
 public:
  // The reference outlives it.
  Statements(const Peers& peers, StatementChoice choice)
      : peers_(peers), choice_(std::move(choice)) {}

  // So many follow the first one.
  static constexpr int kWithQuestion = 1;
  static constexpr int kInTheEnd = 4;

  // Absent: they have rated all, or want none, or it is not known quickly enough.
  std::optional<v1::DialogMessage> Offer(const Call& call, int64_t user_id, Language language,
                                         int left, Guide introduction, std::string key) const;

  // `argument`: of the button, see RatingButton (guide.h).
  Reaction Rate(const Turn& turn, std::string_view argument) const;
  Reaction Decline(const Turn& turn) const;

 private:
  const Peers& peers_;
  const StatementChoice choice_;
};

}  // namespace selfology::coaching_dialog
