// A Reading in the form of the results that are asked of a language model, as far as counts of
// words bear it: no sentences about the person, for which their own words are better
// (services/coaching/lib/reflection).
//
//   const Reading reading = Read(lexicon, answer);
//   analysis::v1::InstantAnalysis instant = InstantReport(lexicon, reading, Language::kEnglish);
//   analysis::v1::DeepAnalysis deep = DeepReport(lexicon, reading, Language::kEnglish);
//
// Who made it, how long it took and what it cost is left for the caller to fill in.
// Threads: pure functions.
#pragma once

#include "selfology/analysis/v1/analysis.pb.h"
#include "services/coaching/lib/lexicon/lexicon.h"
#include "services/coaching/lib/lexicon/reading.h"

namespace selfology::lexicon {

analysis::v1::InstantAnalysis InstantReport(const Lexicon& lexicon, const Reading& reading,
                                            Language language);

analysis::v1::DeepAnalysis DeepReport(const Lexicon& lexicon, const Reading& reading,
                                      Language language);

}  // namespace selfology::lexicon
