// What a Reading lets one conclude about its writer, in the terms of the profile.
//
// A dynamic's value is the share of cues for it, drawn towards 0.5 as long as there are few:
//   (a + high) / (2a + high + low)
// What shows no cue at all is absent. Traits of the five-factor model are not read from single
// words: see lib/trait_evidence.
// Threads: pure functions.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "selfology/profile/v1/profile.pb.h"
#include "services/coaching/lib/lexicon/reading.h"

namespace selfology::lexicon {

profile::v1::CoreDynamics CoreDynamics(const Reading& reading);
profile::v1::AdaptiveTraits AdaptiveTraits(const Reading& reading);
profile::v1::UniqueSignature UniqueSignature(const Reading& reading);

// "CREATIVITY", …: domains that the text's themes belong to, each from 0 to 1.
std::map<std::string, double> DomainAffinities(const Reading& reading);

// The domain a theme belongs to.
std::string_view DomainOf(Theme theme);

// What to say set a trait off when the theme did: "creative_answers".
std::string_view TriggerOf(Theme theme);

}  // namespace selfology::lexicon
