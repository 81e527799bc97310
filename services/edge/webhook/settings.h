// What an operator can set of the webhook service (the flags in module.cc), as values, so that tests can
// choose.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/service/module.h"
#include "services/edge/webhook/inbound/receiver.h"
#include "services/edge/webhook/outbound/sender.h"

namespace selfology::webhook {

struct WebhookSettings {
  std::string listen = "127.0.0.1:0";  // Port 0: any free one.
  std::string seal_key_file = {};      // Empty: the key is kept in the database.
  // Networks that endpoints may be in besides the public ones; with any, also http is allowed.
  std::vector<std::string> allowed_networks = {};
  int received_per_minute = 1000;  // By one source.
  // For a request that comes in: until its body is here, and until it is answered.
  absl::Duration request_timeout = Receiver::kTimeout;
  Sender::Options sender = {};
  bool works_jobs = true;  // external_event and callback_processing, of the queue service.
  // Called with its port each time that it listens.
  std::function<void(uint16_t port)> listening = nullptr;
};

std::unique_ptr<service::Module> MakeModule(WebhookSettings settings);

}  // namespace selfology::webhook
