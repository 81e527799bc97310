#include "services/edge/api_gateway/openapi.h"

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/transcode/answer.h"
#include "common/transcode/request.h"
#include "google/api/httpbody.pb.h"
#include "nlohmann/json.hpp"
#include "selfology/mesh/v1/options.pb.h"
#include "services/edge/api_gateway/documented_errors.h"
#include "services/edge/api_gateway/examples.h"
#include "services/edge/api_gateway/schemas.h"

namespace selfology::api_gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::MethodOptions;
using transcode::FieldPath;
using transcode::JsonStyle;
using transcode::PathTemplate;
using transcode::Route;
using Value = nlohmann::ordered_json;

constexpr int kQueryDepth = 3;
constexpr char kAbout[] =
    "Names are snake_case in answers, both spellings are taken; so are enum values with and "
    "without "
    "their prefix, and 64-bit integers as numbers and as strings. Errors are "
    "application/problem+json (RFC 9457); their `error.code` is one of those that an operation's "
    "responses name. Streams are lines of JSON, or events with `Accept: text/event-stream`.";

// The path with the given names in place of its variables.
std::string PathWith(const Route& route, const std::vector<std::string>& names) {
  const PathTemplate& path = route.path_template;
  std::string text;
  for (size_t i = 0; i < path.segments.size(); ++i) {
    const auto starts = [&](size_t k) { return path.variables[k].begin == i; };
    size_t variable = 0;
    while (variable < path.variables.size() && !starts(variable)) ++variable;
    if (variable == path.variables.size()) {
      absl::StrAppend(&text, "/", path.segments[i].literal);
      continue;
    }
    absl::StrAppend(&text, "/{", names[variable], "}");
    i = path.variables[variable].end - 1;
  }
  if (!path.verb.empty()) absl::StrAppend(&text, ":", path.verb);
  return text;
}

std::vector<std::string> VariableNames(const Route& route) {
  std::vector<std::string> names;
  for (const PathTemplate::Variable& variable : route.path_template.variables) {
    names.push_back(variable.field);
  }
  return names;
}

const mesh::v1::RestExample* ExampleOf(const Route& route) {
  const MethodOptions& options = route.method->options();
  for (int i = 0; i < options.ExtensionSize(mesh::v1::example); ++i) {
    const mesh::v1::RestExample& example = options.GetExtension(mesh::v1::example, i);
    // The route that it is of: with as many literals at its beginning.
    const std::string literal = route.path.substr(0, route.path.find('{'));
    if (absl::StartsWith(example.path(), literal)) return &example;
  }
  return nullptr;
}

Value Parsed(const std::string& json) {
  return Value::parse(json, nullptr, /*allow_exceptions=*/false);
}

class Document {
 public:
  Document(const transcode::RouteTable& routes, const Comments& comments)
      : routes_(routes), comments_(comments), schemas_(comments) {}

