// When a refresh token is good, and when a session ends.
//
//   switch (Judge(shown, rules, now)) {
//     case Verdict::kRotate: ...       // The next pair.
//     case Verdict::kRepeat: ...       // The pair that it was exchanged for, once more.
//     case Verdict::kReused: ...       // Stolen, perhaps: the session ends.
//     case Verdict::kRefused: ...
//   }
//
// Threads: pure functions.
// Sources: RFC 6749 section 10.4, RFC 9700 section 4.14 (rotation, detection of reuse).
#pragma once

#include <optional>

#include "absl/time/time.h"

namespace selfology::security {

struct SessionRules {
  absl::Duration access_life = absl::Minutes(15);
  absl::Duration service_life = absl::Hours(1);
  absl::Duration refresh_life = absl::Hours(24 * 30);   // Since the session was last prolonged.
  absl::Duration session_life = absl::Hours(24 * 180);  // Whatever is done.
  // A refresh token that is shown again so soon gives the same answer again: the first may have been
  // lost on its way.
  absl::Duration refresh_grace = absl::Seconds(30);
};

// A refresh token that was found, with its session.
struct ShownRefreshToken {
  absl::Time session_expires_at;
  std::optional<absl::Time> session_revoked_at = {};
  std::optional<absl::Time> rotated_at = {};  // When it was exchanged.
  bool has_answer = false;                    // Whether that answer is still known.
};

enum class Verdict { kRotate, kRepeat, kReused, kRefused };

Verdict Judge(const ShownRefreshToken& shown, const SessionRules& rules, absl::Time now);

// When a session that is prolonged now expires.
absl::Time ExpiryOf(absl::Time now, absl::Time ends_at, const SessionRules& rules);

// From when on whatever a revocation names is expired anyway.
absl::Time ForgetAfter(absl::Time revoked_at, const SessionRules& rules);

}  // namespace selfology::security
