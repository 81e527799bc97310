// Names of months, as they stand behind the day of a short date.
//
//   absl::StrCat(3, " ", MonthAfterDay(Language::kEnglish, 12))   // "3 Dec"
//   absl::StrCat(3, " ", MonthAfterDay(Language::kRussian, 12))   // "3 декабря"
//
// Threads: a pure function.
#pragma once

#include <string_view>

#include "common/language/language.h"

namespace selfology::language {

// month: 1 to 12.
std::string_view MonthAfterDay(Language language, int month);

}  // namespace selfology::language
