// The form of a word after a number: "1 answer", "2 answers"; "1 ответ", "2 ответа", "5 ответов".
//
//   constexpr PluralForms kAnswers = {
//       .one = "ответ", .few = "ответа", .many = "ответов", .other = "ответа"};
//   FormFor(Language::kRussian, 21, kAnswers)              // "ответ"
//   PluralOf(Language::kRussian, 1.5, /*decimals=*/1)      // kOther
//
// Threads: pure functions. Source: Unicode CLDR, common/supplemental/plurals.xml (cardinal, "en"
// and "ru"; the same since CLDR 24), with the operands of UTS #35, part 3, "Plural Operand
// Meanings".
#pragma once

#include <cstdint>
#include <string_view>

#include "common/language/language.h"

namespace selfology::language {

// English has kOne and kOther. Russian has all four; kOther is for fractions.
enum class Plural { kOne, kFew, kMany, kOther };

// Of a whole number; its sign does not matter.
Plural PluralOf(Language language, int64_t number);

// Of a number shown with so many digits after the point (0 to 15), zeros included: 1.0 is "1.0
// seconds". With none it is rounded as printf does.
Plural PluralOf(Language language, double number, int decimals);

// A word in the forms that its language has; the others stay empty.
struct PluralForms {
  std::string_view one = {};
  std::string_view few = {};
  std::string_view many = {};
  std::string_view other = {};
};

std::string_view FormFor(Language language, int64_t number, const PluralForms& forms);
std::string_view FormFor(Language language, double number, int decimals, const PluralForms& forms);

}  // namespace selfology::language
