// What is known of a person, in layers, and how new knowledge joins it.
//
//   v1::Profile after = Learn(before, event);                      // from an answer
//   ASSIGN_OR_RETURN(v1::Profile after, Change(before, request));  // by an engineer
//   std::vector<std::string> paths = ChangedFields(before, after); // "big_five.openness.value"
//
// Values are 0 to 1. `version` and the times are not layers: these functions leave them alone.
// Pure functions.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "selfology/events/v1/analysis.pb.h"
#include "selfology/profile/v1/profile.pb.h"
#include "selfology/profile/v1/profile_service.pb.h"

namespace selfology::profile {

// What one answer shows moves a value the more, the surer it is and the less sure the value was;
// and the value becomes surer. Words (styles, patterns) are replaced.
v1::Profile Learn(const v1::Profile& before, const events::v1::TraitExtracted& event);

// The changes a request names. INVALID_ARGUMENT naming the field for values out of range and for
// paths that are not of a profile's layers.
absl::StatusOr<v1::Profile> Change(const v1::Profile& before,
                                   const v1::UpdateProfileRequest& request);

// Paths of all values that differ, in alphabetical order; of a map, with the key.
std::vector<std::string> ChangedFields(const v1::Profile& before, const v1::Profile& after);

// The profile in a sentence of English that says nothing of who it is: what is embedded for search.
std::string Summarize(const v1::Profile& profile);

}  // namespace selfology::profile
