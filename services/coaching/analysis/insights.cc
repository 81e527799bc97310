#include "services/coaching/analysis/insights.h"

#include <cmath>

#include "absl/strings/str_join.h"
#include "services/coaching/lib/lexicon/words.h"
#include "services/coaching/lib/reflection/reflection.h"
#include "services/coaching/lib/stable_hash/stable_hash.h"

namespace selfology::analysis {
namespace {

constexpr size_t kRecurs = 3;

}  // namespace

std::string PatternKey(std::string_view name) {
  return absl::StrJoin(lexicon::SplitWords(name), " ",
                       [](std::string* out, const lexicon::Word& word) { out->append(word.text); });
}

std::vector<InsightDraft> DrawInsights(const Recurrence& recurrence, lexicon::Language language) {
  if (!recurrence.told.empty()) return {};
  // Who says the same thing three times has said it once.
  std::set<std::string> different;
  std::vector<const Sighting*> evidence;
  double sum = 0;
  for (const Sighting& sighting : recurrence.sightings) {
    if (sighting.quotation.empty()) continue;
    if (!different.insert(PatternKey(sighting.quotation)).second) continue;
    evidence.push_back(&sighting);
    sum += sighting.confidence;
  }
  if (evidence.size() < kRecurs) return {};
  const double count = static_cast<double>(evidence.size());
  return {{.type = v1::INSIGHT_TYPE_PATTERN,
           .pattern = recurrence.pattern,
           .content = reflection::InsightOf(evidence.front()->quotation, evidence.back()->quotation,
                                            language, StableHash(recurrence.pattern)),
           // Three sure sightings give 0.75, more come closer to 1.
           .confidence = sum / count * (1 - std::exp2(1 - count))}};
}

}  // namespace selfology::analysis
