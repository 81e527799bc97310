// Cross-origin requests: which web pages browsers may let call the gateway.
//
//   const Cors cors({"https://app.example.org"});
//   cors.Allow(request.headers, response.headers);
//
// Pages send their token in the Authorization header themselves; credentials of the browser's (cookies) are
// never allowed, so "*" gives no page more than its person has given it.
// Threads: immutable.
// Source: https://fetch.spec.whatwg.org/#http-cors-protocol
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/http/message.h"

namespace selfology::api_gateway {

class Cors {
 public:
  explicit Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {}

  // INVALID_ARGUMENT for what is neither "*" nor scheme, host and port.
  static absl::Status Check(const std::vector<std::string>& origins);

  // Adds what a browser needs to let the page see the answer; nothing for other origins.
  void Allow(const http::Headers& request, http::Headers& response) const;

  static bool IsPreflight(std::string_view method, const http::Headers& request);
  // The answer to a preflight of a path that has these verbs ("GET, PUT").
  void AllowPreflight(const http::Headers& request, std::string_view verbs,
                      http::Headers& response) const;

 private:
  const std::vector<std::string> origins_;
};

}  // namespace selfology::api_gateway
