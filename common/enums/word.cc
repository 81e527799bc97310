#include "common/enums/word.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace selfology::enums {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;

// "DEPTH_LEVEL_", out of "DEPTH_LEVEL_UNSPECIFIED".
std::string_view Prefix(const EnumDescriptor& type) {
  return absl::StripSuffix(type.value(0)->name(), "UNSPECIFIED");
}

}  // namespace

std::string Word(const EnumDescriptor& type, int number) {
  const EnumValueDescriptor* value = type.FindValueByNumber(number);
  if (value == nullptr || value->index() == 0) return "";
  return std::string(absl::StripPrefix(value->name(), Prefix(type)));
}

int FromWord(const EnumDescriptor& type, std::string_view word) {
  const EnumValueDescriptor* value =
      type.FindValueByName(absl::StrCat(Prefix(type), absl::AsciiStrToUpper(word)));
  return value == nullptr ? type.value(0)->number() : value->number();
}

std::string ToLower(std::string word) {
  absl::AsciiStrToLower(&word);
  return word;
}

}  // namespace selfology::enums
