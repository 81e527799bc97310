// What words mean, as directions in a space: words that are used alike have directions that are
// alike. Without any service: two tables that are part of the program, English and Russian.
//
//   const std::optional<Word> dog = Find("dog"), pet = Find("pet");
//   Similarity(*dog, *pet)          // 0.7; of "dog" and "tax" about 0
//
//   Sentence asked, told;           // The sum of the words, rare ones for more (SIF, Arora 2017).
//   for (const Token& token : tokens) {
//     if (const auto word = Find(token.text)) asked.Add(*word);
//   }
//   asked.SimilarityTo(told)        // -1 to 1; 0 when nothing is known of one of them
//
// Words are looked up as safety::SplitTokens gives them: lower case, "ё" as "е". A form that is not
// in the table counts as its stem (every Russian word does), or as what is left of the stem without
// its last letter or two. The two languages are apart: between them everything is 0, and a sentence
// in both has a part in each.
//
// Sources, licences and the form of the tables: README.md. Threads: pure functions over constants;
// nothing is read or built at start.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace selfology::word_vectors {

inline constexpr int kDimensions = 96;
inline constexpr int kGreatestWeight = 255;

enum class Space { kEnglish, kRussian };
inline constexpr int kSpaces = 2;

struct Word {
  Space space = Space::kEnglish;
  std::array<int8_t, kDimensions> values = {};  // -7 to 7: the direction counts, not the length.
  double length = 0;
  int weight = 0;  // Up to kGreatestWeight: what the most usual words have little of.
};

std::optional<Word> Find(std::string_view word);

// The cosine: -1 to 1. 0 for words of different languages.
double Similarity(const Word& one, const Word& other);

class Sentence {
 public:
  // What it counts for besides its weight.
  void Add(const Word& word, double times = 1);
  bool empty() const { return empty_; }

  // The cosine: -1 to 1. 0 if one is empty.
  double SimilarityTo(const Sentence& other) const;

 private:
  std::array<double, kDimensions * kSpaces> sums_ = {};
  bool empty_ = true;
};

}  // namespace selfology::word_vectors
