#include "services/platform/security/settings.h"

#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/crypto/crypto.h"
#include "services/platform/security/patterns.h"

namespace selfology::security {

absl::StatusOr<ServiceAccounts> ReadServiceAccounts(const std::string& text) {
  ServiceAccounts accounts;
  for (const std::string_view entry : absl::StrSplit(text, ',', absl::SkipEmpty())) {
    const std::vector<std::string> parts = absl::StrSplit(entry, ':');
    if (parts.size() != 3 || parts[0].empty() || parts[1].size() < 16) {
      return absl::InvalidArgumentError(
          "a service account is name:secret:scope, with a secret of at least 16 characters");
    }
    for (const std::string& pattern : SplitScope(parts[2])) {
      if (!IsPattern(pattern)) {
        return absl::InvalidArgumentError(
            absl::StrCat("the scope of service account ", parts[0], " has no pattern ", pattern));
      }
    }
    accounts[parts[0]] = {.secret_hash = crypto::Sha256(parts[1]), .scope = parts[2]};
  }
  return accounts;
}

}  // namespace selfology::security
