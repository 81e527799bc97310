#include "services/feed/feed/model/near_duplicates.h"

#include <bit>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/feed/feed/model/words.h"

namespace selfology::feed {
namespace {

constexpr size_t kFewestWords = 8;

}  // namespace

std::optional<uint64_t> Fingerprint(std::string_view text) {
  const std::vector<Word> words = WordReader().Read(text);
  if (words.size() < kFewestWords) return std::nullopt;
  std::array<int, 64> votes{};
  const auto vote = [&](std::string_view piece, int weight) {
    const uint64_t hash = StableHash(piece);
    for (size_t bit = 0; bit < votes.size(); ++bit) {
      votes[bit] += (hash >> bit & 1) != 0 ? weight : -weight;
    }
  };
  for (size_t i = 0; i < words.size(); ++i) {
    vote(words[i].stem, 2);
    if (i > 0) vote(absl::StrCat(words[i - 1].stem, " ", words[i].stem), 1);
  }
  uint64_t fingerprint = 0;
  for (size_t bit = 0; bit < votes.size(); ++bit) {
    if (votes[bit] > 0) fingerprint |= uint64_t{1} << bit;
  }
  return fingerprint;
}

bool SaysTheSame(uint64_t one, uint64_t other) {
  return std::popcount(one ^ other) <= kMostDifferentBits;
}

std::array<int64_t, 4> Bands(uint64_t fingerprint) {
  std::array<int64_t, 4> bands{};
  for (size_t i = 0; i < bands.size(); ++i) {
    bands[i] = static_cast<int64_t>(i << 16 | (fingerprint >> (16 * i) & 0xFFFF));
  }
  return bands;
}

}  // namespace selfology::feed
