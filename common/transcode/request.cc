#include "common/transcode/request.h"

#include <set>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/json/value.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/utf8.h"
#include "common/transcode/answer.h"
#include "common/transcode/exact_integers.h"
#include "common/transcode/field_path.h"
#include "google/api/httpbody.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "nlohmann/json.hpp"
#include "selfology/mesh/v1/options.pb.h"

namespace selfology::transcode {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using google::protobuf::Message;

constexpr std::string_view kForm = "application/x-www-form-urlencoded";

enum class BodyKind { kJson, kForm, kOther };

BodyKind KindOf(std::string_view content_type, std::string_view body) {
  const std::string type = absl::AsciiStrToLower(absl::StripAsciiWhitespace(absl::string_view(
      content_type.data(), std::min(content_type.find(';'), content_type.size()))));
  if (type.empty() || type == "application/json" || absl::EndsWith(type, "+json")) {
    return BodyKind::kJson;
  }
  if (type != kForm) return BodyKind::kOther;
  // What curl's -d sends unless told otherwise; no field's name begins like this.
  return absl::StartsWith(absl::StripLeadingAsciiWhitespace({body.data(), body.size()}), "{")
             ? BodyKind::kJson
             : BodyKind::kForm;
}

bool IsHttpBody(const Descriptor& type) {
  return type.full_name() == google::api::HttpBody::descriptor()->full_name();
}

// The first name, with its path, that the message has no field for; empty: there is none.
std::string UnknownName(const Descriptor& type, const nlohmann::json& value,
                        const std::string& prefix) {
  if (!value.is_object() || type.file()->package() == "google.protobuf") return "";
  for (const auto& [key, entry] : value.items()) {
    const std::string path = prefix.empty() ? key : absl::StrCat(prefix, ".", key);
    const FieldDescriptor* const field = json::FindField(type, key);
    if (field == nullptr) return path;
    if (field->message_type() == nullptr || field->is_map()) continue;
    const bool is_list = field->is_repeated() && entry.is_array();
    for (size_t i = 0; i < (is_list ? entry.size() : 1); ++i) {
      const std::string unknown =
          is_list ? UnknownName(*field->message_type(), entry[i], absl::StrCat(path, "[", i, "]"))
                  : UnknownName(*field->message_type(), entry, path);
      if (!unknown.empty()) return unknown;
    }
  }
  return "";
}

// Which field the JSON library complained about: it begins with "(path)". `unknown`: see UnknownName.
absl::Status JsonError(const absl::Status& status, const FieldDescriptor* body,
                       const std::string& unknown) {
  if (!unknown.empty()) return status::InvalidField(unknown, "is no field of the request");
  const std::string prefix = body == nullptr ? "" : body->name();
  std::string message(status.message());
  const size_t open = message.find('(');
  const size_t close = message.find(')', open);
  std::string field;
  if (open != std::string::npos && close != std::string::npos) {
    field = message.substr(open + 1, close - open - 1);
  }
  if (field.empty())
    return status::InvalidField(prefix.empty() ? "body" : prefix, "must be the JSON of its type");
  return status::InvalidField(field, "is unknown, or not the JSON of its type");
}

absl::Status FillFromParameters(const http::Parameters& parameters, const Descriptor& type,
                                const std::string& prefix, const std::set<std::string>& taken,
                                bool passes_over_unknown, Message& request) {
  std::set<std::string> seen;
  for (const auto& [name, text] : parameters) {
    const absl::StatusOr<FieldPath> found = FindField(type, absl::StrCat(prefix, name));
    if (!found.ok() && passes_over_unknown) continue;
    ASSIGN_OR_RETURN(const FieldPath path, found);
    const std::string full = NameOf(path);
    for (const std::string& other : taken) {
      if (full == other || absl::StartsWith(full, absl::StrCat(other, "."))) {
        return status::InvalidField(full, "has its place in the path or the body");
      }
    }
    if (!path.back()->is_repeated() && !seen.insert(full).second) {
      return status::InvalidField(full, "must not be there twice");
    }
    RETURN_IF_ERROR(SetFromText(path, text, request));
  }
  return absl::OkStatus();
}

// The names in the JSON of a message, down to what is no message with fields of its own.
void AppendMask(const Descriptor& type, const nlohmann::json& value, const std::string& prefix,
                FieldMask& mask) {
  for (const auto& [key, entry] : value.items()) {
    const FieldDescriptor* const field = json::FindField(type, key);
    if (field == nullptr) continue;
    const std::string path = absl::StrCat(prefix, field->name());
    const bool has_fields = field->message_type() != nullptr && !field->is_repeated() &&
                            field->message_type()->file()->package() != "google.protobuf";
    if (has_fields && entry.is_object() && !entry.empty()) {
      AppendMask(*field->message_type(), entry, absl::StrCat(path, "."), mask);
    } else {
      mask.add_paths(path);
    }
  }
}

// The only FieldMask of the request itself; null: there is none.
const FieldDescriptor* MaskField(const Descriptor& type) {
  const FieldDescriptor* mask = nullptr;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* const field = type.field(i);
    if (field->is_repeated() || field->message_type() != FieldMask::descriptor()) continue;
    if (mask != nullptr) return nullptr;
    mask = field;
  }
  return mask;
}

