// What a person wrote, within quotation marks.
//
//   Quotation(Language::kRussian, clause, 150)  // «Говорить „нет“ завучу»: the words between the marks
//
// As it was written, but for "i" and apostrophes that are missing; quotation marks within become
// inner ones. nullopt if it is longer, or has half of a pair of marks. Threads: pure functions.
#pragma once

#include <optional>
#include <string>

#include "common/language/language.h"
#include "services/coaching/lib/reflection/second_person.h"

namespace selfology::reflection {

std::optional<std::string> Quotation(language::Language language, Clause clause, int characters);

}  // namespace selfology::reflection
