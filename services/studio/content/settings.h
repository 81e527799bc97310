// What an operator can set of the studio's page (the flags in module.cc), as values, so that tests can choose.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/service/module.h"

namespace selfology::content {

struct ContentSettings {
  std::string listen = "127.0.0.1:0";  // Port 0: any free one.
  // Where the page finds the REST gateway; empty: at its own origin.
  std::string api_base = {};
  // Where people find the page, for links in the chat; empty: there are none.
  std::string page_url = {};
  bool works_jobs = true;  // Of the queue service, that publish posts.
  // Called with its port each time that it listens.
  std::function<void(uint16_t port)> listening = nullptr;
};

std::unique_ptr<service::Module> MakeModule(ContentSettings settings);

}  // namespace selfology::content
