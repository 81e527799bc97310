#include "services/platform/security/key_plan.h"

#include <algorithm>

namespace selfology::security {

const KeyTimes* SigningAt(const std::vector<KeyTimes>& keys, absl::Time now) {
  const auto later = std::find_if(keys.begin(), keys.end(),
                                  [&](const KeyTimes& key) { return key.signs_from > now; });
  return later == keys.begin() ? nullptr : &*std::prev(later);
}

std::optional<absl::Time> NextSignsFrom(const std::vector<KeyTimes>& keys, absl::Time now,
                                        const KeyRules& rules) {
  if (SigningAt(keys, now) == nullptr) return now;
  const absl::Time newest_ends = keys.back().signs_from + rules.life;
  if (newest_ends - rules.notice > now) return std::nullopt;
  // Late, because nobody ran: it still gets its notice.
  return std::max(newest_ends, now + rules.notice);
}

bool IsPublished(const std::vector<KeyTimes>& keys, const std::string& kid, absl::Time now,
                 const KeyRules& rules) {
  const auto key =
      std::find_if(keys.begin(), keys.end(), [&](const KeyTimes& k) { return k.kid == kid; });
  if (key == keys.end()) return false;
  const auto next = std::next(key);
  return next == keys.end() || now < next->signs_from + rules.longest_token + absl::Minutes(5);
}

}  // namespace selfology::security
