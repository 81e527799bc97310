#include "services/feed/feed/model/near_duplicates.h"

#include <bit>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/feed/feed/model/words.h"

namespace selfology::feed {
namespace {

constexpr size_t kFewestWords = 8;
// "Subscribe: @channel": what a channel adds to the posts that it takes over.
constexpr size_t kSignatureWords = 4;

std::vector<Word> StoryOf(std::string_view text) {
  const WordReader reader;
  std::vector<Word> story;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    std::vector<Word> words = reader.Read(line);
    const bool names_a_channel = absl::StrContains(line, '@') || absl::StrContains(line, "t.me/") ||
                                 absl::StrContains(line, "://");
    if (names_a_channel && words.size() <= kSignatureWords) continue;
    std::move(words.begin(), words.end(), std::back_inserter(story));
  }
  return story;
}

}  // namespace

std::optional<uint64_t> Fingerprint(std::string_view text) {
  const std::vector<Word> words = StoryOf(text);
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

std::array<int64_t, 28> Bands(uint64_t fingerprint) {
  std::array<int64_t, 28> bands{};
  size_t band = 0;
  for (size_t one = 0; one < 8; ++one) {
    for (size_t other = one + 1; other < 8; ++other) {
      const uint64_t bytes =
          (fingerprint >> (8 * one) & 0xFF) << 8 | (fingerprint >> (8 * other) & 0xFF);
      bands[band] = static_cast<int64_t>(band << 16 | bytes);
      ++band;
    }
  }
  return bands;
}

}  // namespace selfology::feed
