// What is known of a person, in layers, and how new knowledge joins it.
//
//   v1::Profile after = Learn(before, event);                      // from an answer
//   v1::Profile after = WithTraits(before, evidence, {"openness"});   // from all there is of them
//   ASSIGN_OR_RETURN(v1::Profile after, Change(before, request));  // by an engineer
//   std::vector<std::string> paths = ChangedFields(before, after); // "big_five.openness.value"
//
// Values are 0 to 1. `version` and the times are not layers: these functions leave them alone.
// Pure functions.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "selfology/events/v1/analysis.pb.h"
#include "selfology/profile/v1/profile.pb.h"
#include "selfology/profile/v1/profile_service.pb.h"
#include "selfology/trait/v1/trait.pb.h"

namespace selfology::profile {

// What one answer shows, but for the traits of the five-factor model: values are moved, words
// (styles, patterns) are replaced.
v1::Profile Learn(const v1::Profile& before, const events::v1::TraitExtracted& event);

// Traits of the five-factor model that have evidence, as it comes to (trait_evidence/pool.h). Those
// named in `changed` that have none left are cleared; others stay.
v1::Profile WithTraits(const v1::Profile& before,
                       absl::Span<const trait::v1::TraitEvidence> evidence,
                       const std::set<std::string>& changed);

// nullptr for what is no trait of the five-factor model, or is not known of the person.
const trait::v1::TraitEstimate* FindTrait(const v1::Profile& profile, std::string_view name);

// Up to `limit` of each trait, or of one if it is named: trait by trait, what weighs most first.
std::vector<trait::v1::TraitEvidence> Weightiest(std::vector<trait::v1::TraitEvidence> evidence,
                                                 std::string_view trait_name, int limit);

// The changes a request names. INVALID_ARGUMENT naming the field for values out of range and for
// paths that are not of a profile's layers.
absl::StatusOr<v1::Profile> Change(const v1::Profile& before,
                                   const v1::UpdateProfileRequest& request);

// Paths of all values that differ, in alphabetical order; of a map, with the key.
std::vector<std::string> ChangedFields(const v1::Profile& before, const v1::Profile& after);

// The profile in a sentence of English that says nothing of who it is: what is embedded for search.
std::string Summarize(const v1::Profile& profile);

}  // namespace selfology::profile
