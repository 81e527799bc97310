// Vectors of the width that a caller keeps, from a model that has another.
//
//   ASSIGN_OR_RETURN(const WidthRule rule, ParseWidthRule("project"));
//   ASSIGN_OR_RETURN(embeddings.vectors, ToWidth(std::move(embeddings.vectors), 512, rule));
//
// Narrower ones get zeros behind, which changes no cosine. Wider ones, by the rule:
//   project   onto fixed random directions (Achlioptas 2003, signs): cosines of any model's vectors
//             stay within about 1/sqrt(width), 0.04 for 512
//   cut       the first components, of unit length again: exact for models that are trained so that
//             they bear it ("Matryoshka", Kusupati 2022), such as text-embedding-3 and nomic-embed
//   refuse    neither, nor zeros: FAILED_PRECONDITION
// The directions depend on both widths alone and never change: vectors that are kept stay
// comparable.
//
// Errors: INVALID_ARGUMENT of ParseWidthRule. Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace selfology::ai {

enum class WidthRule { kProject, kCut, kRefuse };

absl::StatusOr<WidthRule> ParseWidthRule(std::string_view word);

// The vectors are of unit length and of one width; so is what comes back.
absl::StatusOr<std::vector<std::vector<float>>> ToWidth(std::vector<std::vector<float>> vectors,
                                                        int width, WidthRule rule);

// Names what ToWidth makes of a model's vectors: those of one name can be compared.
std::string SpaceOf(std::string_view model, int model_width, int width, WidthRule rule);

}  // namespace selfology::ai
