// BCP 47 language tags, such as "ru", "pt-BR" or "zh-Hant-TW".
//
//   std::optional<Tag> tag = Tag::Parse("zh_hant_tw");
//   tag->text();        // "zh-Hant-TW"
//   tag->language();    // "zh"
//   tag->Fallbacks();   // "zh-Hant-TW", "zh-Hant", "zh"
//
// A tag is well-formed by the grammar of RFC 5646 (language, script, region, variants, extensions,
// private use), has no variant or extension twice, and at most 35 characters. Whether its subtags
// are registered is not checked. "_" is taken for "-", as UTS #35 allows. The 17 irregular tags
// that RFC 5646 keeps for old data ("i-klingon") are refused. The text is in canonical case:
// "ru-RU", "sr-Latn".
//
// Threads: values and pure functions. Sources: RFC 5646, sections 2.1, 2.1.1, 2.2.9 and 4.4.1; RFC
// 4647, section 3.4 (lookup).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/types/span.h"

namespace selfology::language {

// Bytes; what every implementation of BCP 47 can keep.
inline constexpr size_t kLongestTag = 35;

class Tag {
 public:
  // nullopt for what is not well-formed.
  static std::optional<Tag> Parse(std::string_view text);

  const std::string& text() const { return text_; }
  // The primary language subtag: "ru"; "x" for a tag that is all private use.
  std::string_view language() const { return std::string_view(text_).substr(0, text_.find('-')); }

  // The tag, then ever more general ones: each lacks the last subtag of the one before.
  std::vector<std::string> Fallbacks() const;

  friend bool operator==(const Tag&, const Tag&) = default;

 private:
  explicit Tag(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

// Which of the supported tags (in canonical case) fits best: the first of the tag's fallbacks that
// is among them. nullopt when none is, or the tag is not well-formed.
std::optional<std::string_view> Best(std::string_view tag,
                                     absl::Span<const std::string_view> supported);

}  // namespace selfology::language
