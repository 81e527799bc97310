#include "common/transcode/route_table.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/http/url.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "google/api/annotations.pb.h"

namespace selfology::transcode {
namespace {

using google::api::HttpRule;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;
using Kind = PathTemplate::Kind;

std::pair<std::string, std::string> VerbAndPath(const HttpRule& rule) {
  switch (rule.pattern_case()) {
    case HttpRule::kGet:
      return {"GET", rule.get()};
    case HttpRule::kPut:
      return {"PUT", rule.put()};
    case HttpRule::kPost:
      return {"POST", rule.post()};
    case HttpRule::kDelete:
      return {"DELETE", rule.delete_()};
    case HttpRule::kPatch:
      return {"PATCH", rule.patch()};
    case HttpRule::kCustom:
      return {rule.custom().kind(), rule.custom().path()};
    case HttpRule::PATTERN_NOT_SET:
      break;
  }
  return {};
}

absl::Status Wrong(const MethodDescriptor& method, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(method.full_name(), ": ", what));
}

absl::StatusOr<std::unique_ptr<Route>> MakeRoute(const MethodDescriptor& method,
                                                 const HttpRule& rule) {
  auto route = std::make_unique<Route>();
  route->method = &method;
  std::tie(route->verb, route->path) = VerbAndPath(rule);
  auto path = ParsePathTemplate(route->path);
  if (!path.ok()) return Wrong(method, path.status().message());
  route->path_template = *std::move(path);
  for (const PathTemplate::Variable& variable : route->path_template.variables) {
    auto field = FindField(*method.input_type(), variable.field);
    if (!field.ok() || field->back()->is_repeated() || !TakesText(*field->back())) {
      return Wrong(method, absl::StrCat("has no field ", variable.field, " for its path"));
    }
    route->variables.push_back(*std::move(field));
  }
  route->has_body = !rule.body().empty();
  if (route->has_body && rule.body() != "*") {
    route->body = method.input_type()->FindFieldByName(rule.body());
    if (route->body == nullptr) return Wrong(method, "has no such field for its body");
  }
  if (!rule.response_body().empty()) {
    route->answer = method.output_type()->FindFieldByName(rule.response_body());
    if (route->answer == nullptr) return Wrong(method, "has no such field for its response body");
  }
  return route;
}

std::string Decoded(std::string_view text) {
  return http::Decode(text).value_or(std::string(text));
}

// A value of several segments keeps its "%2F", which are no borders between them.
std::string DecodedButSlashes(std::string_view text) {
  std::string decoded;
  while (true) {
    size_t slash = 0;
    while (slash < text.size() &&
           !absl::EqualsIgnoreCase(absl::string_view(text.data(), text.size()).substr(slash, 3),
                                   "%2F")) {
      ++slash;
    }
    decoded += Decoded(text.substr(0, slash));
    if (slash == text.size()) return decoded;
    decoded += text.substr(slash, 3);
    text.remove_prefix(slash + 3);
  }
}

bool IsWhole(std::string_view text, bool may_be_negative) {
  if (may_be_negative && text.starts_with("-")) text.remove_prefix(1);
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

}  // namespace

struct RouteTable::Node {
  using ByVerb = std::map<std::string, const Route*, std::less<>>;

  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> whole;     // One segment that is a whole number, not below 0.
  std::unique_ptr<Node> negative;  // One that may be below 0.
  std::unique_ptr<Node> any;       // One segment.
  // What ends here, by the path's verb (":watch"), then by the request's. `rest`: with `**`.
  std::map<std::string, ByVerb, std::less<>> here;
  std::map<std::string, ByVerb, std::less<>> rest;
};

RouteTable::RouteTable() : root_(std::make_unique<Node>()) {}
RouteTable::RouteTable(RouteTable&&) noexcept = default;
RouteTable& RouteTable::operator=(RouteTable&&) noexcept = default;
RouteTable::~RouteTable() = default;

absl::StatusOr<RouteTable> RouteTable::Make(absl::Span<const ServiceDescriptor* const> services) {
  RouteTable table;
  for (const ServiceDescriptor* service : services) {
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor& method = *service->method(i);
      if (!method.options().HasExtension(google::api::http)) continue;
      const HttpRule& rule = method.options().GetExtension(google::api::http);
      std::vector<const HttpRule*> rules = {&rule};
      for (const HttpRule& further : rule.additional_bindings()) rules.push_back(&further);
      for (const HttpRule* one : rules) {
        ASSIGN_OR_RETURN(std::unique_ptr<Route> route, MakeRoute(method, *one));
        RETURN_IF_ERROR(table.Add(std::move(route)));
      }
    }
  }
  return table;
}

