#include "services/feed/feed/model/company.h"

#include <algorithm>
#include <random>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::feed {
namespace {

SharedAudience Of(Audience audience) {
  return std::make_shared<const Audience>(std::move(audience));
}

TEST(CompanyTest, NobodyIsNearToNobody) {
  EXPECT_EQ(Company().Nearness({1, 2}), 0);
  EXPECT_EQ(Company(1, {}).Nearness({1, 2}), 0);
  EXPECT_EQ(Company(1, std::vector<SharedAudience>{nullptr}).Nearness({2}), 0);
  EXPECT_EQ(Company(1, std::vector{Of({2, 3})}).Nearness({}), 0);
}

TEST(CompanyTest, ThePersonIsNotTheirOwnCompany) {
  const Company company(1, std::vector{Of({1, 2})});
  EXPECT_EQ(company.Nearness({1}), 0);
  EXPECT_GT(company.Nearness({2}), 0);
}

TEST(CompanyTest, OneCommonReaderIsLittleAndManyAreMuch) {
  Audience many;
  for (int64_t i = 2; i < 102; ++i) many.push_back(i);
  const double one = Company(1, std::vector{Of({2})}).Nearness({2});
  const double hundred = Company(1, std::vector{Of(many)}).Nearness(many);
  EXPECT_LT(one, 0.03);
  EXPECT_GT(hundred, 8 * one);
}

TEST(CompanyTest, AnAudienceOfEverybodySaysLess) {
  const Company company(1, std::vector{Of({2, 3, 4})});
  Audience everybody;
  for (int64_t i = 2; i < 200; ++i) everybody.push_back(i);
  EXPECT_GT(company.Nearness({2, 3, 4}), company.Nearness(everybody));
}

TEST(CompanyTest, TheLatestLikeCountsMost) {
  const Company company(1, std::vector{Of({2}), Of({3})});
  EXPECT_GT(company.Nearness({2}), company.Nearness({3}));
}

TEST(CompanyTest, OnlySoManyLikesCount) {
  std::vector<SharedAudience> likes(kMostLikes, Of({2}));
  const double before = Company(1, likes).Nearness({2});
  likes.push_back(Of({3}));
  const Company company(1, likes);
  EXPECT_EQ(company.Nearness({2}), before);
  EXPECT_EQ(company.Nearness({3}), 0);
}

// Of random worlds: at most 1, never below 0, and nearer with one more common reader.
TEST(CompanyTest, HoldsInRandomWorlds) {
  std::mt19937_64 random(3);
  for (int world = 0; world < 200; ++world) {
    const auto audience = [&] {
      Audience made;
      for (int64_t id = 1; id <= 60; ++id) {
        // Ids as large as Telegram's, and not of one part of the table only.
        if (random() % 4 == 0) made.push_back(id * 7'000'000'011);
      }
      return made;
    };
    std::vector<Audience> posts;
    for (int i = 0; i < 20; ++i) posts.push_back(audience());
    std::vector<SharedAudience> likes;
    for (const Audience& post : posts) likes.push_back(Of(post));
    const Company company(7'000'000'011, likes);
    const int64_t stranger = 5;
    for (const Audience& post : posts) {
      const double nearness = company.Nearness(post);
      EXPECT_GE(nearness, 0);
      EXPECT_LE(nearness, 1);
      Audience with = post;
      with.insert(with.begin(), stranger);
      EXPECT_LT(company.Nearness(with), nearness) << "one more who is not alike";
      std::vector<SharedAudience> joined = likes;
      joined[0] = Of([&] {
        Audience first = *likes[0];
        first.insert(first.begin(), stranger);
        return first;
      }());
      EXPECT_GT(Company(7'000'000'011, joined).Nearness(with), company.Nearness(with))
          << "once they like the same";
    }
  }
}

}  // namespace
}  // namespace selfology::feed
