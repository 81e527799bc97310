// The clauses of an answer that can stand alone, and how much each of them says of its writer.
//
//   const std::vector<Sentence> sentences = SplitSentences(answer);
//   for (const Candidate& candidate : ClausesOf(Language::kEnglish, sentences)) ...  // best first
//
// A clause is a whole sentence, or a part of one that means the same without the rest: never
// without its negation, its "if" or who said so. What only fills ("well,") is left out at either
// end. Questions, ironic and rude sentences, remarks on the question, and what people call
// themselves in anger give none. The clauses refer to the sentences. Threads: pure functions.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/types/span.h"
#include "common/language/language.h"
#include "services/coaching/lib/reflection/second_person.h"
#include "services/coaching/lib/reflection/tokens.h"

namespace selfology::reflection {

struct Candidate {
  Clause clause;
  double weight = 0;
  Writer writer = Writer::kAbsent;
  size_t sentence = 0;  // Which of the sentences it is in.
};

std::vector<Candidate> ClausesOf(language::Language language, absl::Span<const Sentence> sentences);

// Without what says nothing at its ends: "Well, …", "… , I guess".
Clause WithoutFillers(language::Language language, Clause clause);

// "No idea", "Idk, to be honest": no statement, nor the beginning of one.
bool OpensNothing(language::Language language, Clause clause);

int WordsOf(Clause clause);

}  // namespace selfology::reflection
