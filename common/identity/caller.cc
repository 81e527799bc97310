#include "common/identity/caller.h"

#include <algorithm>

namespace selfology::identity {

bool Covers(std::string_view pattern, std::string_view permission) {
  if (permission.empty()) return false;
  if (pattern == "*") return true;
  if (!pattern.ends_with(".*")) return !pattern.empty() && pattern == permission;
  const std::string_view beginning = pattern.substr(0, pattern.size() - 1);  // "coaching."
  return beginning.size() > 1 && permission.size() > beginning.size() &&
         permission.starts_with(beginning);
}

bool Allows(const Caller& caller, std::string_view permission) {
  return std::any_of(caller.permissions.begin(), caller.permissions.end(),
                     [&](std::string_view pattern) { return Covers(pattern, permission); });
}

const std::shared_ptr<const Caller>& Anonymous() {
  static const auto* const anonymous =
      new std::shared_ptr<const Caller>(std::make_shared<const Caller>());
  return *anonymous;
}

std::shared_ptr<const Caller> Service(std::string_view name) {
  return std::make_shared<const Caller>(
      Caller{.kind = Caller::Kind::kService, .service = std::string(name), .permissions = {"*"}});
}

}  // namespace selfology::identity
