#include "common/identity/revocations.h"

#include <algorithm>

namespace selfology::identity {
namespace {

void Later(absl::Time& time, absl::Time other) { time = std::max(time, other); }

}  // namespace

void Revocations::Add(const Revocation& revocation) {
  if (!revocation.token_id.empty()) {
    Later(tokens_.try_emplace(revocation.token_id, absl::InfinitePast()).first->second,
          revocation.forget_after);
  } else if (!revocation.session_id.empty()) {
    Later(sessions_.try_emplace(revocation.session_id, absl::InfinitePast()).first->second,
          revocation.forget_after);
  } else if (revocation.user_id > 0) {
    User& user = users_[revocation.user_id];
    Later(user.issued_before, revocation.issued_before);
    Later(user.forget_after, revocation.forget_after);
  }
}

void Revocations::Forget(absl::Time now) {
  const auto old = [now](const auto& entry) { return entry.second < now; };
  absl::erase_if(tokens_, old);
  absl::erase_if(sessions_, old);
  absl::erase_if(users_, [now](const auto& entry) { return entry.second.forget_after < now; });
}

bool Revocations::Revoked(const Caller& caller) const {
  if (!caller.token_id.empty() && tokens_.contains(caller.token_id)) return true;
  if (!caller.session_id.empty() && sessions_.contains(caller.session_id)) return true;
  if (caller.kind != Caller::Kind::kPerson) return false;
  const auto user = users_.find(caller.user_id);
  return user != users_.end() && caller.issued_at < user->second.issued_before;
}

}  // namespace selfology::identity