  std::string Write() {
    NamePaths();
    Value paths = Value::object();
    std::map<std::string, std::map<std::string, Value>> by_path;
    std::map<std::string, std::string> tags;
    for (const auto& route : routes_.routes()) {
      const std::vector<std::string>& names = names_by_shape_.at(ShapeOf(*route));
      by_path[PathWith(*route, names)][absl::AsciiStrToLower(route->verb)] =
          Operation(*route, names);
      tags.emplace(route->method->service()->name(), comments_.Of(*route->method->service()));
    }
    for (const auto& [path, operations] : by_path) paths[path] = operations;
    Value tag_list = Value::array();
    for (const auto& [tag, description] : tags) {
      tag_list.push_back({{"name", tag}, {"description", description}});
    }
    Value components = {{"schemas", schemas_.components()},
                        {"responses", {{"Problem", ProblemResponse()}}},
                        {"securitySchemes",
                         {{"bearer",
                           {{"type", "http"},
                            {"scheme", "bearer"},
                            {"bearerFormat", "JWT"},
                            {"description",
                             "An access token of the security service, or an API "
                             "key."}}}}}};
    components["schemas"]["Problem"] = ProblemSchema();
    const Value document = {{"openapi", "3.1.0"},
                            {"info",
                             {{"title", "Selfology"},
                              {"version", "1"},
                              {"summary", "All services over REST, as their contracts say."},
                              {"description", kAbout},
                              {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
                            {"servers", Value::array({{{"url", "/"}}})},
                            {"security", Value::array({{{"bearer", Value::array()}}})},
                            {"tags", tag_list},
                            {"paths", paths},
                            {"components", components}};
    return document.dump(-1, ' ', false, Value::error_handler_t::replace);
  }

 private:
  // OpenAPI takes two paths that differ in names only for the same one twice.
  void NamePaths() {
    for (const auto& route : routes_.routes()) {
      std::vector<std::string> names = VariableNames(*route);
      // Generators make identifiers of them.
      for (std::string& name : names) absl::StrReplaceAll({{".", "_"}}, &name);
      auto [named, is_new] = names_by_shape_.emplace(ShapeOf(*route), names);
      // The shorter ones: "user_id" rather than "profile.user_id".
      const auto length = [](const std::vector<std::string>& all) {
        return absl::StrJoin(all, "").size();
      };
      if (!is_new && length(names) < length(named->second)) named->second = std::move(names);
    }
    std::set<std::string> ids;
    for (const auto& route : routes_.routes()) {
      std::string id = absl::StrCat(route->method->service()->name(), ".", route->method->name());
      for (int i = 2; !ids.insert(id).second; ++i) {
        id = absl::StrCat(route->method->service()->name(), ".", route->method->name(), i);
      }
      ids_[route.get()] = id;
    }
  }
  static std::string ShapeOf(const Route& route) { return PathWith(route, Blank(route)); }
  static std::vector<std::string> Blank(const Route& route) {
    return std::vector<std::string>(route.path_template.variables.size(), "");
  }

  Value Operation(const Route& route, const std::vector<std::string>& names) {
    const MethodDescriptor& method = *route.method;
    const MethodOptions& options = method.options();
    const std::string comment = comments_.Of(method);
    const mesh::v1::Access& access = options.GetExtension(mesh::v1::access);
    Value operation = {{"operationId", ids_.at(&route)},
                       {"tags", Value::array({method.service()->name()})}};
    if (!comment.empty()) {
      operation["summary"] = FirstSentence(comment);
      operation["description"] = comment;
    }
    operation["parameters"] = ParametersOf(route, names);
    if (route.has_body) operation["requestBody"] = BodyOf(route);
    operation["responses"] = ResponsesOf(route);
    if (access.public_()) operation["security"] = Value::array();
    if (!access.permission().empty()) operation["x-permission"] = access.permission();
    if (!access.subject().empty()) operation["x-subject"] = access.subject();
    const mesh::v1::Deadline& deadline = options.GetExtension(mesh::v1::deadline);
    if (deadline.milliseconds() > 0) operation["x-deadline-ms"] = deadline.milliseconds();
    const int per_minute = options.GetExtension(mesh::v1::rate_limit).per_minute();
    if (per_minute > 0) operation["x-rate-limit-per-minute"] = per_minute;
    operation["x-may-be-repeated"] =
        options.idempotency_level() != MethodOptions::IDEMPOTENCY_UNKNOWN;
    return operation;
  }

  Value ParametersOf(const Route& route, const std::vector<std::string>& names) {
    Value parameters = Value::array();
    std::set<std::string> in_path;
    for (size_t i = 0; i < names.size(); ++i) {
      const FieldDescriptor& field = *route.variables[i].back();
      in_path.insert(transcode::NameOf(route.variables[i]));
      Value parameter = {{"name", names[i]},
                         {"in", "path"},
                         {"required", true},
                         {"schema", schemas_.OfText(field)}};
      if (!transcode::IsInteger(field)) parameter["schema"]["minLength"] = 1;
      Describe(field, parameter);
      parameters.push_back(std::move(parameter));
    }
    if (!route.has_body || route.body != nullptr) {
      if (route.body != nullptr) in_path.insert(route.body->name());
      AddQuery(*route.method->input_type(), "", kQueryDepth, in_path, parameters);
    }
    const bool has_key = transcode::IdempotencyField(*route.method->input_type()) != nullptr;
    if (has_key) {
      parameters.push_back(
          {{"name", "Idempotency-Key"},
           {"in", "header"},
           {"description", "Makes the request safe to repeat: fills idempotency_key."},
           {"schema",
            {{"type", "string"}, {"minLength", 1}, {"maxLength", 128}, {"pattern", "^[!-~]+$"}}}});
    }
    parameters.push_back(
        {{"name", "API-Version"},
         {"in", "header"},
         {"description", "The version of the answers; without it v1, the only one."},
         {"schema", {{"type", "string"}, {"enum", Value::array({"v1"})}}}});
    return parameters;
  }

  void Describe(const FieldDescriptor& field, Value& parameter) const {
    if (const std::string comment = comments_.Of(field); !comment.empty()) {
      parameter["description"] = comment;
    }
  }

  void AddQuery(const Descriptor& type, const std::string& prefix, int depth,
                const std::set<std::string>& taken, Value& parameters) {
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      const std::string name = absl::StrCat(prefix, field.name());
      if (taken.contains(name)) continue;
      if (transcode::TakesText(field)) {
        Value parameter = {{"name", name}, {"in", "query"}, {"schema", schemas_.OfText(field)}};
        Describe(field, parameter);
        parameters.push_back(std::move(parameter));
      } else if (!field.is_repeated() && depth > 0) {
        AddQuery(*field.message_type(), absl::StrCat(name, "."), depth - 1, taken, parameters);
      }
    }
  }

  Value BodyOf(const Route& route) {
    const JsonStyle style = transcode::StyleOf(*route.method->service());
    const Descriptor* const type =
        route.body == nullptr ? route.method->input_type() : route.body->message_type();
    if (type != nullptr && type->full_name() == google::api::HttpBody::descriptor()->full_name()) {
      return {{"required", true}, {"content", {{"*/*", Value::object()}}}};
    }
    const Value schema =
        route.body == nullptr ? schemas_.Of(*type, style) : schemas_.OfField(*route.body, style);
    Value json = {{"schema", schema}};
    const mesh::v1::RestExample* const example = ExampleOf(route);
    if (example != nullptr && !example->request().empty()) {
      const Value parsed = Parsed(example->request());
      json["example"] = type == nullptr ? parsed : AsDocumented(*type, style, parsed);
    }
    return {{"content",
             {{"application/json", json},
              {"application/x-www-form-urlencoded", {{"schema", schema}}}}}};
  }

  Value ResponsesOf(const Route& route) {
    const JsonStyle style = transcode::StyleOf(*route.method->service());
    Value responses;
    if (transcode::IsRaw(route)) {
      responses["2XX"] = {{"description", "What the method answers, as it is."},
                          {"content", {{"*/*", Value::object()}}}};
      responses["3XX"] = {{"description", "A redirect."}};
    } else {
      const Value schema = route.answer == nullptr
                               ? schemas_.Of(*route.method->output_type(), style)
                               : schemas_.OfField(*route.answer, style);
      Value content;
      if (route.method->server_streaming()) {
        const Value line = {
            {"type", "object"},
            {"properties",
             {{"result", schema}, {"error", {{"$ref", "#/components/schemas/Problem"}}}}}};
        content = {{"application/x-ndjson", {{"schema", line}}},
                   {"text/event-stream", {{"schema", {{"type", "string"}}}}}};
      } else {
        content = {{"application/json", {{"schema", schema}}}};
        const mesh::v1::RestExample* const example = ExampleOf(route);
        if (example != nullptr && !example->answer().empty()) {
          const Value parsed = Parsed(example->answer());
          content["application/json"]["example"] =
              route.answer == nullptr ? AsDocumented(*route.method->output_type(), style, parsed)
                                      : parsed;
        }
      }
      responses["200"] = {{"description", comments_.Of(*route.method->output_type()).empty()
                                              ? "The answer."
                                              : comments_.Of(*route.method->output_type())},
                          {"content", content}};
    }
    if (transcode::IsRaw(route)) {
      // In the words of the standard that it follows.
      responses["default"] = {
          {"description", "What went wrong."},
          {"content",
           {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}},
            {"*/*", Value::object()}}}};
      return responses;
    }
    for (const auto& [status, codes] : ErrorsOf(route, comments_)) {
      responses[absl::StrCat(status)] = {{"$ref", "#/components/responses/Problem"},
                                         {"description", absl::StrJoin(codes, ", ")}};
    }
    return responses;
  }