absl::Status RouteTable::Add(std::unique_ptr<Route> route) {
  const PathTemplate& path = route->path_template;
  const auto [other, is_new] =
      by_shape_.emplace(absl::StrCat(route->verb, " ", path.Shape()), route.get());
  if (!is_new) {
    return Wrong(*route->method, absl::StrCat("has the route ", other->first, " of ",
                                              other->second->method->full_name()));
  }
  // Which segments are a whole variable, and of which field.
  std::vector<const FieldDescriptor*> field_of(path.segments.size(), nullptr);
  for (size_t i = 0; i < path.variables.size(); ++i) {
    if (!path.IsOneSegment(path.variables[i])) continue;
    field_of[path.variables[i].begin] = route->variables[i].back();
  }
  Node* node = root_.get();
  bool is_open = false;
  for (size_t i = 0; i < path.segments.size(); ++i) {
    const PathTemplate::Segment& segment = path.segments[i];
    if (segment.kind == Kind::kMany) {
      is_open = true;
      break;
    }
    std::unique_ptr<Node>* next = nullptr;
    if (segment.kind == Kind::kLiteral) {
      next = &node->literals[segment.literal];
    } else if (field_of[i] == nullptr || !IsInteger(*field_of[i])) {
      next = &node->any;
    } else {
      const auto type = field_of[i]->cpp_type();
      next = type == FieldDescriptor::CPPTYPE_UINT32 || type == FieldDescriptor::CPPTYPE_UINT64
                 ? &node->whole
                 : &node->negative;
    }
    if (*next == nullptr) *next = std::make_unique<Node>();
    node = next->get();
  }
  (is_open ? node->rest : node->here)[path.verb][route->verb] = route.get();
  routes_.push_back(std::move(route));
  return absl::OkStatus();
}

// One request's way through the tree.
class RouteTable::Search {
 public:
  Search(std::string_view verb, std::string_view path) : verb_(verb) {
    if (path.size() > 1 && path.ends_with("/")) path.remove_suffix(1);
    if (path.starts_with("/")) path.remove_prefix(1);
    if (path.empty()) return;
    for (const absl::string_view segment : absl::StrSplit(path, '/')) {
      encoded_.emplace_back(segment);
      decoded_.push_back(Decoded(encoded_.back()));
    }
  }

  // Takes the path's verb off the last segment; false: it has none.
  bool TakeVerb() {
    if (encoded_.empty()) return false;
    const size_t colon = encoded_.back().rfind(':');
    if (colon == std::string::npos) return false;
    path_verb_ = encoded_.back().substr(colon + 1);
    encoded_.back().resize(colon);
    decoded_.back() = Decoded(encoded_.back());
    return true;
  }

  const Route* Run(const Node& root) { return Descend(root, 0); }

  std::vector<Variable> VariablesOf(const Route& route) const {
    std::vector<Variable> variables;
    const PathTemplate& path = route.path_template;
    for (size_t i = 0; i < path.variables.size(); ++i) {
      const PathTemplate::Variable& variable = path.variables[i];
      std::string text;
      if (path.IsOneSegment(variable)) {
        text = decoded_[variable.begin];
      } else {
        const bool is_open = path.segments[variable.end - 1].kind == Kind::kMany;
        const size_t end = is_open ? encoded_.size() : variable.end;
        for (size_t k = variable.begin; k < end; ++k) {
          absl::StrAppend(&text, k == variable.begin ? "" : "/", DecodedButSlashes(encoded_[k]));
        }
      }
      variables.push_back({&route.variables[i], std::move(text)});
    }
    return variables;
  }

  const std::set<std::string>& allowed() const { return allowed_; }

 private:
  const Route* Pick(const std::map<std::string, Node::ByVerb, std::less<>>& by_path_verb) {
    const auto found = by_path_verb.find(path_verb_);
    if (found == by_path_verb.end()) return nullptr;
    auto route = found->second.find(verb_);
    if (route == found->second.end() && verb_ == "HEAD") route = found->second.find("GET");
    if (route != found->second.end()) return route->second;
    for (const auto& [verb, unused] : found->second) allowed_.insert(verb);
    return nullptr;
  }

  const Route* Descend(const Node& node, size_t at) {
    const Route* route = nullptr;
    if (at == decoded_.size()) {
      route = Pick(node.here);
      return route != nullptr ? route : Pick(node.rest);
    }
    const std::string& segment = decoded_[at];
    if (const auto next = node.literals.find(segment); next != node.literals.end()) {
      route = Descend(*next->second, at + 1);
    }
    if (route == nullptr && node.whole != nullptr && IsWhole(segment, false)) {
      route = Descend(*node.whole, at + 1);
    }
    if (route == nullptr && node.negative != nullptr && IsWhole(segment, true)) {
      route = Descend(*node.negative, at + 1);
    }
    if (route == nullptr && node.any != nullptr && !segment.empty()) {
      route = Descend(*node.any, at + 1);
    }
    return route != nullptr ? route : Pick(node.rest);
  }

  const std::string_view verb_;
  std::vector<std::string> encoded_;
  std::vector<std::string> decoded_;
  std::string path_verb_;
  std::set<std::string> allowed_;
};

RouteTable::Match RouteTable::Find(std::string_view verb, std::string_view encoded_path) const {
  std::set<std::string> allowed;
  // With a verb first; a colon may be part of the last value as well.
  for (const bool with_verb : {true, false}) {
    Search search(verb, encoded_path);
    if (with_verb && !search.TakeVerb()) continue;
    if (const Route* route = search.Run(*root_)) {
      return {.route = route, .variables = search.VariablesOf(*route)};
    }
    allowed.insert(search.allowed().begin(), search.allowed().end());
  }
  return {.allow = absl::StrJoin(allowed, ", ")};
}

}  // namespace selfology::transcode
