#include "common/events/event_type.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.pb.h"
#include "selfology/events/v1/options.pb.h"

namespace selfology::events {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kPerson[] = "user_id";

const FieldDescriptor* Int64Field(const Descriptor& descriptor, const std::string& name) {
  const FieldDescriptor* const field = descriptor.FindFieldByName(name);
  return field != nullptr && !field->is_repeated() && field->type() == FieldDescriptor::TYPE_INT64
             ? field
             : nullptr;
}

}  // namespace

const std::string& TypeOf(const Descriptor& descriptor) {
  return descriptor.options().GetExtension(v1::event).type();
}

KeyReader::KeyReader(const Descriptor& descriptor)
    : field_(descriptor.options().GetExtension(v1::event).ordering_key()),
      user_(Int64Field(descriptor, kPerson)) {
  if (field_.empty()) field_ = kPerson;
  key_ = Int64Field(descriptor, field_);
  if (key_ != nullptr) return;
  const FieldDescriptor* const text = descriptor.FindFieldByName(field_);
  if (text != nullptr && !text->is_repeated() && text->type() == FieldDescriptor::TYPE_STRING) {
    key_ = text;
  }
}

EventKey KeyReader::Read(const Message& event) const {
  if (!valid()) return {};
  const google::protobuf::Reflection& reflection = *event.GetReflection();
  const int64_t person = user_ == nullptr ? 0 : reflection.GetInt64(event, user_);
  if (key_ == user_) return {.partition_key = person};
  std::string value;
  if (key_->type() == FieldDescriptor::TYPE_STRING) {
    value = reflection.GetString(event, key_);
  } else if (const int64_t number = reflection.GetInt64(event, key_); number != 0) {
    value = absl::StrCat(number);
  }
  if (value.empty()) return {};
  return {.partition_key = HashedKey(field_, value), .subject = person};
}

EventKey KeyOf(const Message& event) { return KeyReader(*event.GetDescriptor()).Read(event); }

int64_t HashedKey(std::string_view field, std::string_view value) {
  uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&hash](std::string_view text) {
    for (const char c : text) {
      hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
    }
  };
  add(field);
  add(":");
  add(value);
  return -1 - static_cast<int64_t>(hash >> 1);
}

}  // namespace selfology::events
