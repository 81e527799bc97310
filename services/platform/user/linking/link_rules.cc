#include "services/platform/user/linking/link_rules.h"

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "services/platform/user/accounts/profile_rules.h"

namespace selfology::user {

LinkDecision DecideLink(bool web_has_data, bool telegram_has_data) {
  if (web_has_data && telegram_has_data) return LinkDecision::kAsk;
  return web_has_data ? LinkDecision::kKeepWeb : LinkDecision::kKeepTelegram;
}

Credentials Merged(const Credentials& kept, const Credentials& other) {
  Credentials merged = kept;
  // An address and its password belong together: both or none.
  if (kept.user.email().empty()) {
    merged.user.set_email(other.user.email());
    merged.user.set_email_verified(other.user.email_verified());
    merged.password_hash = other.password_hash;
  }
  std::vector<std::string> missing;
  for (const std::string& path : ProfilePaths()) {
    const auto* const field = v1::User::descriptor()->FindFieldByName(path);
    if (kept.user.GetReflection()->GetString(kept.user, field).empty()) missing.push_back(path);
  }
  CopyProfile(other.user, missing, merged.user);
  return merged;
}

}  // namespace selfology::user
