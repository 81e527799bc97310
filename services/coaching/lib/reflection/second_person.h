// What a person wrote of themself, said to them.
//
//   InSecondPerson(Language::kEnglish, clause)  // "I was late, and my boss saw me"
//                                               // "you were late, and your boss saw you"
//   InSecondPerson(Language::kRussian, clause)  // «Проверяю каждый счёт» - «вы проверяете каждый счёт»
//
// Nothing but person changes: no word is left out, negations least of all. nullopt where a form is
// not certain, or somebody else is spoken to: such a clause can only be quoted. Words within
// quotation marks stay. Russian speaks to the person as "вы". Threads: pure functions.
#pragma once

#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "common/language/language.h"
#include "services/coaching/lib/reflection/tokens.h"

namespace selfology::reflection {

using Clause = absl::Span<const Token>;

std::optional<std::vector<Token>> InSecondPerson(language::Language language, Clause clause);

// Whether the clause is about its writer: as its subject, as somebody in it, or not at all.
enum class Writer { kAbsent, kMentioned, kSubject };
Writer WriterIn(language::Language language, Clause clause);

// Of one language each; InSecondPerson and WriterIn choose.
std::optional<std::vector<Token>> InSecondPersonEnglish(Clause clause);
std::optional<std::vector<Token>> InSecondPersonRussian(Clause clause);
Writer WriterInEnglish(Clause clause);
Writer WriterInRussian(Clause clause);
bool LacksSubjectEnglish(Clause clause);
bool LacksSubjectRussian(Clause clause);

// Whether only its past tense tells whose the clause is: "Went in for a pint", «Спросил, кто пришёл».
bool LacksSubject(language::Language language, Clause clause);

}  // namespace selfology::reflection
