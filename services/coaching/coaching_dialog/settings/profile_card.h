// What /profile shows: the picture, what each trait rests on, and the question whether it fits.
//
//   picture::DrawRadar(ProfileRadar(language, profile))
//   v1::DialogMessage message = EvidencePanel(language, key, profile, evidence);
//
// Only traits that the profile is sure enough of are shown (Profile.big_five). Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/picture/charts.h"
#include "selfology/profile/v1/profile.pb.h"
#include "selfology/trait/v1/trait.pb.h"
#include "services/coaching/coaching_dialog/settings/panel.h"

namespace selfology::coaching_dialog {

// Whether anything of it can be shown.
bool ShowsTraits(const profile::v1::Profile& profile);

picture::Radar ProfileRadar(Language language, const profile::v1::Profile& profile);

// `evidence`: as profile.ListEvidence gives it, of all traits.
v1::DialogMessage EvidencePanel(Language language, std::string key,
                                const profile::v1::Profile& profile,
                                const std::vector<trait::v1::TraitEvidence>& evidence);

// A row of buttons for each trait: it fits, less, more. `said`: what is put above them, may be empty.
v1::DialogMessage FitPanel(Language language, std::string key, const profile::v1::Profile& profile,
                           std::string said);

// What such a button says: "openness:less". TRAIT_FIT_UNSPECIFIED: it is none.
struct FitPressed {
  std::string trait_name = {};
  profile::v1::TraitFit fit = profile::v1::TRAIT_FIT_UNSPECIFIED;
};
FitPressed ReadFit(std::string_view argument);

}  // namespace selfology::coaching_dialog
