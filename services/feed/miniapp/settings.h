// What an operator can set of the mini app (the flags in module.cc), as values, so that tests can choose.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/service/module.h"

namespace selfology::miniapp {

struct MiniappSettings {
  std::string listen = "127.0.0.1:0";  // Port 0: any free one.
  // Where the page finds the REST gateway; empty: at its own origin.
  std::string api_base = {};
  // Origins that may show the page in a frame, besides Telegram's.
  std::vector<std::string> frame_ancestors = {};
  // Called with its port each time that it listens.
  std::function<void(uint16_t port)> listening = nullptr;
};

std::unique_ptr<service::Module> MakeModule(MiniappSettings settings);

}  // namespace selfology::miniapp
