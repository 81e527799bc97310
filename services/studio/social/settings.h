// What an operator can set of the social service (the flags in module.cc), as values, so that tests
// can choose.
#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/service/module.h"
#include "services/studio/social/platforms/publisher.h"

namespace selfology::social {

struct SocialSettings {
  std::string seal_key_file = {};  // Empty: the key is kept in the database.
  PlatformAddresses addresses = {};
  // Servers that people name may lie in private networks. For development.
  bool private_servers = false;
  int workers = 2;                                // Of each platform.
  absl::Duration idle = absl::Milliseconds(500);  // Between two looks for what is due.
};

std::unique_ptr<service::Module> MakeModule(SocialSettings settings);

}  // namespace selfology::social
