#include "services/studio/content/publication_targets.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace selfology::content {

using social::v1::Platform;

Platform PlatformOfWord(std::string_view word) {
  if (word == "twitter") return social::v1::PLATFORM_X;
  Platform platform = social::v1::PLATFORM_UNSPECIFIED;
  if (absl::AsciiStrToLower(word) != word) return platform;
  social::v1::Platform_Parse(absl::StrCat("PLATFORM_", absl::AsciiStrToUpper(word)), &platform);
  return platform;
}

absl::StatusOr<std::vector<int64_t>> AccountsAt(
    const v1::Post& post, const google::protobuf::RepeatedPtrField<social::v1::Account>& accounts,
    const google::protobuf::RepeatedPtrField<std::string>& platforms) {
  if (platforms.empty()) return status::InvalidField("platforms", "must name at least one");
  const auto is_chosen = [&](int64_t account_id) {
    const auto& chosen = post.account_ids();
    return std::find(chosen.begin(), chosen.end(), account_id) != chosen.end();
  };
  std::vector<int64_t> targets;
  for (const std::string& word : platforms) {
    const Platform platform = PlatformOfWord(word);
    if (platform == social::v1::PLATFORM_UNSPECIFIED) {
      return status::InvalidField("platforms", "must be names of platforms, such as \"mastodon\"");
    }
    std::vector<int64_t> all;
    std::vector<int64_t> chosen;
    for (const social::v1::Account& account : accounts) {
      if (account.platform() != platform) continue;
      all.push_back(account.account_id());
      if (is_chosen(account.account_id())) chosen.push_back(account.account_id());
    }
    if (all.empty()) return absl::FailedPreconditionError(absl::StrCat("no account at ", word));
    for (const int64_t account_id : chosen.empty() ? all : chosen) {
      if (std::find(targets.begin(), targets.end(), account_id) == targets.end()) {
        targets.push_back(account_id);
      }
    }
  }
  return targets;
}

}  // namespace selfology::content
