#include "services/coaching/analysis/insights.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "services/coaching/lib/lexicon/words.h"

namespace selfology::analysis {
namespace {

constexpr size_t kRecurs = 3;

v1::InsightType TypeOf(const std::vector<Sighting>& sightings) {
  const auto count = [&](v1::Sentiment tone) {
    return static_cast<size_t>(
        std::count_if(sightings.begin(), sightings.end(),
                      [&](const Sighting& sighting) { return sighting.tone == tone; }));
  };
  const size_t glad = count(v1::SENTIMENT_POSITIVE);
  const size_t heavy = count(v1::SENTIMENT_NEGATIVE);
  if (3 * glad >= 2 * sightings.size()) return v1::INSIGHT_TYPE_STRENGTH;
  if (3 * heavy >= 2 * sightings.size()) return v1::INSIGHT_TYPE_GROWTH_AREA;
  if (glad >= 2 && heavy >= 2) return v1::INSIGHT_TYPE_CONTRADICTION;
  return v1::INSIGHT_TYPE_PATTERN;
}

std::string_view Words(v1::InsightType type, lexicon::Language language) {
  const bool russian = language == lexicon::Language::kRussian;
  switch (type) {
    case v1::INSIGHT_TYPE_STRENGTH:
      return russian ? "Тема «$0» возвращается в ваших ответах, и почти всегда с теплом: похоже, "
                       "здесь ваша сила."
                     : "“$0” keeps coming back in your answers, nearly always with warmth: this "
                       "seems to be a "
                       "strength of yours.";
    case v1::INSIGHT_TYPE_GROWTH_AREA:
      return russian ? "Тема «$0» возвращается в ваших ответах, и часто вам с ней тяжело: "
                       "возможно, здесь есть куда "
                       "расти."
                     : "“$0” keeps coming back in your answers, and it often weighs on you: there "
                       "may be room to grow "
                       "here.";
    case v1::INSIGHT_TYPE_CONTRADICTION:
      return russian ? "Тема «$0» то радует вас, то даётся тяжело: возможно, верно и то и другое."
                     : "“$0” sometimes gladdens you and sometimes weighs on you: both may be true.";
    default:
      return russian ? "Тема «$0» снова и снова возвращается в ваших ответах."
                     : "“$0” keeps coming back in your answers.";
  }
}

}  // namespace

std::string PatternKey(std::string_view name) {
  return absl::StrJoin(lexicon::SplitWords(name), " ",
                       [](std::string* out, const lexicon::Word& word) { out->append(word.text); });
}

std::vector<InsightDraft> DrawInsights(const Recurrence& recurrence, lexicon::Language language) {
  const std::vector<Sighting>& sightings = recurrence.sightings;
  if (sightings.size() < kRecurs) return {};
  const v1::InsightType type = TypeOf(sightings);
  if (recurrence.told.contains(type)) return {};
  const double sum = std::accumulate(
      sightings.begin(), sightings.end(), 0.0,
      [](double sum, const Sighting& sighting) { return sum + sighting.confidence; });
  const double count = static_cast<double>(sightings.size());
  std::string content = absl::Substitute(Words(type, language), recurrence.name);
  if (!recurrence.description.empty()) absl::StrAppend(&content, " ", recurrence.description);
  return {{.type = type,
           .pattern = recurrence.pattern,
           .content = std::move(content),
           // Three sure sightings give 0.75, more come closer to 1.
           .confidence = sum / count * (1 - std::exp2(1 - count))}};
}

}  // namespace selfology::analysis
