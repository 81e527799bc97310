// Days that a message names, as days of the calendar.
//
//   FindDates(Utterance("The exam is on Friday"), absl::CivilDay(2026, 11, 30))
//   // {{.words = {3, 5}, .day = 2026-12-04}}
//
// English and Russian: "tomorrow", "next Friday", "in two weeks", "5 December", «послезавтра», «к
// пятнице», «через три дня», «5 декабря». A day of the week is the next such day after today; a
// date without a year the next such date. What lies in the past ("yesterday") is found as well.
// Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/language/language.h"
#include "services/coaching/coach/understanding/pattern.h"

namespace selfology::coach {

struct DateMention {
  WordRange words;  // With the preposition.
  absl::CivilDay day;
};

std::vector<DateMention> FindDates(const Utterance& message, absl::CivilDay today);

// "2026-12-04"; nullopt for anything else.
std::optional<absl::CivilDay> ParseDay(std::string_view text);
std::string DayText(absl::CivilDay day);

// As one says it: "today", "tomorrow", "on Friday, 4 December"; «сегодня», «в пятницу, 4 декабря».
std::string SpokenDay(absl::CivilDay day, absl::CivilDay today, language::Language language);

// By itself: "Friday, 4 December"; «пятница, 4 декабря».
std::string NamedDay(absl::CivilDay day, language::Language language);

}  // namespace selfology::coach
