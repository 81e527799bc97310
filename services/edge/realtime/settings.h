// What an operator can set of the realtime service (the flags in module.cc), as values, so that
// tests can choose.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/service/module.h"
#include "services/edge/realtime/delivery.h"
#include "services/edge/realtime/engine_io/session.h"

namespace selfology::realtime {

struct RealtimeSettings {
  std::string listen = "127.0.0.1:0";  // Port 0: any free one.
  // Where other replicas reach it; empty: at `listen`, if that is an address and not any.
  std::string advertise = {};
  std::vector<std::string> origins = {};  // See engine_io/server.h.
  bool compress = false;
  absl::Duration retention = absl::Hours(7 * 24);
  engine_io::SessionSettings session = {};
  absl::Duration connect_timeout = absl::Seconds(45);
  DeliveryOptions delivery = {};
  absl::Duration check_tokens =
      absl::Seconds(20);  // Between two looks whether they are still good.
  // Called with its port each time that it listens.
  std::function<void(uint16_t port)> listening = nullptr;
};

std::unique_ptr<service::Module> MakeModule(RealtimeSettings settings);

}  // namespace selfology::realtime
