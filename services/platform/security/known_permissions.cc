#include "services/platform/security/known_permissions.h"

#include <algorithm>
#include <set>
#include <string>

#include "common/identity/caller.h"
#include "google/protobuf/descriptor.pb.h"
#include "proto/contracts_embedded.h"
#include "selfology/mesh/v1/options.pb.h"

namespace selfology::security {
namespace {

using Permissions = std::set<std::string, std::less<>>;

Permissions ReadPermissions() {
  Permissions permissions;
  const std::string_view bytes = contracts::kContractsBinpb;
  google::protobuf::FileDescriptorSet set;
  if (!set.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return permissions;
  for (const auto& file : set.file()) {
    for (const auto& service : file.service()) {
      for (const auto& method : service.method()) {
        const std::string& permission =
            method.options().GetExtension(mesh::v1::access).permission();
        if (!permission.empty()) permissions.insert(permission);
      }
    }
  }
  return permissions;
}

}  // namespace

bool IsKnown(std::string_view pattern) {
  static const Permissions& permissions = *new Permissions(ReadPermissions());
  return std::any_of(permissions.begin(), permissions.end(), [&](const std::string& permission) {
    return identity::Covers(pattern, permission);
  });
}

}  // namespace selfology::security
