// Whatever is taken for a tag is one: short, harmless inside of a prompt, the same when read again.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/ascii.h"
#include "common/language/language.h"
#include "common/language/tag.h"
#include "testing/fuzz.h"

namespace selfology::language {
namespace {

void Check(std::string_view text) {
  const std::optional<Tag> tag = Tag::Parse(text);
  if (!tag.has_value()) {
    MUST(!Spoken(text).has_value());
    return;
  }
  MUST(tag->text().size() == text.size() && text.size() <= kLongestTag);
  for (const char c : tag->text()) {
    MUST(c == '-' || absl::ascii_isalnum(static_cast<unsigned char>(c)));
  }
  MUST(Tag::Parse(tag->text()) == tag);
  MUST(Tag::Parse(absl::AsciiStrToUpper(text)) == tag);
  for (const std::string& fallback : tag->Fallbacks()) {
    MUST(tag->text().starts_with(fallback));
    MUST(Tag::Parse(fallback)->text() == fallback);
  }
  const bool is_russian = tag->language() == "ru";
  MUST((Spoken(text) == Language::kRussian) == is_russian);
}

}  // namespace
}  // namespace selfology::language

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  selfology::language::Check(selfology::testing::InputText(data, size));
  return 0;
}
