// What models reply, read with mistrust.
//
//   ASSIGN_OR_RETURN(v1::InstantAnalysis instant, ParseInstant(completion.text(), by_rules));
//   ASSIGN_OR_RETURN(v1::DeepAnalysis deep, ParseDeep(completion.text(), answer.text));
//
// A reply may be any text. Its JSON object is found in code fences and prose; fields of a wrong
// type count as missing; fractions may be strings, those just outside of 0 to 1 (by 0.1) are moved
// inside and others refused; unknown traits and domains are dropped; texts lose what people cannot
// see, are cut to the contract's lengths and are never empty. Errors: ANALYSIS_FAILED (UNAVAILABLE)
// when nothing is left. Threads: pure functions.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "selfology/analysis/v1/analysis.pb.h"

namespace selfology::analysis {

// Fields that the reply lacks are those of `otherwise`.
absl::StatusOr<v1::InstantAnalysis> ParseInstant(std::string_view reply,
                                                 const v1::InstantAnalysis& otherwise);

// Evidence of traits counts only with a quote that occurs in `answer`, but for the case of letters,
// spaces and the shape of quotation marks; it is given as it stands there. `traits` is left empty.
absl::StatusOr<v1::DeepAnalysis> ParseDeep(std::string_view reply, std::string_view answer);

}  // namespace selfology::analysis
