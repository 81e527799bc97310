#include "services/coaching/analysis/local_embedding.h"

#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace selfology::analysis {
namespace {

std::vector<float> Embed(std::string_view text, int dimensions = 512) {
  static const auto* const lexicon = new lexicon::Lexicon(*lexicon::Lexicon::BuiltIn());
  return LocalEmbedding(*lexicon, text, dimensions);
}

double Likeness(std::string_view a, std::string_view b) {
  const std::vector<float> x = Embed(a), y = Embed(b);
  double product = 0;
  for (size_t i = 0; i < x.size(); ++i) product += x[i] * y[i];
  return product;
}

TEST(LocalEmbedding, MakesUnitVectorsOfAnyLength) {
  for (const int dimensions : {8, 512, 1536}) {
    for (const char* text : {"I love painting", "...", "я", "zzz", "🙂"}) {
      const std::vector<float> vector = Embed(text, dimensions);
      ASSERT_EQ(vector.size(), static_cast<size_t>(dimensions));
      double squares = 0;
      for (const float x : vector) squares += x * x;
      EXPECT_NEAR(squares, 1, 1e-5);
    }
  }
}

TEST(LocalEmbedding, PutsLikeThingsNearEachOther) {
  EXPECT_NEAR(Likeness("I love painting", "I love painting"), 1, 1e-6);
  EXPECT_GT(Likeness("I love painting landscapes", "Drawing makes me happy"),
            Likeness("I love painting landscapes", "My debts and the rent"));
  EXPECT_GT(Likeness("Я рисую картины", "Люблю рисовать"),
            Likeness("Я рисую картины", "Ипотека и долги"));
}

// Vectors are stored: another build must make the same ones.
TEST(LocalEmbedding, IsTheSameForEver) {
  const std::vector<float> vector = Embed("I love painting", 8);
  const std::vector<float> stored = {0.341192f, 0,         -0.280472f, 0.862681f,
                                     0,         0.220373f, 0,          0.110186f};
  for (size_t i = 0; i < vector.size(); ++i) EXPECT_NEAR(vector[i], stored[i], 1e-5) << i;
}

}  // namespace
}  // namespace selfology::analysis