  static Value ProblemResponse() {
    return {{"description", "What went wrong."},
            {"content",
             {{"application/problem+json",
               {{"schema", {{"$ref", "#/components/schemas/Problem"}}},
                {"example",
                 {{"type", "urn:selfology:error:PROFILE_NOT_FOUND"},
                  {"title", "Not Found"},
                  {"status", 404},
                  {"detail", "no profile yet"},
                  {"instance", "/api/v1/profiles/123456"},
                  {"error",
                   {{"code", "PROFILE_NOT_FOUND"},
                    {"message", "no profile yet"},
                    {"details", Value::object()},
                    {"trace_id", "4bf92f3577b34da6a3ce929d0e0e4736"}}},
                  {"status_code", 404}}}}}}}};
  }

  static Value ProblemSchema() {
    const Value text = {{"type", "string"}};
    const Value number = {{"type", "integer"}};
    const Value violation = {{"type", "object"}, {"properties", {{"field", text}, {"rule", text}}}};
    return {{"type", "object"},
            {"description", "An error: RFC 9457, with the reason as a code."},
            {"required", {"type", "title", "status", "detail", "error", "status_code"}},
            {"properties",
             {{"type", text},
              {"title", text},
              {"status", number},
              {"detail", text},
              {"instance", text},
              {"violations", {{"type", "array"}, {"items", violation}}},
              {"error",
               {{"type", "object"},
                {"required", {"code", "message", "trace_id"}},
                {"properties",
                 {{"code", text},
                  {"message", text},
                  {"details", {{"type", "object"}}},
                  {"trace_id", text}}}}},
              {"status_code", number}}}};
  }

  const transcode::RouteTable& routes_;
  const Comments& comments_;
  Schemas schemas_;
  std::map<std::string, std::vector<std::string>> names_by_shape_;
  std::map<const Route*, std::string> ids_;
};

}  // namespace

std::string OpenApiPath(const Route& route) { return PathWith(route, VariableNames(route)); }

std::string OpenApi(const transcode::RouteTable& routes, const Comments& comments) {
  return Document(routes, comments).Write();
}

}  // namespace selfology::api_gateway
