#include "services/coaching/lib/safety/features.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "services/coaching/lib/safety/characters.h"
#include "services/coaching/lib/safety/stem.h"

namespace selfology::safety {
namespace {

constexpr size_t kMostInARow = 3;  // Words.
constexpr size_t kFewestLetters = 2, kMostLetters = 5;
constexpr int kNearby = 4;            // Words from one concept to the next.
constexpr int kShortText = 16;        // Words; not looked at in parts.
constexpr int kLongestSentence = 24;  // Words of a sentence.
constexpr uint64_t kSeed = 0xCBF29CE484222325, kPrime = 0x100000001B3;  // FNV-1a, 64 bits.

uint64_t Mixed(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * kPrime;
  return hash ^ (hash >> 29);
}

uint64_t HashOf(std::string_view text) {
  uint64_t hash = kSeed;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * kPrime;
  return hash;
}

class Extractor {
 public:
  Extractor(const Reading& reading, Window window) : reading_(reading), window_(window) {}

  Features Run() && {
    Words();
    Letters();
    ConceptsNear();
    for (std::vector<uint32_t>& block : features_.blocks) {
      std::sort(block.begin(), block.end());
      block.erase(std::unique(block.begin(), block.end()), block.end());
    }
    return std::move(features_);
  }

 private:
  void Add(Block block, uint64_t hash) {
    hash = Mixed(Mixed(kSeed, block), hash);
    features_.blocks[block].push_back(static_cast<uint32_t>(hash ^ (hash >> 32)));
  }

  void Words() {
    std::vector<uint64_t> row = {HashOf("<")};
    for (int i = window_.begin; i < window_.end; ++i) {
      const Token& token = reading_.tokens[i];
      row.push_back(HashOf(Stem(token.text)));
      if (token.ends_sentence) {
        row.push_back(HashOf("."));
      } else if (token.ends_clause) {
        row.push_back(HashOf(","));
      }
    }
    row.push_back(HashOf(">"));
    for (size_t i = 0; i < row.size(); ++i) {
      uint64_t hash = kSeed;
      for (size_t j = i; j < std::min(i + kMostInARow, row.size()); ++j) {
        hash = Mixed(hash, row[j]);
        Add(kWords, hash);
      }
    }
  }

  void Letters() {
    for (int i = window_.begin; i < window_.end; ++i) {
      const std::u32string word = U"_" + Utf32(reading_.tokens[i].text) + U"_";
      for (size_t begin = 0; begin < word.size(); ++begin) {
        uint64_t hash = kSeed;
        for (size_t n = 1; n <= kMostLetters && begin + n <= word.size(); ++n) {
          hash = Mixed(hash, word[begin + n - 1]);
          if (n >= kFewestLetters) Add(kLetters, hash);
        }
      }
    }
  }

  void ConceptsNear() {
    std::vector<std::vector<int>> told(window_.end - window_.begin);
    auto phrase = std::lower_bound(reading_.phrases.begin(), reading_.phrases.end(), window_.begin,
                                   [](const Phrase& one, int at) { return one.begin < at; });
    for (int i = window_.begin; i < window_.end; ++i) {
      std::vector<int>& here = told[i - window_.begin];
      const Concepts& starts = reading_.starts[i];
      for (size_t id = starts._Find_first(); id < starts.size(); id = starts._Find_next(id)) {
        here.push_back(static_cast<int>(id));
      }
      for (; phrase != reading_.phrases.end() && phrase->begin == i; ++phrase) {
        here.push_back(phrase->concept_id);
      }
      for (const int id : here) {
        const uint64_t hash = Mixed(kSeed, id);
        Add(kConcepts, hash);
        Add(kConcepts, Mixed(hash, reading_.negated[i] ? 2 : 1));
        Add(kConcepts, Mixed(hash, 10 + static_cast<int>(reading_.person[i])));
      }
    }
    for (size_t i = 0; i < told.size(); ++i) {
      for (size_t j = i + 1; j < std::min(told.size(), i + 1 + kNearby); ++j) {
        for (const int first : told[i]) {
          for (const int second : told[j]) {
            Add(kConcepts, Mixed(Mixed(Mixed(kSeed, first), 100), second));
          }
        }
      }
    }
  }

  const Reading& reading_;
  const Window window_;
  Features features_;
};

}  // namespace

Features FeaturesOf(const Reading& reading, Window window) {
  return Extractor(reading, window).Run();
}

std::vector<Window> SentencesOf(const Reading& reading, Window window) {
  std::vector<Window> sentences;
  for (int begin = window.begin, i = begin; i < window.end; ++i) {
    const bool ends =
        reading.tokens[i].ends_sentence || i + 1 == window.end || i + 1 - begin >= kLongestSentence;
    if (!ends) continue;
    sentences.push_back({.begin = begin, .end = i + 1});
    begin = i + 1;
  }
  return sentences;
}

std::vector<Window> WindowsOf(const Reading& reading) {
  std::vector<Window> windows = {{.begin = 0, .end = reading.size()}};
  if (reading.size() <= kShortText) return windows;
  const std::vector<Window> sentences = SentencesOf(reading, windows[0]);
  if (sentences.size() <= 2) return windows;
  for (size_t i = 0; i + 1 < sentences.size(); ++i) {
    windows.push_back({.begin = sentences[i].begin, .end = sentences[i + 1].end});
  }
  return windows;
}

}  // namespace selfology::safety
