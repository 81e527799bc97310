#include "common/transcode/field_path.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>

#include "absl/strings/charconv.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/json/json.h"
#include "common/json/value.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/utf8.h"
#include "nlohmann/json.hpp"

namespace selfology::transcode {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr std::string_view kTextMessages[] = {"Timestamp", "Duration", "FieldMask"};
constexpr std::string_view kWrappers[] = {"DoubleValue", "FloatValue",  "Int64Value",
                                          "UInt64Value", "Int32Value",  "UInt32Value",
                                          "BoolValue",   "StringValue", "BytesValue"};

template <size_t kCount>
bool IsOneOf(const Descriptor& type, const std::string_view (&names)[kCount]) {
  if (type.file()->package() != "google.protobuf") return false;
  for (const std::string_view name : names) {
    if (type.name() == name) return true;
  }
  return false;
}

template <typename Integer>
std::optional<Integer> ToInteger(std::string_view text) {
  Integer value = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped != end || text.empty()) return std::nullopt;
  return value;
}

std::optional<double> ToDouble(std::string_view text) {
  if (text == "NaN") return std::nan("");
  if (text == "Infinity") return HUGE_VAL;
  if (text == "-Infinity") return -HUGE_VAL;
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto result = absl::from_chars(text.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

// Sets or adds, whatever the field is.
class Setter {
 public:
  Setter(Message& message, const FieldDescriptor& field) : message_(message), field_(field) {}

#define SELFOLOGY_SETTER(Type, Name)                                         \
  absl::Status Put##Name(std::optional<Type> value, std::string_view rule) { \
    if (!value.has_value()) return Bad(rule);                                \
    const Reflection& reflection = *message_.GetReflection();                \
    field_.is_repeated() ? reflection.Add##Name(&message_, &field_, *value)  \
                         : reflection.Set##Name(&message_, &field_, *value); \
    return absl::OkStatus();                                                 \
  }
  SELFOLOGY_SETTER(int32_t, Int32)
  SELFOLOGY_SETTER(int64_t, Int64)
  SELFOLOGY_SETTER(uint32_t, UInt32)
  SELFOLOGY_SETTER(uint64_t, UInt64)
  SELFOLOGY_SETTER(double, Double)
  SELFOLOGY_SETTER(float, Float)
  SELFOLOGY_SETTER(bool, Bool)
  SELFOLOGY_SETTER(std::string, String)
#undef SELFOLOGY_SETTER

  absl::Status PutEnum(int number) {
    const Reflection& reflection = *message_.GetReflection();
    field_.is_repeated() ? reflection.AddEnumValue(&message_, &field_, number)
                         : reflection.SetEnumValue(&message_, &field_, number);
    return absl::OkStatus();
  }

  Message& Sub() {
    const Reflection& reflection = *message_.GetReflection();
    return field_.is_repeated() ? *reflection.AddMessage(&message_, &field_)
                                : *reflection.MutableMessage(&message_, &field_);
  }

  static absl::Status Bad(std::string_view rule) { return absl::InvalidArgumentError(rule); }

 private:
  Message& message_;
  const FieldDescriptor& field_;
};

absl::Status Set(const FieldDescriptor& field, std::string_view text, Message& message);

absl::Status SetEnum(const FieldDescriptor& field, std::string_view text, Setter& setter) {
  if (const auto number = ToInteger<int32_t>(text)) return setter.PutEnum(*number);
  const std::optional<int> known = json::EnumNumber(*field.enum_type(), text);
  if (!known.has_value()) return Setter::Bad("must be a value of its enum");
  return setter.PutEnum(*known);
}

absl::Status SetMessage(const FieldDescriptor& field, std::string_view text, Setter& setter) {
  const Descriptor& type = *field.message_type();
  if (IsOneOf(type, kWrappers)) return Set(*type.FindFieldByName("value"), text, setter.Sub());
  if (!TakesText(field)) return Setter::Bad("is a message, which has no place here");
  if (!IsUtf8(text) || !json::FromValue(nlohmann::json(text), setter.Sub()).ok()) {
    return Setter::Bad(absl::StrCat("must be a ", type.name()));
  }
  return absl::OkStatus();
}

absl::Status Set(const FieldDescriptor& field, std::string_view text, Message& message) {
  Setter setter(message, field);
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return setter.PutInt32(ToInteger<int32_t>(text), "must be a whole number of 32 bits");
    case FieldDescriptor::CPPTYPE_INT64:
      return setter.PutInt64(ToInteger<int64_t>(text), "must be a whole number of 64 bits");
    case FieldDescriptor::CPPTYPE_UINT32:
      return setter.PutUInt32(ToInteger<uint32_t>(text),
                              "must be a whole number of 32 bits, not below 0");
    case FieldDescriptor::CPPTYPE_UINT64:
      return setter.PutUInt64(ToInteger<uint64_t>(text),
                              "must be a whole number of 64 bits, not below 0");
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return setter.PutDouble(ToDouble(text), "must be a number");
    case FieldDescriptor::CPPTYPE_FLOAT: {
      const std::optional<double> value = ToDouble(text);
      std::optional<float> narrow;
      if (value.has_value()) narrow = static_cast<float>(*value);
      if (value.has_value() && std::isfinite(*value) && !std::isfinite(*narrow)) narrow.reset();
      return setter.PutFloat(narrow, "must be a number");
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      if (text != "true" && text != "false") return Setter::Bad("must be true or false");
      return setter.PutBool(text == "true", "");
    case FieldDescriptor::CPPTYPE_ENUM:
      return SetEnum(field, text, setter);
    case FieldDescriptor::CPPTYPE_STRING: {
      if (field.type() == FieldDescriptor::TYPE_STRING) {
        if (!IsUtf8(text)) return Setter::Bad("must be UTF-8 without NUL");
        return setter.PutString(std::string(text), "");
      }
      std::string bytes;
      if (!absl::Base64Unescape(text, &bytes) && !absl::WebSafeBase64Unescape(text, &bytes)) {
        return Setter::Bad("must be base64");
      }
      return setter.PutString(std::move(bytes), "");
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return SetMessage(field, text, setter);
  }
  return Setter::Bad("has no place here");
}

}  // namespace

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    if (text::TakeCharacter(text) == 0) return false;
  }
  return true;
}

