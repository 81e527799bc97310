// Which method an HTTP request is for: the routes of all contracts (google.api.http).
//
//   ASSIGN_OR_RETURN(RouteTable routes, RouteTable::Make({session_service, profile_service}));
//   const RouteTable::Match match = routes.Find("GET", "/api/v1/profiles/123");
//   match.route->method            // selfology.profile.v1.ProfileService.GetProfile
//   match.variables                // {profile's user_id, "123"}
//
// A literal wins over a variable, a variable of an integer field (digits, and a sign where the field
// has one) over any other, one segment over `**`; where the winner leads nowhere, the next is tried.
// Paths are as in the request line, percent-encoded, without the query; a slash at their end is
// passed over.
// Errors: INVALID_ARGUMENT that names the method: a malformed template, a variable or body that is no
// such field, or a path that another method has, which is named, too.
// Threads: immutable once made.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/transcode/field_path.h"
#include "common/transcode/path_template.h"
#include "google/protobuf/descriptor.h"

namespace selfology::transcode {

struct Route {
  const google::protobuf::MethodDescriptor* method;
  std::string verb;  // "GET"
  std::string path;  // As the contract writes it.
  PathTemplate path_template;
  std::vector<FieldPath> variables;                           // As path_template.variables.
  bool has_body = false;                                      // Some of the request is in it.
  const google::protobuf::FieldDescriptor* body = nullptr;    // Null: all that the path has not.
  const google::protobuf::FieldDescriptor* answer = nullptr;  // Of the response; null: all of it.
};

class RouteTable {
 public:
  // `services` in any order; methods without a route are passed over.
  static absl::StatusOr<RouteTable> Make(
      absl::Span<const google::protobuf::ServiceDescriptor* const> services);

  RouteTable(RouteTable&&) noexcept;
  RouteTable& operator=(RouteTable&&) noexcept;
  ~RouteTable();

  struct Variable {
    const FieldPath* field;
    std::string text;  // Decoded.
  };
  struct Match {
    const Route* route = nullptr;  // Null: none.
    std::vector<Variable> variables = {};
    std::string allow =
        {};  // With route null: the verbs that the path has, "GET, PUT"; may be empty.
  };
  Match Find(std::string_view verb, std::string_view encoded_path) const;

  // In the order of the contracts.
  const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }

 private:
  struct Node;
  class Search;

  RouteTable();
  absl::Status Add(std::unique_ptr<Route> route);

  std::vector<std::unique_ptr<Route>> routes_;
  std::map<std::string, const Route*> by_shape_;  // "GET /a/*": to notice conflicts.
  std::unique_ptr<Node> root_;
};

}  // namespace selfology::transcode
