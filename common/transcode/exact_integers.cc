#include "common/transcode/exact_integers.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/transcode/json_writer.h"
#include "google/protobuf/descriptor.h"

namespace selfology::transcode {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool IsExact(const Message& message, const FieldDescriptor& field, int index) {
  const Reflection& reflection = *message.GetReflection();
  const bool one = !field.is_repeated();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
    const int64_t value = one ? reflection.GetInt64(message, &field)
                              : reflection.GetRepeatedInt64(message, &field, index);
    return value >= -kMaxExactInteger && value <= kMaxExactInteger;
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64) {
    const uint64_t value = one ? reflection.GetUInt64(message, &field)
                               : reflection.GetRepeatedUInt64(message, &field, index);
    return value <= static_cast<uint64_t>(kMaxExactInteger);
  }
  return true;
}

absl::Status Check(const Message& message, const std::string& prefix) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const std::string name = absl::StrCat(prefix, field->name());
    const int size = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      if (field->message_type() == nullptr) {
        if (IsExact(message, *field, i)) continue;
        return status::InvalidField(name, "must be from -2^53 to 2^53");
      }
      RETURN_IF_ERROR(Check(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                                 : reflection.GetMessage(message, field),
                            absl::StrCat(name, ".")));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckExactIntegers(const Message& message) { return Check(message, ""); }

}  // namespace selfology::transcode
