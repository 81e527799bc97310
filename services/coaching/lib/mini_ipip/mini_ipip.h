// The Mini-IPIP: twenty statements that measure the Big Five, four for each trait.
//
//   for (const Item& item : Items()) Show(TextOf(item, language), Labels(language));
//   const std::map<Trait, Estimate> estimates = Score({{1, 5}, {6, 2}});
//   estimates.at(Trait::kExtraversion).value;   // 0.875
//
// A person says of each statement how accurately it describes them, from 1 (very inaccurate) to 5
// (very accurate). A trait's value is the mean of its answers, those of statements keyed the other
// way turned round, brought to 0 (not at all) to 1 (fully): a place on the scale, not a comparison
// with other people. Its confidence is the reliability of the answered statements, by
// Spearman–Brown from the published Cronbach's alpha of all four: one answer alone says less. What
// was not answered is absent.
//
// Statements, keys, labels and alphas: M. B. Donnellan, F. L. Oswald, B. M. Baird, R. E. Lucas,
// "The Mini-IPIP Scales: Tiny-yet-effective measures of the Big Five factors of personality",
// Psychological Assessment 18 (2006), 192–203, doi:10.1037/1040-3590.18.2.192; statements in the
// public domain, International Personality Item Pool, https://ipip.ori.org/. Alphas: its Study 1
// (N = 2,663). What is called openness here is Intellect/Imagination there.
// The Russian wording is ours, made so that it fits people of either sex. It has not been
// validated: the confidence of answers to it is that of the English scales, and so an upper bound.
//
// Threads: pure functions.
#pragma once

#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "common/language/language.h"

namespace selfology::mini_ipip {

enum class Trait { kOpenness, kConscientiousness, kExtraversion, kAgreeableness, kNeuroticism };

inline constexpr Trait kTraits[] = {Trait::kOpenness, Trait::kConscientiousness,
                                    Trait::kExtraversion, Trait::kAgreeableness,
                                    Trait::kNeuroticism};

// As the trait service calls it: "openness".
std::string_view NameOf(Trait trait);

struct Item {
  int number = 0;  // 1 to 20: its place in the published order, which mixes the traits.
  Trait trait = Trait::kOpenness;
  bool reversed = false;  // Agreement speaks against the trait.
  std::string_view english;
  std::string_view russian;
};

// By number.
absl::Span<const Item> Items();

// "mini_ipip_01"
std::string IdOf(const Item& item);
// nullptr for what is no item's.
const Item* FindItem(std::string_view id);

// What to ask next of somebody who has answered these items: one of a trait that has the fewest
// answers, so that all five are known a little early, with statements of both poles by turns.
// nullptr: all were answered.
const Item* NextItem(const std::set<int>& answered);

std::string_view TextOf(const Item& item, language::Language language);

inline constexpr int kLeastAccurate = 1;
inline constexpr int kMostAccurate = 5;

// Of the answers 1 to 5, in this order.
std::array<std::string_view, 5> Labels(language::Language language);

struct Estimate {
  double value = 0;       // 0 to 1.
  double confidence = 0;  // 0 to 1.
};

// Answers, 1 to 5, by the number of their item. What is no item or no answer is passed over.
std::map<Trait, Estimate> Score(const std::map<int, int>& answers);

}  // namespace selfology::mini_ipip
