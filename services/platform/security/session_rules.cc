#include "services/platform/security/session_rules.h"

#include <algorithm>

namespace selfology::security {

Verdict Judge(const ShownRefreshToken& shown, const SessionRules& rules, absl::Time now) {
  if (shown.session_revoked_at.has_value() || shown.session_expires_at <= now) {
    return Verdict::kRefused;
  }
  if (!shown.rotated_at.has_value()) return Verdict::kRotate;
  // A clock of another replica may be a little ahead.
  const bool in_grace = now - *shown.rotated_at <= rules.refresh_grace;
  return in_grace && shown.has_answer ? Verdict::kRepeat : Verdict::kReused;
}

absl::Time ExpiryOf(absl::Time now, absl::Time ends_at, const SessionRules& rules) {
  return std::min(now + rules.refresh_life, ends_at);
}

absl::Time ForgetAfter(absl::Time revoked_at, const SessionRules& rules) {
  // A minute more, for clocks that differ.
  return revoked_at + std::max(rules.access_life, rules.service_life) + absl::Minutes(1);
}

}  // namespace selfology::security