std::string NameOf(const FieldPath& path) {
  return absl::StrJoin(path, ".", [](std::string* out, const FieldDescriptor* field) {
    absl::StrAppend(out, field->name());
  });
}

absl::StatusOr<FieldPath> FindField(const Descriptor& type, std::string_view name) {
  FieldPath path;
  const Descriptor* within = &type;
  for (const absl::string_view part :
       absl::StrSplit(absl::string_view(name.data(), name.size()), '.')) {
    const FieldDescriptor* field = nullptr;
    if (within != nullptr) field = json::FindField(*within, {part.data(), part.size()});
    if (field == nullptr) return status::InvalidField(name, "is no field of the request");
    if (!path.empty() && path.back()->is_repeated()) {
      return status::InvalidField(name, "is within a list");
    }
    path.push_back(field);
    within = field->message_type();
  }
  return path;
}

bool TakesText(const FieldDescriptor& field) {
  if (field.is_map()) return false;
  if (field.message_type() == nullptr) return true;
  return IsOneOf(*field.message_type(), kTextMessages) || IsOneOf(*field.message_type(), kWrappers);
}

bool IsInteger(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return true;
    default:
      return false;
  }
}

absl::Status SetFromText(const FieldPath& path, std::string_view text, Message& message) {
  Message* within = &message;
  for (const FieldDescriptor* field : path) {
    if (const auto* oneof = field->real_containing_oneof()) {
      const FieldDescriptor* const held =
          within->GetReflection()->GetOneofFieldDescriptor(*within, oneof);
      if (held != nullptr && held != field) {
        return status::InvalidField(NameOf(path),
                                    absl::StrCat("excludes ", held->name(), ", which is there"));
      }
    }
    if (field != path.back()) within = within->GetReflection()->MutableMessage(within, field);
  }
  const absl::Status set = Set(*path.back(), text, *within);
  return set.ok() ? set : status::InvalidField(NameOf(path), set.message());
}

}  // namespace selfology::transcode
