// REST routes (google.api.http): their form, that they are unique, and that they fit the requests.

#include <map>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/api/annotations.pb.h"
#include "proto/rules/rule_set.h"
#include "selfology/mesh/v1/options.pb.h"

namespace selfology::contracts {
namespace {

using google::api::HttpRule;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::MethodOptions;
using google::protobuf::ServiceDescriptor;

struct Route {
  std::string verb;
  std::string path;
  std::string body;
};

Route RouteOf(const HttpRule& rule) {
  switch (rule.pattern_case()) {
    case HttpRule::kGet:
      return {"GET", rule.get(), rule.body()};
    case HttpRule::kPut:
      return {"PUT", rule.put(), rule.body()};
    case HttpRule::kPost:
      return {"POST", rule.post(), rule.body()};
    case HttpRule::kDelete:
      return {"DELETE", rule.delete_(), rule.body()};
    case HttpRule::kPatch:
      return {"PATCH", rule.patch(), rule.body()};
    case HttpRule::kCustom:
      return {rule.custom().kind(), rule.custom().path(), rule.body()};
    case HttpRule::PATTERN_NOT_SET:
      return {};
  }
  return {};
}

std::vector<std::string> Variables(const std::string& path) {
  static const std::regex& variable = *new std::regex("\\{([^}]*)\\}");
  std::vector<std::string> names;
  for (std::sregex_iterator match(path.begin(), path.end(), variable), end; match != end; ++match) {
    names.push_back((*match)[1]);
  }
  return names;
}

// The same for paths that match the same requests: "/a/{x}" and "/a/{y}".
std::string Shape(const std::string& path) {
  static const std::regex& variable = *new std::regex("\\{[^}]*\\}");
  return std::regex_replace(path, variable, "{}");
}

bool IsScalar(const FieldDescriptor& field) {
  return !field.is_repeated() && field.message_type() == nullptr;
}

void CheckBody(const MethodDescriptor& method, const Route& route, FaultList& faults) {
  const bool may_have_one = route.verb != "GET" && route.verb != "DELETE";
  if (route.body.empty() == may_have_one) {
    faults.Add(method.full_name(),
               absl::StrCat(route.verb, may_have_one ? " without" : " with", " a body"));
  }
  if (!route.body.empty() && route.body != "*" &&
      method.input_type()->FindFieldByName(route.body) == nullptr) {
    faults.Add(method.full_name(), absl::StrCat("has no field ", route.body, " for the body"));
  }
}

// What is neither in the path nor in the body goes into the query, which has no room for
// everything.
void CheckQuery(const MethodDescriptor& method, const Route& route, FaultList& faults) {
  if (route.body == "*") return;
  const Descriptor& request = *method.input_type();
  for (int i = 0; i < request.field_count(); ++i) {
    const FieldDescriptor& field = *request.field(i);
    if (field.name() == route.body) continue;
    if (field.is_repeated() && field.message_type() != nullptr) {
      faults.Add(method.full_name(), absl::StrCat(field.name(), " does not fit into a query"));
    }
  }
}

void CheckRoute(const MethodDescriptor& method, const Route& route, FaultList& faults) {
  static const std::regex& form = *new std::regex(
      "/(api|cmd|oauth|\\.well-known)(/([a-z0-9][a-z0-9._-]*|\\{[a-z0-9_.]+\\}))+/?(:[a-zA-Z]+)?");
  if (!std::regex_match(route.path, form)) {
    faults.Add(method.full_name(), absl::StrCat("the route \"", route.path, "\" is malformed"));
    return;
  }
  for (const std::string& variable : Variables(route.path)) {
    const FieldDescriptor* const field = FindField(*method.input_type(), variable);
    if (field == nullptr) {
      faults.Add(method.full_name(), absl::StrCat("has no field ", variable, " for its route"));
    } else if (!IsScalar(*field)) {
      faults.Add(method.full_name(), absl::StrCat(variable, " does not fit into a path"));
    }
  }
  if (route.verb == "GET" &&
      method.options().idempotency_level() != MethodOptions::NO_SIDE_EFFECTS) {
    faults.Add(method.full_name(), "is reached by GET and has side effects");
  }
  const std::string& permission = method.options().GetExtension(mesh::v1::access).permission();
  if (absl::StartsWith(permission, "mesh.") && !absl::StartsWith(route.path, "/api/v1/mesh/")) {
    faults.Add(method.full_name(), "is for operators and not below /api/v1/mesh/");
  }
  CheckBody(method, route, faults);
  CheckQuery(method, route, faults);
}

}  // namespace

void CheckRoutes(const Files& files, const Exceptions& exceptions, FaultList& faults) {
  Waivers unrouted(exceptions.unrouted);
  std::map<std::string, std::string> taken;
  for (const ServiceDescriptor* service : Services(files)) {
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor& method = *service->method(i);
      const HttpRule& rule = method.options().GetExtension(google::api::http);
      if (rule.pattern_case() == HttpRule::PATTERN_NOT_SET) {
        if (!unrouted.Has(method.full_name())) faults.Add(method.full_name(), "has no route");
        continue;
      }
      std::vector<Route> routes = {RouteOf(rule)};
      for (const HttpRule& further : rule.additional_bindings()) routes.push_back(RouteOf(further));
      for (const Route& route : routes) {
        CheckRoute(method, route, faults);
        const auto [first, is_new] =
            taken.emplace(absl::StrCat(route.verb, " ", Shape(route.path)), method.full_name());
        if (!is_new)
          faults.Add(method.full_name(), absl::StrCat("has the route of ", first->second));
      }
    }
  }
  unrouted.AddUnused(faults);
}

}  // namespace selfology::contracts
