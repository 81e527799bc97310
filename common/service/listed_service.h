// One entry of the list of all services, which the build makes out of services/services.bzl.
#pragma once

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace selfology::service {

struct ListedService {
  std::string_view name;    // "session": module, peer and process are named after it.
  std::string_view domain;  // "coaching": its folder under services/.

  // Of the process of its own, below the root of the build:
  // "services/coaching/session/session_service".
  std::string ProcessPath() const {
    return absl::StrCat("services/", domain, "/", name, "/", name, "_service");
  }
};

}  // namespace selfology::service
