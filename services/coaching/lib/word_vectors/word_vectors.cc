#include "services/coaching/lib/word_vectors/word_vectors.h"

#include <cmath>
#include <cstddef>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/coaching/lib/safety/characters.h"
#include "services/coaching/lib/safety/stem.h"
#include "services/coaching/lib/stable_hash/stable_hash.h"
#include "services/coaching/lib/word_vectors/vectors.h"

namespace selfology::word_vectors {
namespace {

constexpr size_t kHeader = 16;  // Four letters, how many words, dimensions, nothing.
constexpr size_t kMostCut = 2;  // Letters of a stem that is unknown,
constexpr size_t kLeastLeft = 5;

uint32_t Number(const char* bytes, int count) {
  uint32_t number = 0;
  for (int i = 0; i < count; ++i) {
    number |= uint32_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return number;
}

using Values = std::array<int8_t, kDimensions>;

double Product(const Values& one, const Values& other) {
  int32_t sum = 0;
  for (int i = 0; i < kDimensions; ++i) sum += int32_t{one[i]} * int32_t{other[i]};
  return sum;
}

// A file of word vectors, used as it is: README.md.
class Table {
 public:
  Table(Space space, std::string_view bytes)
      : space_(space),
        count_(Number(bytes.data() + sizeof(uint32_t), 4)),
        keys_(bytes.data() + kHeader),
        weights_(keys_ + 4 * count_),
        values_(weights_ + count_) {}

  std::optional<Word> Find(std::string_view key) const {
    const auto hash = static_cast<uint32_t>(StableHash(key) >> 32);
    size_t begin = 0;
    for (size_t end = count_; begin < end;) {
      const size_t middle = begin + (end - begin) / 2;
      if (Number(keys_ + 4 * middle, 4) < hash) {
        begin = middle + 1;
      } else {
        end = middle;
      }
    }
    if (begin == count_ || Number(keys_ + 4 * begin, 4) != hash) return std::nullopt;
    Word word{.space = space_, .weight = static_cast<int>(Number(weights_ + begin, 1))};
    for (int i = 0; i < kDimensions; ++i) {
      const uint32_t two = Number(values_ + begin * (kDimensions / 2) + i / 2, 1);
      word.values[i] = static_cast<int8_t>((i % 2 == 0 ? two % 16 : two / 16) - 8);
    }
    word.length = std::sqrt(Product(word.values, word.values));
    return word;
  }

  // Beginnings of a stem that is not there: "квартирант" as "квартир" is too far, "lodger" as "lodge" not.
  std::optional<Word> FindBeginning(std::string_view stem) const {
    std::u32string letters = safety::Utf32(stem);
    for (size_t cut = 1; cut <= kMostCut && letters.size() > kLeastLeft; ++cut) {
      letters.pop_back();
      if (const auto found = Find(safety::Utf8(letters))) return found;
    }
    return std::nullopt;
  }

 private:
  Space space_;
  size_t count_;
  const char* keys_;
  const char* weights_;
  const char* values_;
};

bool IsRussian(std::string_view word) {
  for (const char32_t letter : safety::Utf32(word)) {
    if (safety::IsCyrillic(letter)) return true;
  }
  return false;
}

std::optional<Word> FindEnglish(std::string_view word) {
  const Table table(Space::kEnglish, kEnglishVectors);
  if (absl::EndsWith(word, "'s")) word.remove_suffix(2);
  if (const auto found = table.Find(word)) return found;
  const std::string stem = safety::Stem(word);
  if (const auto found = table.Find(stem)) return found;
  if (const auto found = table.Find(absl::StrCat(stem, "e"))) return found;
  return table.FindBeginning(stem);
}

std::optional<Word> FindRussian(std::string_view word) {
  const Table table(Space::kRussian, kRussianVectors);
  const std::string stem = safety::Stem(word);
  if (const auto found = table.Find(stem)) return found;
  return table.FindBeginning(stem);
}

}  // namespace

std::optional<Word> Find(std::string_view word) {
  if (word.empty()) return std::nullopt;
  return IsRussian(word) ? FindRussian(word) : FindEnglish(word);
}

double Similarity(const Word& one, const Word& other) {
  if (one.space != other.space || one.length == 0 || other.length == 0) return 0;
  return Product(one.values, other.values) / (one.length * other.length);
}

void Sentence::Add(const Word& word, double times) {
  if (word.weight == 0 || word.length == 0) return;
  const int part = kDimensions * static_cast<int>(word.space);
  const double factor = times * word.weight / word.length;
  for (int i = 0; i < kDimensions; ++i) sums_[part + i] += factor * word.values[i];
  empty_ = false;
}

double Sentence::SimilarityTo(const Sentence& other) const {
  double product = 0, square = 0, other_square = 0;
  for (size_t i = 0; i < sums_.size(); ++i) {
    product += sums_[i] * other.sums_[i];
    square += sums_[i] * sums_[i];
    other_square += other.sums_[i] * other.sums_[i];
  }
  return product == 0 ? 0 : product / std::sqrt(square * other_square);
}

}  // namespace selfology::word_vectors
