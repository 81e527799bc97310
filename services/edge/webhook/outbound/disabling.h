// An endpoint that is disabled because of how it answers: its owner is told.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"

namespace selfology::webhook {

struct FailingEndpoint {
  std::string endpoint_id = {};
  int64_t user_id = 0;
  std::string url = {};
  bool gone = false;  // It answered 410; else it failed for too long.
};

// Disables it, gives up what waits for it, and publishes webhook.endpoint.disabled and a notification.
absl::Status DisableFailing(postgres::Transaction& tx, const FailingEndpoint& endpoint,
                            absl::Time now);

}  // namespace selfology::webhook
