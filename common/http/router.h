// Finds the route for a method and a path. Pure; immutable once built, so shared by threads.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/http/server.h"

namespace selfology::http {

class Router {
 public:
  // INVALID_ARGUMENT: a path without a leading "/", a "*" that is not the last segment, a missing
  // handler, or the same method and path twice.
  static absl::StatusOr<Router> Make(std::vector<Route> routes,
                                     std::vector<WebSocketRoute> web_sockets);

  struct Match {
    const Route* route = nullptr;  // At most one of both.
    const WebSocketRoute* web_socket = nullptr;
    // The Allow header, if the path has routes of other methods only.
    std::string allow = {};
    bool needs_upgrade = false;  // The path is a WebSocket's, and the request does not ask for one.
  };
  // wants_web_socket: the request asks to be upgraded.
  Match Find(std::string_view method, std::string_view path, bool wants_web_socket) const;

 private:
  // What a path offers.
  struct Node {
    std::map<std::string, Route, std::less<>> by_method;
    std::unique_ptr<WebSocketRoute> web_socket;
  };

  absl::StatusOr<Node*> At(const std::string& pattern);
  static bool Pick(const Node& node, std::string_view method, bool wants_web_socket, Match& match);

  std::map<std::string, Node, std::less<>> exact_;
  std::map<std::string, Node, std::less<>> prefixes_;  // "/files/" for "/files/*".
};

}  // namespace selfology::http
