// The product's words for enum values: without the prefix that protobuf's style asks for, as in the
// product's documents, in tables and in JSON.
//
//   enums::Word(question::v1::DEPTH_LEVEL_CONSCIOUS)          // "CONSCIOUS"
//   enums::FromWord<question::v1::DepthLevel>("CONSCIOUS")    // DEPTH_LEVEL_CONSCIOUS
//   enums::FromWord<question::v1::DepthLevel>("conscious")    // the same
//   enums::LowerWord(session::v1::SESSION_STATUS_ACTIVE)      // "active"
//
// Read from descriptors: a value's name is written once, in the proto. The first value is
// X_UNSPECIFIED; its word is empty, as is that of a number without a name. A word that is not known
// becomes the first value. Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/generated_enum_reflection.h"

namespace selfology::enums {

std::string Word(const google::protobuf::EnumDescriptor& type, int number);
int FromWord(const google::protobuf::EnumDescriptor& type, std::string_view word);
std::string ToLower(std::string word);

template <typename Enum>
std::string Word(Enum value) {
  return Word(*google::protobuf::GetEnumDescriptor<Enum>(), value);
}

template <typename Enum>
std::string LowerWord(Enum value) {
  return ToLower(Word(value));
}

template <typename Enum>
Enum FromWord(std::string_view word) {
  return static_cast<Enum>(FromWord(*google::protobuf::GetEnumDescriptor<Enum>(), word));
}

// Whether a request's value is one that this program knows and that says something.
template <typename Enum>
bool IsNamed(Enum value) {
  return !Word(value).empty();
}

}  // namespace selfology::enums
