// Insights: what recurs in a person's answers, told once.
//
//   for (const InsightDraft& draft : DrawInsights(recurrence, language)) ...
//
// A pattern that shows in at least three answers is worth an insight. What kind it is, the tones of
// those answers say:
//   mostly glad (two thirds)     STRENGTH
//   mostly heavy                 GROWTH_AREA
//   at least two of each         CONTRADICTION
//   otherwise                    PATTERN
// The kind may change as answers come in; each kind is told once for a pattern. Threads: pure
// functions.
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
  v1::Sentiment tone = v1::SENTIMENT_UNSPECIFIED;
  double confidence = 0;
};

struct Recurrence {
  std::string pattern;  // Its key.
  std::string name;
  std::string description;
  std::vector<Sighting> sightings;
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
