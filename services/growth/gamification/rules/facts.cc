#include "services/growth/gamification/rules/facts.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/events/catalogue.h"
#include "common/text/utf8.h"
#include "google/protobuf/timestamp.pb.h"
#include "selfology/events/v1/options.pb.h"
#include "selfology/mesh/v1/options.pb.h"

namespace selfology::gamification {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr size_t kMaxFields = 64;
constexpr int kMaxCharacters = 128;
constexpr int kMaxDepth = 3;

std::string Text(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(message, &field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(reflection.GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(reflection.GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(reflection.GetUInt32(message, &field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(reflection.GetUInt64(message, &field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrCat(reflection.GetDouble(message, &field));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return absl::StrCat(reflection.GetFloat(message, &field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return enums::ToLower(
          enums::Word(*field.enum_type(), reflection.GetEnumValue(message, &field)));
    default:
      return reflection.GetString(message, &field);
  }
}

void Collect(const Message& message, const std::string& path, int depth, Fields& fields) {
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    if (field.options().GetExtension(mesh::v1::personal)) continue;
    if (fields.size() >= kMaxFields) return;
    const std::string name = absl::StrCat(path, field.name());
    const Reflection& reflection = *message.GetReflection();
    if (field.is_repeated()) {
      fields[absl::StrCat(name, ".count")] = absl::StrCat(reflection.FieldSize(message, &field));
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      if (!reflection.HasField(message, &field)) continue;
      const Message& inner = reflection.GetMessage(message, &field);
      if (inner.GetDescriptor() == google::protobuf::Timestamp::descriptor()) {
        const FieldDescriptor& seconds = *inner.GetDescriptor()->FindFieldByName("seconds");
        fields[name] = absl::StrCat(inner.GetReflection()->GetInt64(inner, &seconds));
      } else if (depth < kMaxDepth) {
        Collect(inner, absl::StrCat(name, "."), depth + 1, fields);
      }
    } else if (field.type() != FieldDescriptor::TYPE_BYTES && name != "user_id") {
      if (field.has_presence() && !reflection.HasField(message, &field)) continue;
      std::string text = Text(message, field);
      if (text.empty()) continue;
      fields[name] = std::string(text::Prefix(text, kMaxCharacters));
    }
  }
}

}  // namespace

Fields FieldsOf(const Message& event) {
  Fields fields;
  Collect(event, "", 1, fields);
  return fields;
}

bool MayCount(std::string_view event_type) {
  const auto& catalogue = events::Catalogue();
  const auto found = catalogue.find(event_type);
  if (found == catalogue.end() || event_type == "currency.moved" ||
      event_type == "rating.changed") {
    return false;
  }
  if (found->second->FindFieldByName("user_id") == nullptr) return false;
  const auto& option = found->second->options().GetExtension(events::v1::event);
  return std::find(option.audience().begin(), option.audience().end(),
                   events::v1::AUDIENCE_ANALYTICS) != option.audience().end();
}

}  // namespace selfology::gamification
