// The languages that the product speaks, by the BCP 47 tags that people and programs give.
//
//   LanguageOf("ru-RU")            // kRussian
//   LanguageOf("de")               // kEnglish: what the product does not speak
//   Spoken("de")                   // nullopt
//   TagOf(Language::kRussian)      // "ru"
//
// A tag is read as in tag.h; one that is not well-formed is no language. Threads: pure functions.
#pragma once

#include <optional>
#include <string_view>

namespace selfology::language {

enum class Language { kEnglish, kRussian };
inline constexpr Language kLanguages[] = {Language::kEnglish, Language::kRussian};

// The language of a tag; nullopt if the product does not speak it.
std::optional<Language> Spoken(std::string_view tag);
// The same, with English for everything else.
Language LanguageOf(std::string_view tag);

// "en", "ru"
std::string_view TagOf(Language language);
// "English", "Russian"
std::string_view EnglishNameOf(Language language);

}  // namespace selfology::language
