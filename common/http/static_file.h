// A file of a page that is inside of the program (bazel/embed.bzl), as a route.
//
//   routes.push_back(http::StaticFile("/studio/app.css", "text/css; charset=utf-8",
//                                     std::string(kAppCss)));
//
// Browsers ask each time whether what they have is still right (ETag, If-None-Match: 304), may not
// guess another type, and tell nobody where they come from. `headers` adds to that, such as a
// Content-Security-Policy.
#pragma once

#include <string>
#include <string_view>

#include "common/http/message.h"
#include "common/http/server.h"

namespace selfology::http {

Route StaticFile(std::string path, std::string_view content_type, std::string bytes,
                 Headers headers = {});

}  // namespace selfology::http