// Null for what is no single text.
const FieldDescriptor* TextField(const Descriptor& type, const std::string& name) {
  const FieldDescriptor* const field = type.FindFieldByName(name);
  if (field == nullptr || field->is_repeated()) return nullptr;
  return field->type() == FieldDescriptor::TYPE_STRING ? field : nullptr;
}

class Filler {
 public:
  Filler(const Route& route, const HttpInput& input, const JsonStyle& style, Message& request)
      : route_(route), input_(input), style_(style), request_(request) {}

  absl::Status Fill() {
    RETURN_IF_ERROR(FillBody());
    for (const RouteTable::Variable& variable : input_.variables) {
      RETURN_IF_ERROR(FillVariable(variable));
    }
    RETURN_IF_ERROR(FillQuery());
    FillMask();
    FillFromConnection(request_, 1);
    RETURN_IF_ERROR(FillClientSecret());
    return FillIdempotencyKey();
  }

 private:
  absl::Status FillBody() {
    if (!route_.has_body) {
      if (input_.body.empty()) return absl::OkStatus();
      return status::InvalidField("body", "must be empty: this method takes none");
    }
    const Descriptor& type = *request_.GetDescriptor();
    const Descriptor* const body_type =
        route_.body == nullptr ? &type : route_.body->message_type();
    if (body_type != nullptr && IsHttpBody(*body_type)) {
      Message& raw = route_.body == nullptr
                         ? request_
                         : *request_.GetReflection()->MutableMessage(&request_, route_.body);
      return FillHttpBody(raw);
    }
    if (absl::StripAsciiWhitespace({input_.body.data(), input_.body.size()}).empty()) {
      return absl::OkStatus();
    }
    switch (KindOf(input_.content_type, input_.body)) {
      case BodyKind::kJson:
        return FillJson();
      case BodyKind::kForm:
        return FillForm();
      case BodyKind::kOther:
        break;
    }
    return status::Error(absl::StatusCode::kInvalidArgument, kUnsupportedMediaType,
                         "a body is application/json or application/x-www-form-urlencoded");
  }

  absl::Status FillHttpBody(Message& raw) const {
    google::api::HttpBody body;
    body.set_content_type(std::string(input_.content_type));
    body.set_data(std::string(input_.body));
    // Perhaps of another factory, hence by way of the bytes.
    if (!raw.ParseFromString(body.SerializeAsString())) return absl::InternalError("HttpBody");
    return absl::OkStatus();
  }

