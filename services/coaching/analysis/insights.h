// Insights: what recurs in a person's answers, told once and in the person's own words.
//
//   for (const InsightDraft& draft : DrawInsights(recurrence, language)) ...
//
// A pattern is worth an insight once it shows in clauses of at least three different answers. It
// quotes two of them and claims nothing: what they mean is the person's to say, so it cannot
// contradict what the profile says. It is told once for a pattern. Threads: pure functions.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "selfology/analysis/v1/analysis.pb.h"
#include "services/coaching/lib/lexicon/lexicon.h"

namespace selfology::analysis {

// Names that differ in case and spacing only are one pattern.
std::string PatternKey(std::string_view name);

// One answer in which a pattern shows.
struct Sighting {
  std::string quotation;  // The clause; empty: it may not be quoted, and is no evidence.
  double confidence = 0;
};

struct Recurrence {
  std::string pattern;              // Its key.
  std::vector<Sighting> sightings;  // One for each answer.
  std::set<v1::InsightType> told;
};

struct InsightDraft {
  v1::InsightType type = v1::INSIGHT_TYPE_UNSPECIFIED;
  std::string pattern;
  std::string content;
  double confidence = 0;
};

// At most one.
std::vector<InsightDraft> DrawInsights(const Recurrence& recurrence, lexicon::Language language);

}  // namespace selfology::analysis
