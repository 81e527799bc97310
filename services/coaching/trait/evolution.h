// How a trait's values move: its change over a period, and the shape of its history.
//
//   std::vector<v1::TraitPattern> patterns = FindPatterns(history, now, 30);
//   std::vector<v1::TraitChange> changes = Changes(history, kSignificantChange);
//
// Values are 0 to 1. Time is passed in. Pure functions.
// Requirement: R001-11 (trend ±0.15, variation 0.05, standard deviation 0.15).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "selfology/events/v1/analysis.pb.h"
#include "selfology/trait/v1/trait.pb.h"

namespace selfology::trait {

// R001-11 says 0.2, the example of R000-15 reports a change of 0.12. Answers of one
// onboarding move a trait by about a tenth, so a tenth is what a person can be told about.
inline constexpr double kSignificantChange = 0.1;

inline constexpr int kEvolutionDays = 7;
inline constexpr int kPatternDays = 30;

struct TraitName {
  v1::TraitCategory category;
  std::string name;
  friend auto operator<=>(const TraitName&, const TraitName&) = default;
};

// One value of a trait, as read from one answer.
struct Sample {
  absl::Time at;
  double value = 0;
  double confidence = 0;
  std::string trigger;
};

// Samples of each trait, oldest first.
using History = std::map<TraitName, std::vector<Sample>>;

// All that an answer showed. Values outside of 0 to 1 are brought to the nearer end; those that are
// no number are left out.
std::map<TraitName, Sample> Extract(const events::v1::TraitExtracted& event, absl::Time at);

// A word for each trait of words that has one.
using Words = std::map<TraitName, std::string>;
Words ExtractWords(const events::v1::TraitExtracted& event);

// Those of `seen` that differ from what is known.
Words ChangedWords(const Words& known, const Words& seen);

// From the first to the last sample of each trait, those of at least `least`, the largest first.
std::vector<v1::TraitChange> Changes(const History& history, double least);

// The shape of the samples; nullopt with fewer than 3, or when none of the shapes fits.
std::optional<v1::TraitPattern> FindPattern(const TraitName& trait,
                                            const std::vector<Sample>& samples, absl::Time now,
                                            int period_days);

// Of every trait that has one, the clearest first.
std::vector<v1::TraitPattern> FindPatterns(const History& history, absl::Time now, int period_days);

}  // namespace selfology::trait
