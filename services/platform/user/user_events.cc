#include "services/platform/user/user_events.h"

namespace selfology::user {

absl::Status UserEvents::EndSessions(const events::v1::PasswordChanged& event,
                                     events::Handling& handling) {
  return handling.Needs(
      tokens_->EndSessions(handling.call(), event.user_id(), event.kept_session_id()));
}

}  // namespace selfology::user
