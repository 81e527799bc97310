// What an operator sets of the REST gateway.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/service/module.h"

namespace selfology::api_gateway {

struct GatewaySettings {
  std::string listen = "127.0.0.1:0";  // Port 0: any free one.
  // Web pages that browsers may let call, such as "https://app.example.org"; "*" is all of them.
  std::vector<std::string> origins = {};
  // Of one caller to one route whose contract has no rate_limit of its own; 0: no limit.
  int requests_per_minute = 600;
  int proxies = 0;  // In front of it that add to X-Forwarded-For.
  // Told where the gateway listens, for tests.
  std::function<void(const std::string& address)> on_listening = nullptr;
};

std::unique_ptr<service::Module> MakeModule(GatewaySettings settings);

}  // namespace selfology::api_gateway
