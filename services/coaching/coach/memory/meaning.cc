#include "services/coaching/coach/memory/meaning.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace selfology::coach {
namespace {

using word_vectors::Word;

// What two words have in common by chance.
constexpr double kByChance = 0.3;
// From here on two words with one stem are one.
constexpr double kOneWord = 0.4;

}  // namespace

bool Meaning::Add(std::string_view word, std::string_view stem, double times) {
  const std::optional<Word> found = word_vectors::Find(word);
  if (!found.has_value()) return false;
  whole_.Add(*found, times);
  const auto same = std::find_if(parts_.begin(), parts_.end(),
                                 [&](const Part& part) { return part.stem == stem; });
  if (same != parts_.end()) {
    same->times = std::max(same->times, times);
    return true;
  }
  const double weight = static_cast<double>(found->weight) / word_vectors::kGreatestWeight;
  parts_.push_back({*found, std::string(stem), times, weight, std::sqrt(weight)});
  return true;
}

double Meaning::SimilarityTo(const Meaning& other) const {
  return std::max(0.0, whole_.SimilarityTo(other.whole_));
}

double Meaning::NearestIn(const Meaning& other) const {
  double sum = 0;
  for (const Part& part : parts_) {
    double nearest = 0;
    for (const Part& told : other.parts_) {
      if (told.stem == part.stem) continue;
      const double near = word_vectors::Similarity(part.word, told.word) * told.root - kByChance;
      nearest = std::max(nearest, near * told.times);
    }
    sum += part.weight * nearest;
  }
  return sum;
}

double SameWord(std::string_view one, std::string_view other) {
  if (one == other) return 1;
  const std::optional<Word> first = word_vectors::Find(one), second = word_vectors::Find(other);
  if (!first.has_value() || !second.has_value()) return 1;
  return std::clamp(word_vectors::Similarity(*first, *second) / kOneWord, 0.0, 1.0);
}

}  // namespace selfology::coach
