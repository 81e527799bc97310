#include "common/json/json.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/json/value.h"
#include "common/status/status_macros.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/json_util.h"
#include "nlohmann/json.hpp"

namespace selfology::json {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using Value = nlohmann::json;

// Protobuf's own limit; printing recurses.
constexpr int kMaxDepth = 100;

// "SESSION_STATUS_" for the enum SessionStatus: what its zero value's name has before UNSPECIFIED.
std::string Prefix(const EnumDescriptor& type) {
  constexpr std::string_view kZero = "UNSPECIFIED";
  const std::string& zero = type.value(0)->name();
  if (!zero.ends_with(kZero)) return "";
  return zero.substr(0, zero.size() - kZero.size());
}

void ExpandMessage(const Descriptor& type, Value& value);

const EnumValueDescriptor* ValueOf(const EnumDescriptor& type, std::string_view word) {
  const EnumValueDescriptor* const value = type.FindValueByName(std::string(word));
  if (value != nullptr) return value;
  return type.FindValueByName(absl::StrCat(Prefix(type), absl::AsciiStrToUpper(word)));
}

void ExpandEnum(const EnumDescriptor& type, Value& value) {
  if (!value.is_string()) return;
  const EnumValueDescriptor* const known = ValueOf(type, value.get_ref<const std::string&>());
  if (known != nullptr) value = known->name();
}

void ExpandValue(const FieldDescriptor& field, Value& value) {
  if (field.type() == FieldDescriptor::TYPE_ENUM) ExpandEnum(*field.enum_type(), value);
  if (field.type() == FieldDescriptor::TYPE_MESSAGE) ExpandMessage(*field.message_type(), value);
}

void ExpandField(const FieldDescriptor& field, Value& value) {
  if (field.is_map()) {
    if (!value.is_object()) return;
    for (Value& entry : value) ExpandValue(*field.message_type()->map_value(), entry);
  } else if (field.is_repeated()) {
    if (!value.is_array()) return;
    for (Value& element : value) ExpandValue(field, element);
  } else {
    ExpandValue(field, value);
  }
}

void ExpandMessage(const Descriptor& type, Value& value) {
  // The well-known types have JSON forms of their own.
  if (!value.is_object() || type.file()->package() == "google.protobuf") return;
  for (auto entry = value.begin(); entry != value.end(); ++entry) {
    const FieldDescriptor* const field = FindField(type, entry.key());
    if (field != nullptr) ExpandField(*field, entry.value());
  }
}

}  // namespace

const FieldDescriptor* FindField(const Descriptor& type, std::string_view name) {
  const FieldDescriptor* const field = type.FindFieldByName(std::string(name));
  return field != nullptr ? field : type.FindFieldByCamelcaseName(std::string(name));
}

std::optional<int> EnumNumber(const EnumDescriptor& type, std::string_view word) {
  const EnumValueDescriptor* const value = ValueOf(type, word);
  if (value == nullptr) return std::nullopt;
  return value->number();
}

absl::StatusOr<Value> ParseValue(std::string_view text) {
  bool too_deep = false;
  const auto watch_depth = [&too_deep](int depth, Value::parse_event_t, Value&) {
    too_deep |= depth > kMaxDepth;
    return !too_deep;
  };
  Value value = Value::parse(text, watch_depth, /*allow_exceptions=*/false);
  if (too_deep) return absl::InvalidArgumentError("JSON nested too deep");
  if (value.is_discarded()) return absl::InvalidArgumentError("not JSON");
  return value;
}

absl::Status FromValue(Value value, google::protobuf::Message& message,
                       const ParseOptions& options) {
  ExpandMessage(*message.GetDescriptor(), value);
  google::protobuf::util::JsonParseOptions parse;
  parse.ignore_unknown_fields = options.ignore_unknown_fields;
  const auto parsed = google::protobuf::util::JsonStringToMessage(value.dump(), &message, parse);
  if (parsed.ok()) return absl::OkStatus();
  // The library quotes the offending value after the field's path; the path is all a log may have.
  const std::string text_of_error(parsed.message());
  return absl::InvalidArgumentError(
      absl::StrCat("not a JSON ", message.GetDescriptor()->full_name(), ": ",
                   text_of_error.substr(0, text_of_error.find(": "))));
}

absl::Status Parse(std::string_view text, google::protobuf::Message& message,
                   const ParseOptions& options) {
  ASSIGN_OR_RETURN(Value value, ParseValue(text));
  return FromValue(std::move(value), message, options);
}

absl::StatusOr<std::string> Print(const google::protobuf::Message& message,
                                  const PrintOptions& options) {
  google::protobuf::util::JsonPrintOptions print;
  print.add_whitespace = options.indent;
  print.always_print_primitive_fields = options.defaults;
  print.preserve_proto_field_names = true;
  std::string text;
  const auto printed = google::protobuf::util::MessageToJsonString(message, &text, print);
  if (!printed.ok()) return absl::InternalError(std::string(printed.message()));
  return text;
}

}  // namespace selfology::json
