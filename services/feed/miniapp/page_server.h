// The mini app's page at /miniapp/: HTML, styles, modules and icon, out of the program itself.
//
//   http::Server::Start(options, PageRoutes({.api_base = "https://api.example.org"}));
//
// Files say by their ETag whether they changed, and are asked for again each time: a new version is there at
// once. The page may only load what it brings along, call the REST gateway, and show pictures over https.
//
// Errors: INVALID_ARGUMENT for settings that are no origins. Threads: any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/http/server.h"
#include "services/feed/miniapp/settings.h"

namespace selfology::miniapp {

absl::StatusOr<std::vector<http::Route>> PageRoutes(const MiniappSettings& settings);

// "https://host" or "http://host:port", without a path.
bool IsOrigin(std::string_view text);

}  // namespace selfology::miniapp
