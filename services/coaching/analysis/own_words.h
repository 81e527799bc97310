// What rules can say of an answer without claiming anything: the person's own words.
//
//   FeedbackOn(answer)                       // "You check every invoice three times."
//   AddOwnWords(text, language, deep);       // deep.insights, deep.summary
//   EvidenceOf(lexicon, answer, "work")      // "My boss took credit for my report"
//
// How words are chosen and said back: services/coaching/lib/reflection. Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "selfology/analysis/v1/analysis.pb.h"
#include "services/coaching/analysis/answer.h"
#include "services/coaching/lib/lexicon/lexicon.h"
#include "services/coaching/lib/reflection/reflection.h"

namespace selfology::analysis {

reflection::Answered Answered(const Answer& answer);

// For brief_insight; empty: nothing is to be said.
std::string FeedbackOn(const Answer& answer);

// A clause as the insight, a quotation as the summary; neither if the answer has none.
void AddOwnWords(std::string_view text, lexicon::Language language, v1::DeepAnalysis& deep);

// A short clause of the answer in which the pattern of this name shows; empty if it shows in none.
std::string EvidenceOf(const lexicon::Lexicon& lexicon, const Answer& answer,
                       std::string_view pattern);

}  // namespace selfology::analysis
