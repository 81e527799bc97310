#include "common/language/language.h"

#include "common/language/tag.h"

namespace selfology::language {

std::optional<Language> Spoken(std::string_view tag) {
  static constexpr std::string_view kTags[] = {"en", "ru"};
  const std::optional<std::string_view> best = Best(tag, kTags);
  if (!best.has_value()) return std::nullopt;
  return *best == "ru" ? Language::kRussian : Language::kEnglish;
}

Language LanguageOf(std::string_view tag) { return Spoken(tag).value_or(Language::kEnglish); }

std::string_view TagOf(Language language) { return language == Language::kRussian ? "ru" : "en"; }

std::string_view EnglishNameOf(Language language) {
  return language == Language::kRussian ? "Russian" : "English";
}

}  // namespace selfology::language
