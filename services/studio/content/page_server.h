// The studio's page at /studio/: HTML, styles, modules and icon, out of the program itself.
//
//   http::Server::Start(options, PageRoutes({.api_base = "https://api.example.org"}));
//
// Files say by their ETag whether they changed, and are asked for again each time: a new version is there at
// once. The page may only load what it brings along and call the REST gateway; nobody may frame it.
//
// Errors: INVALID_ARGUMENT for an api_base that is no origin. Threads: any.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/http/server.h"
#include "services/studio/content/settings.h"

namespace selfology::content {

absl::StatusOr<std::vector<http::Route>> PageRoutes(const ContentSettings& settings);

// "https://host" or "http://host:port", without a path.
bool IsOrigin(std::string_view text);

}  // namespace selfology::content
