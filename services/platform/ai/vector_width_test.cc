#include "services/platform/ai/vector_width.h"

#include <cmath>
#include <random>
#include <vector>

#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::ai {
namespace {

using Vectors = std::vector<std::vector<float>>;
using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::Pointwise;

double Cosine(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

// Of unit length; neighbours in the list are alike.
Vectors Random(size_t count, size_t width) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  Vectors vectors(count, std::vector<float>(width));
  for (size_t v = 0; v < count; ++v) {
    for (size_t i = 0; i < width; ++i) {
      vectors[v][i] = normal(random) + (v % 2 == 1 ? vectors[v - 1][i] * 30 : 0);
    }
    const double length = std::sqrt(Cosine(vectors[v], vectors[v]));
    for (float& x : vectors[v]) x = static_cast<float>(x / length);
  }
  return vectors;
}

TEST(ParseWidthRule, TakesItsThreeWords) {
  EXPECT_EQ(*ParseWidthRule("project"), WidthRule::kProject);
  EXPECT_EQ(*ParseWidthRule("cut"), WidthRule::kCut);
  EXPECT_EQ(*ParseWidthRule("refuse"), WidthRule::kRefuse);
  EXPECT_TRUE(absl::IsInvalidArgument(ParseWidthRule("stretch").status()));
}

TEST(ToWidth, LeavesWhatFits) {
  for (const WidthRule rule : {WidthRule::kProject, WidthRule::kCut, WidthRule::kRefuse}) {
    EXPECT_THAT(*ToWidth({{0.6F, 0.8F}}, 2, rule), ElementsAre(ElementsAre(0.6F, 0.8F)));
    EXPECT_TRUE(ToWidth({}, 2, rule)->empty());
  }
}

TEST(ToWidth, PutsZerosBehindNarrowOnes) {
  for (const WidthRule rule : {WidthRule::kProject, WidthRule::kCut}) {
    EXPECT_THAT(*ToWidth({{0.6F, 0.8F}}, 4, rule), ElementsAre(ElementsAre(0.6F, 0.8F, 0, 0)));
  }
}

TEST(ToWidth, CutsWideOnesToUnitLength) {
  EXPECT_THAT(ToWidth({{0.48F, 0.64F, 0.6F}}, 2, WidthRule::kCut)->front(),
              Pointwise(FloatNear(1e-6F), {0.6F, 0.8F}));
  EXPECT_EQ(status::Reason(ToWidth({{0, 0, 1}}, 2, WidthRule::kCut).status()), "UNUSABLE_ANSWER");
}

TEST(ToWidth, ProjectsSoThatLikenessStays) {
  for (const size_t width : {768, 1024, 1536}) {
    const Vectors wide = Random(20, width);
    const Vectors narrow = *ToWidth(wide, 512, WidthRule::kProject);
    for (size_t a = 0; a < wide.size(); ++a) {
      ASSERT_EQ(narrow[a].size(), 512u);
      EXPECT_NEAR(Cosine(narrow[a], narrow[a]), 1, 1e-5);
      for (size_t b = 0; b < a; ++b) {
        EXPECT_NEAR(Cosine(narrow[a], narrow[b]), Cosine(wide[a], wide[b]), 0.18);
      }
    }
  }
}

constexpr float kRoot = 0.35355339F;  // 1/sqrt(8)
constexpr float kFirstDirections[] = {-kRoot, -kRoot, -kRoot, -kRoot,
                                      -kRoot, -kRoot, kRoot,  -kRoot};

// What is kept in a vector store must stay comparable with what comes.
TEST(ToWidth, ProjectsAlwaysTheSameWay) {
  const Vectors wide = Random(3, 1024);
  const Vectors together = *ToWidth(wide, 512, WidthRule::kProject);
  EXPECT_EQ(ToWidth({wide[2]}, 512, WidthRule::kProject)->front(), together[2]);
  EXPECT_THAT(ToWidth({{1, 0, 0, 0, 0, 0, 0, 0, 0, 0}}, 8, WidthRule::kProject)->front(),
              Pointwise(FloatNear(1e-6F), kFirstDirections));
}

TEST(SpaceOf, IsOfModelWidthAndRule) {
  EXPECT_EQ(SpaceOf("m", 512, 512, WidthRule::kProject), "m-512");
  EXPECT_EQ(SpaceOf("m", 512, 512, WidthRule::kRefuse), "m-512");
  EXPECT_EQ(SpaceOf("m", 1024, 512, WidthRule::kProject), "m-1024-project-512");
  EXPECT_EQ(SpaceOf("m", 1024, 512, WidthRule::kCut), "m-1024-cut-512");
  EXPECT_EQ(SpaceOf("m", 384, 512, WidthRule::kProject), "m-384-pad-512");
  EXPECT_EQ(SpaceOf("m", 384, 512, WidthRule::kCut), "m-384-pad-512");
}

TEST(ToWidth, RefusesIfItIsToldSo) {
  const absl::Status failure = ToWidth({{1, 0}}, 4, WidthRule::kRefuse).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(failure));
  EXPECT_EQ(status::ErrorMetadata(failure).at("width"), "2");
  EXPECT_EQ(status::ErrorMetadata(failure).at("wanted"), "4");
}

}  // namespace
}  // namespace selfology::ai
