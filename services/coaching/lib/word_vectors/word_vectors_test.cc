#include "services/coaching/lib/word_vectors/word_vectors.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "services/coaching/lib/word_vectors/vectors.h"

namespace selfology::word_vectors {
namespace {

double Alike(std::string_view one, std::string_view other) {
  const auto first = Find(one), second = Find(other);
  EXPECT_TRUE(first.has_value()) << one;
  EXPECT_TRUE(second.has_value()) << other;
  return first.has_value() && second.has_value() ? Similarity(*first, *second) : 0;
}

Sentence SentenceOf(std::initializer_list<std::string_view> words) {
  Sentence sentence;
  for (const std::string_view word : words) {
    if (const auto found = Find(word)) sentence.Add(*found);
  }
  return sentence;
}

struct Triple {
  std::string_view word, near, far;
};

TEST(WordVectorsTest, WordsUsedAlikeAreAlike) {
  for (const Triple& triple : {Triple{"dog", "cat", "tax"},
                               {"boss", "manager", "river"},
                               {"sad", "unhappy", "kitchen"},
                               {"brother", "sister", "invoice"},
                               {"insomnia", "sleep", "bicycle"},
                               {"собака", "кошка", "налог"},
                               {"начальник", "руководитель", "река"},
                               {"грустно", "печально", "кухня"},
                               {"брат", "сестра", "квитанция"},
                               {"бессонница", "сон", "велосипед"}}) {
    EXPECT_GT(Alike(triple.word, triple.near), Alike(triple.word, triple.far) + 0.2) << triple.word;
  }
}

TEST(WordVectorsTest, FormsOfARussianWordAreOne) {
  for (const std::string_view form : {"собаки", "собаку", "собакой", "собаками"}) {
    EXPECT_DOUBLE_EQ(Alike(form, "собака"), 1) << form;
  }
}

TEST(WordVectorsTest, UnknownFormsCountAsTheirStems) {
  EXPECT_DOUBLE_EQ(Alike("grandfather's", "grandfather"), 1);
  EXPECT_DOUBLE_EQ(Alike("lodger", "lodge"), 1) << "what is left of the stem";
  EXPECT_FALSE(Find("xqzzyvk").has_value());
  EXPECT_FALSE(Find("щщъъыфж").has_value());
  EXPECT_FALSE(Find("").has_value());
  EXPECT_FALSE(Find("\xFF\xFE").has_value()) << "no text at all";
}

TEST(WordVectorsTest, LanguagesAreApart) {
  EXPECT_EQ(Alike("dog", "собака"), 0);
  EXPECT_EQ(SentenceOf({"dog"}).SimilarityTo(SentenceOf({"собака"})), 0);
  const Sentence both = SentenceOf({"dog", "собака"});
  EXPECT_NEAR(both.SimilarityTo(SentenceOf({"dog"})), 0.707, 0.01);
}

TEST(WordVectorsTest, UsualWordsWeighLittle) {
  EXPECT_LT(Find("the")->weight, 10);
  EXPECT_LT(Find("и")->weight, 15);
  EXPECT_GT(Find("insomnia")->weight, 240);
  EXPECT_GT(Find("бессонница")->weight, 240);
}

TEST(WordVectorsTest, SentencesAboutTheSameAreAlike) {
  const Sentence asked = SentenceOf({"my", "dog", "is", "ill"});
  EXPECT_GT(asked.SimilarityTo(SentenceOf({"the", "puppy", "has", "a", "disease"})),
            asked.SimilarityTo(SentenceOf({"we", "signed", "the", "contract"})) + 0.2);
  EXPECT_EQ(asked.SimilarityTo(Sentence()), 0);
  EXPECT_TRUE(Sentence().empty());
  EXPECT_FALSE(asked.empty());
}

// Properties of words taken at random from everything in a table.
class TableTest : public testing::TestWithParam<std::string_view> {
 protected:
  static uint32_t Count(std::string_view bytes) {
    uint32_t count = 0;
    for (int i = 3; i >= 0; --i) count = count << 8 | static_cast<unsigned char>(bytes[4 + i]);
    return count;
  }
};

TEST_P(TableTest, HasTheSizeThatItSays) {
  const std::string_view bytes = GetParam();
  ASSERT_GT(bytes.size(), 16u);
  EXPECT_EQ(bytes.substr(0, 4), "WORD");
  EXPECT_EQ(static_cast<unsigned char>(bytes[8]), kDimensions);
  EXPECT_EQ(bytes.size(), 16 + Count(bytes) * (4 + 1 + size_t{kDimensions} / 2));
  EXPECT_LT(bytes.size(), 2'400'000u);
}

TEST_P(TableTest, KeysAreInOrder) {
  const std::string_view bytes = GetParam();
  uint32_t last = 0;
  for (size_t i = 0; i < Count(bytes); ++i) {
    uint32_t key = 0;
    for (int j = 3; j >= 0; --j) {
      key = key << 8 | static_cast<unsigned char>(bytes[16 + 4 * i + static_cast<size_t>(j)]);
    }
    ASSERT_TRUE(i == 0 || key > last) << i;
    last = key;
  }
}

INSTANTIATE_TEST_SUITE_P(Languages, TableTest, testing::Values(kEnglishVectors, kRussianVectors));

constexpr std::string_view kSome[] = {"mother", "run",  "happy", "tax",   "window", "doctor",
                                      "мама",   "бег",  "рад",   "налог", "окно",   "врач",
                                      "lake",   "fear", "ночь",  "страх", "guitar", "гитара"};

TEST(WordVectorsTest, SimilarityIsACosine) {
  for (const std::string_view one : kSome) {
    EXPECT_DOUBLE_EQ(Alike(one, one), 1);
    for (const std::string_view other : kSome) {
      const double alike = Alike(one, other);
      EXPECT_EQ(alike, Alike(other, one));
      EXPECT_LE(std::abs(alike), 1.0 + 1e-12);
    }
    EXPECT_LE(Find(one)->weight, kGreatestWeight);
  }
}

TEST(WordVectorsTest, TheOrderOfWordsDoesNotCount) {
  std::mt19937 dice(1);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::string_view> words(std::begin(kSome), std::end(kSome));
    std::shuffle(words.begin(), words.end(), dice);
    words.resize(1 + dice() % words.size());
    Sentence forwards, backwards;
    for (const std::string_view word : words) forwards.Add(*Find(word));
    for (size_t i = words.size(); i > 0; --i) backwards.Add(*Find(words[i - 1]), 3);
    EXPECT_NEAR(forwards.SimilarityTo(backwards), 1, 1e-9);
  }
}

TEST(WordVectorsTest, AnythingCanBeLookedUp) {
  std::mt19937 dice(2);
  for (int round = 0; round < 20'000; ++round) {
    std::string word(dice() % 12, ' ');
    for (char& byte : word) byte = static_cast<char>(dice());
    const auto found = Find(word);
    if (!found.has_value()) continue;
    EXPECT_GT(found->length, 0);
    for (const int8_t value : found->values) EXPECT_LE(std::abs(value), 7);
  }
}

}  // namespace
}  // namespace selfology::word_vectors
