// What an operator can set of the integration service (the flags in module.cc), as values, so that tests can choose.
#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/service/module.h"

namespace selfology::integration {

struct IntegrationSettings {
  std::string providers = {};               // See providers.h.
  std::string seal_key_file = {};           // Empty: the key is kept in the database.
  std::string local_provider_listen = {};   // Empty: there is none.
  bool works_jobs = true;                   // integration_sync, of the queue service.
  absl::Duration look = absl::Seconds(15);  // For tokens that are to be renewed.
};

std::unique_ptr<service::Module> MakeModule(IntegrationSettings settings);

}  // namespace selfology::integration
