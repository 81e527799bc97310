#include "common/http/router.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status_macros.h"

namespace selfology::http {

absl::StatusOr<Router::Node*> Router::At(const std::string& pattern) {
  std::string_view path = pattern;
  const bool is_prefix = absl::EndsWith(path, "/*");
  if (is_prefix) path.remove_suffix(1);
  if (!absl::StartsWith(path, "/") || absl::StrContains(path, "*")) {
    return absl::InvalidArgumentError(absl::StrCat("bad route path ", pattern));
  }
  return &(is_prefix ? prefixes_ : exact_)[std::string(path)];
}

absl::StatusOr<Router> Router::Make(std::vector<Route> routes,
                                    std::vector<WebSocketRoute> web_sockets) {
  Router router;
  for (Route& route : routes) {
    ASSIGN_OR_RETURN(Node* const node, router.At(route.path));
    const std::string name = absl::StrCat(route.method, " ", route.path);
    if (!route.handler) return absl::InvalidArgumentError(absl::StrCat(name, " has no handler"));
    std::string method = route.method;
    if (!node->by_method.emplace(std::move(method), std::move(route)).second) {
      return absl::InvalidArgumentError(absl::StrCat(name, " is there twice"));
    }
  }
  for (WebSocketRoute& route : web_sockets) {
    ASSIGN_OR_RETURN(Node* const node, router.At(route.path));
    if (node->web_socket != nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("WebSocket ", route.path, " is there twice"));
    }
    node->web_socket = std::make_unique<WebSocketRoute>(std::move(route));
  }
  return router;
}

bool Router::Pick(const Node& node, std::string_view method, bool wants_web_socket, Match& match) {
  if (wants_web_socket && node.web_socket != nullptr) {
    match = {.web_socket = node.web_socket.get()};
    return true;
  }
  auto found = node.by_method.find(method);
  if (found == node.by_method.end() && method == "HEAD") found = node.by_method.find("GET");
  if (found == node.by_method.end()) found = node.by_method.find("*");
  if (found != node.by_method.end()) {
    match = {.route = &found->second};
    return true;
  }
  if (node.web_socket != nullptr) match.needs_upgrade = true;
  if (match.allow.empty()) {
    match.allow = absl::StrJoin(node.by_method, ", ", [](std::string* out, const auto& entry) {
      absl::StrAppend(out, entry.first);
    });
  }
  return false;
}

Router::Match Router::Find(std::string_view method, std::string_view path,
                           bool wants_web_socket) const {
  Match match;
  if (const auto found = exact_.find(path); found != exact_.end()) {
    if (Pick(found->second, method, wants_web_socket, match)) return match;
  }
  // From the longest prefix to the shortest: cut the path behind each slash.
  for (size_t slash = path.rfind('/'); slash != std::string_view::npos;
       slash = slash == 0 ? std::string_view::npos : path.rfind('/', slash - 1)) {
    const auto found = prefixes_.find(path.substr(0, slash + 1));
    if (found == prefixes_.end()) continue;
    if (Pick(found->second, method, wants_web_socket, match)) return match;
  }
  return match;
}

}  // namespace selfology::http
