#include "services/platform/analytics/facts.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/text/text.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/json_util.h"
#include "selfology/mesh/v1/options.pb.h"

namespace selfology::analytics {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Names that tell one event from all others.
bool IsIdentity(std::string_view name) {
  if (name == "content_id") return false;
  for (const char* ending : {"_id", "_ids", "_key", "_hash", "_token", "reference", "order_by"}) {
    if (absl::EndsWith(name, ending)) return true;
  }
  return false;
}

bool IsShort(std::string_view value) {
  return !value.empty() && text::Characters(value) <= kMaxTextLength;
}

void AddField(const Message& event, const FieldDescriptor& field, Facts& facts) {
  const Reflection& reflection = *event.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM: {
      const std::string word =
          enums::ToLower(enums::Word(*field.enum_type(), reflection.GetEnumValue(event, &field)));
      if (!word.empty()) facts.dimensions[field.name()] = word;
      return;
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      facts.dimensions[field.name()] = reflection.GetBool(event, &field) ? "true" : "false";
      return;
    case FieldDescriptor::CPPTYPE_STRING: {
      if (field.type() == FieldDescriptor::TYPE_BYTES) return;
      const std::string value = reflection.GetString(event, &field);
      if (IsShort(value)) facts.dimensions[field.name()] = value;
      return;
    }
    case FieldDescriptor::CPPTYPE_INT32:
      facts.numbers[field.name()] = reflection.GetInt32(event, &field);
      return;
    case FieldDescriptor::CPPTYPE_INT64:
      facts.numbers[field.name()] = static_cast<double>(reflection.GetInt64(event, &field));
      return;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      facts.numbers[field.name()] = reflection.GetDouble(event, &field);
      return;
    case FieldDescriptor::CPPTYPE_FLOAT:
      facts.numbers[field.name()] = static_cast<double>(reflection.GetFloat(event, &field));
      return;
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      if (field.message_type()->full_name() != "google.protobuf.Duration") return;
      if (!reflection.HasField(event, &field)) return;
      const Message& duration = reflection.GetMessage(event, &field);
      const auto* const type = duration.GetDescriptor();
      facts.numbers[absl::StrCat(field.name(), "_seconds")] =
          static_cast<double>(
              duration.GetReflection()->GetInt64(duration, type->FindFieldByName("seconds"))) +
          duration.GetReflection()->GetInt32(duration, type->FindFieldByName("nanos")) / 1e9;
      return;
    }
    default:
      return;
  }
}

std::string Json(const google::protobuf::Struct& json) {
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(json, &text).ok()) return "{}";
  return text;
}

}  // namespace

bool IsWord(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    const auto letter = static_cast<unsigned char>(c);
    return absl::ascii_islower(letter) || absl::ascii_isdigit(letter) || c == '_' || c == '-' ||
           c == '.';
  });
}

Facts FactsOf(const Message& event) {
  Facts facts;
  const auto& type = *event.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.is_repeated() || field.options().GetExtension(mesh::v1::personal) ||
        IsIdentity(field.name())) {
      continue;
    }
    AddField(event, field, facts);
  }
  std::erase_if(facts.numbers, [](const auto& number) { return !std::isfinite(number.second); });
  return facts;
}

Facts FactsOf(const google::protobuf::Struct& properties, status::FieldViolations& bad) {
  Facts facts;
  if (properties.fields_size() > kMaxProperties) {
    bad.Add("properties", absl::StrCat("must be at most ", kMaxProperties));
    return facts;
  }
  for (const auto& [name, value] : properties.fields()) {
    if (!IsWord(name)) {
      bad.Add("properties",
              "must have names of 1 to 64 characters of a-z, 0-9, \"_\", \"-\", \".\"");
      continue;
    }
    switch (value.kind_case()) {
      case google::protobuf::Value::kBoolValue:
        facts.dimensions[name] = value.bool_value() ? "true" : "false";
        break;
      case google::protobuf::Value::kNumberValue:
        if (std::isfinite(value.number_value())) facts.numbers[name] = value.number_value();
        break;
      case google::protobuf::Value::kStringValue:
        if (IsShort(value.string_value())) {
          facts.dimensions[name] = value.string_value();
          break;
        }
        [[fallthrough]];
      default:
        bad.Add("properties", absl::StrCat("must be texts of 1 to ", kMaxTextLength,
                                           " characters, truth values or numbers"));
    }
  }
  return facts;
}

std::string DimensionsJson(const Facts& facts) {
  google::protobuf::Struct json;
  for (const auto& [name, value] : facts.dimensions) {
    (*json.mutable_fields())[name].set_string_value(value);
  }
  return Json(json);
}

std::string NumbersJson(const Facts& facts) {
  google::protobuf::Struct json;
  for (const auto& [name, value] : facts.numbers) {
    (*json.mutable_fields())[name].set_number_value(value);
  }
  return Json(json);
}

}  // namespace selfology::analytics