  absl::Status FillForm() {
    const auto form =
        http::ParseForm(absl::StripAsciiWhitespace({input_.body.data(), input_.body.size()}));
    if (!form.ok()) return status::InvalidField("body", "must be a well-formed form");
    const std::string prefix = route_.body == nullptr ? "" : absl::StrCat(route_.body->name(), ".");
    return FillFromParameters(*form, *request_.GetDescriptor(), prefix, PathFields(),
                              passes_over_unknown_, request_);
  }

  absl::Status FillJson() {
    auto value = json::ParseValue(input_.body);
    if (!value.ok()) return status::InvalidField("body", value.status().message());
    body_ = *value;
    if (route_.body == nullptr && !value->is_object()) {
      return status::InvalidField("body", "must be a JSON object");
    }
    nlohmann::json whole = route_.body == nullptr
                               ? *std::move(value)
                               : nlohmann::json::object({{route_.body->name(), *std::move(value)}});
    const absl::Status parsed = json::FromValue(std::move(whole), request_,
                                                {.ignore_unknown_fields = passes_over_unknown_});
    if (!parsed.ok()) return JsonError(parsed, route_.body, UnknownInBody());
    // Such a value would be refused on its way back.
    if (style_.integers_as_numbers) return CheckExactIntegers(request_);
    return absl::OkStatus();
  }

  std::string UnknownInBody() const {
    if (passes_over_unknown_) return "";
    if (route_.body == nullptr) return UnknownName(*request_.GetDescriptor(), body_, "");
    const Descriptor* const type =
        route_.body->is_repeated() ? nullptr : route_.body->message_type();
    return type == nullptr ? "" : UnknownName(*type, body_, route_.body->name());
  }

  absl::Status FillVariable(const RouteTable::Variable& variable) {
    // The path says whom it is about, whatever a body says.
    Message* within = &request_;
    for (const FieldDescriptor* field : *variable.field) {
      if (field == variable.field->back()) {
        within->GetReflection()->ClearField(within, field);
      } else {
        within = within->GetReflection()->MutableMessage(within, field);
      }
    }
    return SetFromText(*variable.field, variable.text, request_);
  }

  absl::Status FillQuery() {
    std::set<std::string> taken = PathFields();
    if (route_.has_body && route_.body == nullptr && !input_.query.empty()) {
      if (passes_over_unknown_) return absl::OkStatus();
      return status::InvalidField(input_.query.front().first, "has its place in the body");
    }
    if (route_.body != nullptr) taken.insert(route_.body->name());
    return FillFromParameters(input_.query, *request_.GetDescriptor(), "", taken,
                              passes_over_unknown_, request_);
  }

  void FillMask() {
    if (route_.verb != "PATCH" || route_.body == nullptr || !body_.is_object()) return;
    if (route_.body->message_type() == nullptr) return;
    const FieldDescriptor* const field = MaskField(*request_.GetDescriptor());
    if (field == nullptr) return;
    FieldMask mask;
    Message& held = *request_.GetReflection()->MutableMessage(&request_, field);
    if (!mask.ParseFromString(held.SerializeAsString()) || mask.paths_size() > 0) return;
    FieldMask named;
    AppendMask(*route_.body->message_type(), body_, "", named);
    // What the path says is no change.
    const std::set<std::string> in_path = PathFields();
    for (const std::string& path : named.paths()) {
      if (!in_path.contains(absl::StrCat(route_.body->name(), ".", path))) mask.add_paths(path);
    }
    held.ParseFromString(mask.SerializeAsString());
  }

