// What people ask about themselves: their profile, their language, the end of it all.
// As onboarding_actions.h.
#pragma once

#include <string_view>

#include "common/postgres/database.h"
#include "services/edge/telegram_gateway/conversations.h"
#include "services/edge/telegram_gateway/peers.h"
#include "services/edge/telegram_gateway/turn.h"

namespace selfology::telegram_gateway {

// Erases what the gateway itself keeps about someone: messages, state, trace. Rows and keys erased.
absl::StatusOr<int64_t> EraseUser(const Call& call, postgres::Database& database,
                                  Conversations& conversations, int64_t user_id);

class AccountActions {
 public:
  // The references outlive it.
  AccountActions(const Peers& peers, Conversations& conversations, postgres::Database& database)
      : peers_(peers), conversations_(conversations), database_(database) {}

  Reaction Profile(const Turn& turn);
  // `tag`: "ru"; empty: asks which. `in_place`: the answer replaces the message whose button was
  // pressed.
  Reaction SetLanguage(const Turn& turn, std::string_view tag, bool in_place);
  Reaction WarnBeforeDelete(const Turn& turn);
  // Erases everything in every service when `confirmed`.
  Reaction Delete(const Turn& turn, bool confirmed);

 private:
  const Peers& peers_;
  Conversations& conversations_;
  postgres::Database& database_;
};

}  // namespace selfology::telegram_gateway
