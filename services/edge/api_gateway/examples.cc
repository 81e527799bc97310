#include "services/edge/api_gateway/examples.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace selfology::api_gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using transcode::JsonStyle;
using Value = nlohmann::ordered_json;

Value Word(const EnumDescriptor& type, const JsonStyle& style, Value example) {
  if (!example.is_string()) return example;
  const std::string& given = example.get_ref<const std::string&>();
  for (int i = 0; i < type.value_count(); ++i) {
    const auto& value = *type.value(i);
    const std::string word = transcode::ShortWord(value);
    if (given == value.name() || absl::EqualsIgnoreCase(given, word)) {
      return style.short_enums ? word : value.name();
    }
  }
  return example;
}

Value Long(const JsonStyle& style, Value example) {
  if (!style.integers_as_numbers && example.is_number_integer()) {
    return absl::StrCat(example.get<int64_t>());
  }
  int64_t number = 0;
  if (style.integers_as_numbers && example.is_string() &&
      absl::SimpleAtoi(example.get_ref<const std::string&>(), &number)) {
    return number;
  }
  return example;
}

Value One(const FieldDescriptor& field, const JsonStyle& style, Value example) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM:
      return Word(*field.enum_type(), style, std::move(example));
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT64:
      return Long(style, std::move(example));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return AsDocumented(*field.message_type(), style, std::move(example));
    default:
      return example;
  }
}

}  // namespace

Value AsDocumented(const Descriptor& type, const JsonStyle& style, Value example) {
  // Google's messages have forms of their own.
  if (!example.is_object() || type.file()->package() == "google.protobuf") return example;
  for (auto& [name, value] : example.items()) {
    const FieldDescriptor* field = type.FindFieldByName(name);
    if (field == nullptr) field = type.FindFieldByCamelcaseName(name);
    if (field == nullptr) continue;
    if (field->is_map()) {
      const FieldDescriptor& entry = *field->message_type()->map_value();
      for (Value& one : value) one = One(entry, style, std::move(one));
    } else if (field->is_repeated()) {
      for (Value& one : value) one = One(*field, style, std::move(one));
    } else {
      value = One(*field, style, std::move(value));
    }
  }
  return example;
}

}  // namespace selfology::api_gateway