  // In the message, and in those that it holds, `deeper` levels down.
  void FillFromConnection(Message& message, int deeper) const {
    const Descriptor& type = *message.GetDescriptor();
    const auto& reflection = *message.GetReflection();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (field.is_repeated()) continue;
      if (deeper > 0 && field.message_type() != nullptr && IsFilled(*field.message_type())) {
        FillFromConnection(*reflection.MutableMessage(&message, &field), deeper - 1);
      }
      const mesh::v1::HttpSource source = field.options().GetExtension(mesh::v1::filled_from);
      if (source == mesh::v1::HTTP_SOURCE_UNSPECIFIED || TextField(type, field.name()) == nullptr) {
        continue;
      }
      constexpr int kMaxAgent = 256;
      const std::string_view text = source == mesh::v1::HTTP_SOURCE_ADDRESS
                                        ? input_.client_address
                                        : text::Prefix(input_.user_agent, kMaxAgent);
      // Headers hold any bytes.
      reflection.SetString(&message, &field,
                           transcode::IsUtf8(text) ? std::string(text) : std::string());
    }
  }
  static bool IsFilled(const Descriptor& type) {
    for (int i = 0; i < type.field_count(); ++i) {
      if (type.field(i)->options().HasExtension(mesh::v1::filled_from)) return true;
    }
    return false;
  }

  absl::Status FillClientSecret() {
    const Descriptor& type = *request_.GetDescriptor();
    constexpr std::string_view kScheme = "basic ";
    const absl::string_view given(input_.authorization.data(), input_.authorization.size());
    if (!TakesClientSecret(type) ||
        !absl::StartsWithIgnoreCase(given, absl::string_view(kScheme.data(), kScheme.size()))) {
      return absl::OkStatus();
    }
    std::string pair;
    const bool is_base64 =
        absl::Base64Unescape(absl::StripAsciiWhitespace(given.substr(kScheme.size())), &pair);
    const size_t colon = pair.find(':');
    const auto malformed = [] {
      return status::InvalidField(kAuthorizationField,
                                  "must be Basic with a client's id and secret");
    };
    if (!is_base64 || colon == std::string::npos) return malformed();
    // Both are written as in a form.
    const auto form = http::ParseForm(absl::StrCat("client_id=", pair.substr(0, colon),
                                                   "&client_secret=", pair.substr(colon + 1)));
    if (!form.ok() || form->size() != 2) return malformed();
    for (const auto& [name, text] : *form) {
      const FieldDescriptor* const field = type.FindFieldByName(name);
      const std::string held = request_.GetReflection()->GetString(request_, field);
      if (!held.empty() && held != text) {
        return status::InvalidField(name, "must be that of the header Authorization");
      }
      RETURN_IF_ERROR(SetFromText({field}, text, request_));
    }
    return absl::OkStatus();
  }

  absl::Status FillIdempotencyKey() {
    if (input_.idempotency_key.empty()) return absl::OkStatus();
    const FieldDescriptor* const field = IdempotencyField(*request_.GetDescriptor());
    if (field == nullptr) return absl::OkStatus();
    const std::string held = request_.GetReflection()->GetString(request_, field);
    if (!held.empty() && held != input_.idempotency_key) {
      return status::InvalidField(field->name(), "must be that of the header Idempotency-Key");
    }
    return SetFromText({field}, input_.idempotency_key, request_);
  }

  std::set<std::string> PathFields() const {
    std::set<std::string> names;
    for (const FieldPath& variable : route_.variables) names.insert(NameOf(variable));
    return names;
  }

  const Route& route_;
  const HttpInput& input_;
  const JsonStyle style_;
  Message& request_;
  const bool passes_over_unknown_ = IsRaw(route_);
  nlohmann::json body_;  // As it came, if it was JSON.
};

}  // namespace

std::unique_ptr<Message> NewMessage(const Descriptor& type) {
  const Message* const prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type);
  return std::unique_ptr<Message>(prototype->New());
}

absl::Status FillRequest(const Route& route, const HttpInput& input, const JsonStyle& style,
                         Message& request) {
  return Filler(route, input, style, request).Fill();
}

bool TakesClientSecret(const Descriptor& request) {
  return TextField(request, "client_id") != nullptr &&
         TextField(request, "client_secret") != nullptr;
}

const FieldDescriptor* IdempotencyField(const Descriptor& request) {
  return TextField(request, "idempotency_key");
}

}  // namespace selfology::transcode
