#include "services/coaching/coaching_dialog/settings/profile_card.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/substitute.h"
#include "common/text/html.h"
#include "services/coaching/coaching_dialog/texts.h"

namespace selfology::coaching_dialog {
namespace {

using profile::v1::BigFive;
using trait::v1::TraitEstimate;
using trait::v1::TraitEvidence;

constexpr int kShownOfEach = 3;
// A trait that is as sure as that is called so.
constexpr double kSure = 0.8;

struct NamedTrait {
  std::string_view name;
  const TraitEstimate* estimate;  // Null: not known, or not sure enough.
};

std::array<NamedTrait, 5> TraitsOf(const BigFive& traits) {
  const auto shown = [](bool has, const TraitEstimate& estimate) {
    return has && texts::IsSureEnough(estimate) ? &estimate : nullptr;
  };
  return {{{"openness", shown(traits.has_openness(), traits.openness())},
           {"conscientiousness", shown(traits.has_conscientiousness(), traits.conscientiousness())},
           {"extraversion", shown(traits.has_extraversion(), traits.extraversion())},
           {"agreeableness", shown(traits.has_agreeableness(), traits.agreeableness())},
           {"neuroticism", shown(traits.has_neuroticism(), traits.neuroticism())}}};
}

std::string Words(Language language, const TraitEvidence& evidence) {
  const std::string quote = text::EscapeHtml(evidence.quote());
  switch (evidence.kind()) {
    case trait::v1::EVIDENCE_KIND_STATEMENT:
      return absl::Substitute(Phrase(language, Wording::kWhyStatement), quote);
    case trait::v1::EVIDENCE_KIND_CORRECTION:
      return std::string(Phrase(language, Wording::kWhyCorrection));
    default:
      return absl::Substitute(Phrase(language, Wording::kWhyQuote), quote);
  }
}

}  // namespace

bool ShowsTraits(const profile::v1::Profile& profile) {
  for (const NamedTrait& trait : TraitsOf(profile.big_five())) {
    if (trait.estimate != nullptr) return true;
  }
  return false;
}

picture::Radar ProfileRadar(Language language, const profile::v1::Profile& profile) {
  // The bar of a trait that is as good as certain is short, that of a guess half of the axis.
  constexpr double kWidestSpread = 0.25;
  picture::Radar radar = {.title = std::string(Phrase(language, Wording::kProfileTitle)),
                          .footer = std::string(Phrase(language, Wording::kProfileFooter))};
  for (const NamedTrait& trait : TraitsOf(profile.big_five())) {
    picture::RadarAxis axis = {.label = std::string(TraitName(language, trait.name))};
    Wording note = Wording::kProfileUnknown;
    if (trait.estimate != nullptr) {
      axis.value = trait.estimate->value();
      axis.spread = (1 - trait.estimate->confidence()) * 2 * kWidestSpread;
      note =
          trait.estimate->confidence() >= kSure ? Wording::kProfileSure : Wording::kProfileLikely;
    }
    axis.note = std::string(Phrase(language, note));
    radar.axes.push_back(std::move(axis));
  }
  return radar;
}

v1::DialogMessage EvidencePanel(Language language, std::string key,
                                const profile::v1::Profile& profile,
                                const std::vector<TraitEvidence>& evidence) {
  std::string html(Phrase(language, Wording::kWhyTitle));
  for (const NamedTrait& trait : TraitsOf(profile.big_five())) {
    if (trait.estimate == nullptr) continue;
    absl::StrAppend(&html, "\n\n<b>", TraitName(language, trait.name), "</b>");
    int shown = 0;
    for (const TraitEvidence& reason : evidence) {
      const bool says_why =
          reason.kind() == trait::v1::EVIDENCE_KIND_CORRECTION || !reason.quote().empty();
      if (reason.trait_name() != trait.name || !says_why || shown == kShownOfEach) continue;
      absl::StrAppend(&html, "\n", reason.direction() < 0 ? "▽ " : "△ ", Words(language, reason));
      ++shown;
    }
    if (shown == 0) absl::StrAppend(&html, "\n", Phrase(language, Wording::kWhyNothing));
  }
  v1::DialogMessage message = Panel(panel::kProfile, std::move(key), std::move(html));
  v1::ButtonRow& row = AddRow(message);
  AddButton(row, Phrase(language, Wording::kButtonFit), "profile:fit");
  AddButton(row, Phrase(language, Wording::kButtonDone), "profile:done");
  return message;
}

v1::DialogMessage FitPanel(Language language, std::string key, const profile::v1::Profile& profile,
                           std::string said) {
  std::string html = said.empty()
                         ? std::string(Phrase(language, Wording::kFitTitle))
                         : absl::StrCat(said, "\n\n", Phrase(language, Wording::kFitTitle));
  v1::DialogMessage message = Panel(panel::kProfile, std::move(key), std::move(html));
  for (const NamedTrait& trait : TraitsOf(profile.big_five())) {
    if (trait.estimate == nullptr) continue;
    v1::ButtonRow& row = AddRow(message);
    const std::string data = absl::StrCat("profile:fit:", trait.name);
    AddButton(row, absl::StrCat(TraitName(language, trait.name), " ✓"),
              absl::StrCat(data, ":right"));
    AddButton(row, Phrase(language, Wording::kButtonLess), absl::StrCat(data, ":less"));
    AddButton(row, Phrase(language, Wording::kButtonMore), absl::StrCat(data, ":more"));
  }
  AddButton(AddRow(message), Phrase(language, Wording::kButtonDone), "profile:done");
  return message;
}

FitPressed ReadFit(std::string_view argument) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(argument, absl::MaxSplits(':', 1));
  const auto& [name, word] = parts;
  FitPressed pressed = {.trait_name = name};
  if (word == "right") pressed.fit = profile::v1::TRAIT_FIT_RIGHT;
  // Who is less so finds the value too high.
  if (word == "less") pressed.fit = profile::v1::TRAIT_FIT_TOO_HIGH;
  if (word == "more") pressed.fit = profile::v1::TRAIT_FIT_TOO_LOW;
  return pressed;
}

}  // namespace selfology::coaching_dialog
