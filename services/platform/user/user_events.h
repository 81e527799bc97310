// What the room does when something has happened; payments are in subscriptions/.
#pragma once

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "common/events/handling.h"
#include "selfology/events/v1/user.pb.h"
#include "services/platform/user/accounts/token_issuer.h"

namespace selfology::user {

class UserEvents {
 public:
  explicit UserEvents(std::shared_ptr<TokenIssuer> tokens) : tokens_(std::move(tokens)) {}

  // Ends the sessions that the old password opened. By the event, so that they end although security
  // is away while the password is changed.
  absl::Status EndSessions(const events::v1::PasswordChanged& event, events::Handling& handling);

 private:
  const std::shared_ptr<TokenIssuer> tokens_;
};

}  // namespace selfology::user
