#include "services/coaching/lib/safety/spelling.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "services/coaching/lib/safety/characters.h"

namespace selfology::safety {
namespace {

constexpr size_t kShortest = 4;
constexpr size_t kLong = 9;      // From here on two edits are likely to be meant.
constexpr size_t kLongest = 24;  // Longer words are not corrected.
constexpr size_t kFirstLetterMayDiffer = 6;

int EditsAllowed(size_t letters) { return letters >= kLong ? 2 : 1; }

uint64_t HashWithout(std::u32string_view word, size_t first, size_t second) {
  uint64_t hash = 0xCBF29CE484222325;
  for (size_t i = 0; i < word.size(); ++i) {
    if (i == first || i == second) continue;
    hash = (hash ^ word[i]) * 0x100000001B3;
  }
  return hash ^ (hash >> 29);
}

// Calls with the hash of the word and of each that comes of it by leaving out letters.
template <typename Visit>
void ForDeletions(std::u32string_view word, Visit visit) {
  const size_t none = word.size();
  visit(HashWithout(word, none, none));
  for (size_t i = 0; i < word.size(); ++i) {
    visit(HashWithout(word, i, none));
    if (EditsAllowed(word.size()) < 2) continue;
    for (size_t j = i + 1; j < word.size(); ++j) visit(HashWithout(word, i, j));
  }
}

}  // namespace

int EditDistance(std::u32string_view a, std::u32string_view b, int most) {
  const int difference = static_cast<int>(a.size()) - static_cast<int>(b.size());
  if (std::abs(difference) > most || a.size() > kLongest || b.size() > kLongest) return most + 1;
  std::array<std::array<int, kLongest + 1>, 3> rows;
  std::array<int, kLongest + 1>*before = &rows[0], *last = &rows[1], *row = &rows[2];
  for (size_t j = 0; j <= b.size(); ++j) (*last)[j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    (*row)[0] = static_cast<int>(i);
    int least = (*row)[0];
    for (size_t j = 1; j <= b.size(); ++j) {
      int best =
          std::min({(*last)[j] + 1, (*row)[j - 1] + 1, (*last)[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        best = std::min(best, (*before)[j - 2] + 1);
      }
      (*row)[j] = best;
      least = std::min(least, best);
    }
    if (least > most) return most + 1;
    std::swap(before, last);
    std::swap(last, row);
  }
  return std::min((*last)[b.size()], most + 1);
}

void Spelling::Add(std::string_view word) {
  Known known{.utf8 = std::string(word), .letters = Utf32(word)};
  if (known.letters.size() < kShortest || known.letters.size() > kLongest) return;
  const int index = static_cast<int>(words_.size());
  ForDeletions(known.letters, [&](uint64_t hash) {
    filter_[hash % kFilterBits] = true;
    std::vector<int>& words = by_deletion_[hash];
    if (words.empty() || words.back() != index) words.push_back(index);
  });
  words_.push_back(std::move(known));
}

std::string_view Spelling::Nearest(std::string_view word) const {
  const std::u32string letters = Utf32(word);
  if (letters.size() < kShortest || letters.size() > kLongest) return {};
  const Known* best = nullptr;
  int best_distance = EditsAllowed(letters.size()) + 1;
  ForDeletions(letters, [&](uint64_t hash) {
    if (!filter_[hash % kFilterBits]) return;
    const auto found = by_deletion_.find(hash);
    if (found == by_deletion_.end()) return;
    for (const int index : found->second) {
      const Known& known = words_[index];
      const int allowed =
          std::min(EditsAllowed(known.letters.size()), EditsAllowed(letters.size()));
      const bool same_start = known.letters[0] == letters[0] || known.letters[1] == letters[0];
      if (!same_start && letters.size() < kFirstLetterMayDiffer) continue;
      const int distance = EditDistance(letters, known.letters, allowed);
      if (distance > allowed) continue;
      if (distance < best_distance || (distance == best_distance && best > &known)) {
        best = &known;
        best_distance = distance;
      }
    }
  });
  return best == nullptr ? std::string_view() : best->utf8;
}

}  // namespace selfology::safety
