#include "services/edge/api_gateway/schemas.h"

#include "absl/strings/str_cat.h"

namespace selfology::api_gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using transcode::JsonStyle;
using Value = Schemas::Value;

Value OfLong(bool is_signed, const JsonStyle& style) {
  if (style.integers_as_numbers) {
    return {{"type", "integer"},
            {"format", is_signed ? "int64" : "uint64"},
            {"minimum", is_signed ? -transcode::kMaxExactInteger : 0},
            {"maximum", transcode::kMaxExactInteger}};
  }
  // At most so many digits that it fits.
  return {{"type", "string"},
          {"format", is_signed ? "int64" : "uint64"},
          {"pattern", is_signed ? "^-?[0-9]{1,18}$" : "^[0-9]{1,18}$"}};
}

// google.protobuf's own forms; null for other messages.
Value OfGoogles(const Descriptor& type, const JsonStyle& style) {
  if (type.file()->package() != "google.protobuf") return nullptr;
  const std::string& name = type.name();
  if (name == "Timestamp") return {{"type", "string"}, {"format", "date-time"}};
  if (name == "Duration") {
    return {{"type", "string"}, {"pattern", "^-?[0-9]{1,11}(\\.[0-9]{1,9})?s$"}};
  }
  if (name == "FieldMask") return {{"type", "string"}};
  if (name == "Struct" || name == "Any" || name == "Empty") return {{"type", "object"}};
  if (name == "Value") return Value::object();
  if (name == "ListValue") return {{"type", "array"}, {"items", Value::object()}};
  if (name == "Int64Value") return OfLong(true, style);
  if (name == "UInt64Value") return OfLong(false, style);
  if (name == "Int32Value" || name == "UInt32Value") return {{"type", "integer"}};
  if (name == "DoubleValue" || name == "FloatValue") return {{"type", "number"}};
  if (name == "BoolValue") return {{"type", "boolean"}};
  if (name == "BytesValue") return {{"type", "string"}, {"contentEncoding", "base64"}};
  return {{"type", "string"}};
}

std::string NameOf(const Descriptor& type, const JsonStyle& style) {
  return absl::StrCat(type.full_name(), style.integers_as_numbers ? ".numbers" : "",
                      style.short_enums ? ".words" : "");
}

}  // namespace

Value Schemas::OfEnum(const EnumDescriptor& type, const JsonStyle& style) {
  if (type.full_name() == "google.protobuf.NullValue") return {{"type", "null"}};
  Value words = Value::array();
  for (int i = 0; i < type.value_count(); ++i) {
    words.push_back(style.short_enums ? transcode::ShortWord(*type.value(i))
                                      : type.value(i)->name());
  }
  return {{"type", "string"}, {"enum", words}};
}

Value Schemas::OfValue(const FieldDescriptor& field, const JsonStyle& style) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return {{"type", "integer"}, {"format", "int32"}};
    case FieldDescriptor::CPPTYPE_UINT32:
      return {{"type", "integer"}, {"minimum", 0}, {"maximum", 4294967295}};
    case FieldDescriptor::CPPTYPE_INT64:
      return OfLong(true, style);
    case FieldDescriptor::CPPTYPE_UINT64:
      return OfLong(false, style);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return {{"type", "number"}, {"format", "double"}};
    case FieldDescriptor::CPPTYPE_FLOAT:
      return {{"type", "number"}, {"format", "float"}};
    case FieldDescriptor::CPPTYPE_BOOL:
      return {{"type", "boolean"}};
    case FieldDescriptor::CPPTYPE_ENUM:
      return OfEnum(*field.enum_type(), style);
    case FieldDescriptor::CPPTYPE_STRING:
      if (field.type() == FieldDescriptor::TYPE_STRING) return {{"type", "string"}};
      return {{"type", "string"}, {"contentEncoding", "base64"}};
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Of(*field.message_type(), style);
  }
  return Value::object();
}

Value Schemas::OfField(const FieldDescriptor& field, const JsonStyle& style) {
  Value schema;
  if (field.is_map()) {
    schema = {{"type", "object"},
              {"additionalProperties", OfValue(*field.message_type()->map_value(), style)}};
  } else if (field.is_repeated()) {
    schema = {{"type", "array"}, {"items", OfValue(field, style)}};
  } else {
    schema = OfValue(field, style);
  }
  if (const std::string comment = comments_.Of(field); !comment.empty()) {
    schema["description"] = comment;
  }
  return schema;
}

Value Schemas::OfText(const FieldDescriptor& field) const {
  Schemas plain(comments_);
  // A text says nothing of its type: numbers are numbers.
  Value schema = plain.OfValue(field, {.integers_as_numbers = true});
  return field.is_repeated() ? Value{{"type", "array"}, {"items", schema}} : schema;
}

Value Schemas::Of(const Descriptor& message, const JsonStyle& style) {
  if (Value schema = OfGoogles(message, style); !schema.is_null()) return schema;
  const std::string name = NameOf(message, style);
  Value reference = {{"$ref", absl::StrCat("#/components/schemas/", name)}};
  if (components_.contains(name)) return reference;
  // Before its fields: they may contain it.
  components_[name] = Value::object();
  Value properties = Value::object();
  for (int i = 0; i < message.field_count(); ++i) {
    properties[message.field(i)->name()] = OfField(*message.field(i), style);
  }
  Value schema = {{"type", "object"}, {"properties", properties}};
  if (const std::string comment = comments_.Of(message); !comment.empty()) {
    schema["description"] = comment;
  }
  components_[name] = std::move(schema);
  return reference;
}

}  // namespace selfology::api_gateway
