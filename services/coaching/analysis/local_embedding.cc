#include "services/coaching/analysis/local_embedding.h"

#include <cmath>
#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/text/utf8.h"
#include "services/coaching/lib/lexicon/reading.h"
#include "services/coaching/lib/stable_hash/stable_hash.h"

namespace selfology::analysis {
namespace {

using lexicon::Word;

constexpr double kWord = 1;
constexpr double kPair = 0.5;
constexpr double kPart = 0.3;
constexpr double kTheme = 2;
constexpr double kEmotion = 1;
constexpr int kPartLength = 4;  // Characters, the word's edges included.

// Sorted, so that sums come out the same to the last bit.
using Features = std::map<std::string, double>;

void AddParts(std::string_view word, Features& features) {
  const std::string edged = absl::StrCat("^", word, "$");
  for (std::string_view rest = edged; !rest.empty(); text::TakeCharacter(rest)) {
    const std::string_view part = text::Prefix(rest, kPartLength);
    features[absl::StrCat("part ", part)] += kPart;
    if (part.size() == rest.size()) break;
  }
}

Features FeaturesOf(const lexicon::Lexicon& lexicon, std::string_view text) {
  Features features;
  std::string before;
  for (const Word& word : lexicon::SplitWords(text)) {
    features[absl::StrCat("word ", word.text)] += kWord;
    if (!before.empty()) features[absl::StrCat("pair ", before, " ", word.text)] += kPair;
    AddParts(word.text, features);
    before = word.ends_clause ? "" : word.text;
  }
  const lexicon::Reading reading = lexicon::Read(lexicon, text);
  for (int theme = 1; theme < lexicon::Theme_ARRAYSIZE; ++theme) {
    if (reading.themes[theme] > 0)
      features[absl::StrCat("theme ", theme)] = kTheme * reading.themes[theme];
  }
  for (int emotion = 1; emotion < lexicon::Emotion_ARRAYSIZE; ++emotion) {
    if (reading.emotions[emotion] > 0) {
      features[absl::StrCat("emotion ", emotion)] = kEmotion * reading.emotions[emotion];
    }
  }
  // A text of punctuation alone has a direction, too.
  if (features.empty()) features[absl::StrCat("text ", text)] = 1;
  return features;
}

}  // namespace

std::vector<float> LocalEmbedding(const lexicon::Lexicon& lexicon, std::string_view text,
                                  int dimensions) {
  std::vector<double> sums(dimensions);
  for (const auto& [feature, count] : FeaturesOf(lexicon, text)) {
    const uint64_t hash = StableHash(feature);
    // What is said often says less each time. The sign keeps collisions from adding up.
    const double weight = std::log1p(count);
    sums[hash % dimensions] += (hash >> 63) != 0 ? weight : -weight;
  }
  double squares = 0;
  for (const double sum : sums) squares += sum * sum;
  if (squares == 0) {  // All features fell on one another's opposites.
    sums[StableHash(text) % dimensions] = squares = 1;
  }
  std::vector<float> vector;
  vector.reserve(dimensions);
  for (const double sum : sums) vector.push_back(static_cast<float>(sum / std::sqrt(squares)));
  return vector;
}

}  // namespace selfology::analysis
