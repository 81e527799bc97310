// When keys are made, sign, and are gone.
//
// A key is published for `notice` before it signs, so that whoever verifies has it in time, signs for
// `life`, and stays published until the last token that it signed has expired.
//
//   const KeyTimes* signing = SigningAt(keys, now);
//   if (std::optional<absl::Time> from = NextSignsFrom(keys, now, rules)) ...  // Make one.
//
// Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace selfology::security {

struct KeyRules {
  absl::Duration life = absl::Hours(24 * 30);
  absl::Duration notice = absl::Hours(24);
  absl::Duration longest_token = absl::Hours(1);
};

struct KeyTimes {
  std::string kid;
  absl::Time signs_from;
};

// All of these take keys in the order of signs_from.

// The one that signs now; nullptr if none does yet.
const KeyTimes* SigningAt(const std::vector<KeyTimes>& keys, absl::Time now);

// From when on a key that has to be made now is to sign; nullopt: none has to be made.
std::optional<absl::Time> NextSignsFrom(const std::vector<KeyTimes>& keys, absl::Time now,
                                        const KeyRules& rules);

// Whether tokens of this one of the keys may still be good.
bool IsPublished(const std::vector<KeyTimes>& keys, const std::string& kid, absl::Time now,
                 const KeyRules& rules);

}  // namespace selfology::security
