#include "services/edge/realtime/catch_up.h"

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::realtime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::VariantWith;

const auto Row = [](size_t index) { return VariantWith<size_t>(index); };
const auto Missing = [](int64_t from, int64_t to) { return VariantWith<Gap>(Gap{from, to}); };

TEST(CatchUpTest, WithoutAnOffsetADeviceBeginsWhereTheLogEnds) {
  Place place;
  const Told told = Advance(place, 7, {5, 6, 7}, true);
  EXPECT_EQ(told.ready, 7);
  EXPECT_THAT(told.items, IsEmpty());
  const Told next = Advance(place, 8, {8}, true);
  EXPECT_EQ(next.ready, std::nullopt);
  EXPECT_THAT(next.items, ElementsAre(Row(0)));
  EXPECT_EQ(place.after, 8);
}

TEST(CatchUpTest, TheFirstEventOfALogIsNoGap) {
  Place place;
  EXPECT_EQ(Advance(place, 0, {}, true).ready, 0);
  EXPECT_THAT(Advance(place, 1'700'000'000'000, {1'700'000'000'000}, true).items,
              ElementsAre(Row(0)));
}

TEST(CatchUpTest, FromAnOffsetAllThatFollowsInOrder) {
  Place place{.after = 5};
  const Told told = Advance(place, 8, {4, 5, 6, 7}, false);
  EXPECT_EQ(told.ready, 5);
  EXPECT_THAT(told.items, ElementsAre(Row(2), Row(3)));
  EXPECT_EQ(place.after, 7);
}

TEST(CatchUpTest, WhatWasDroppedIsAGap) {
  Place begin{.after = 2};
  EXPECT_THAT(Advance(begin, 6, {5, 6}, true).items, ElementsAre(Missing(3, 4), Row(0), Row(1)));
  Place middle{.after = 2};
  EXPECT_THAT(Advance(middle, 6, {3, 6}, true).items, ElementsAre(Row(0), Missing(4, 5), Row(1)));
  Place all{.after = 2};
  EXPECT_THAT(Advance(all, 6, {}, true).items, ElementsAre(Missing(3, 6)));
  EXPECT_EQ(all.after, 6);
  EXPECT_THAT(Advance(all, 6, {}, true).items, IsEmpty());
}

TEST(CatchUpTest, AllThatAreKeptIsNoGap) {
  Place place{.after = 0};
  EXPECT_THAT(Advance(place, 6, {5, 6}, true).items, ElementsAre(Row(0), Row(1)));
  Place nothing{.after = 0};
  EXPECT_THAT(Advance(nothing, 6, {}, true).items, IsEmpty());
  EXPECT_EQ(nothing.after, 6);
}

TEST(CatchUpTest, ADeviceBeyondTheEndMissedNobodyKnowsWhat) {
  Place erased{.after = 9};
  EXPECT_THAT(Advance(erased, 0, {}, true).items, ElementsAre(Missing(0, 0)));
  EXPECT_EQ(erased.after, 0);
  Place ahead{.after = 9};
  EXPECT_THAT(Advance(ahead, 6, {}, true).items, ElementsAre(Missing(0, 6)));
  EXPECT_EQ(ahead.after, 6);
}

TEST(CatchUpTest, ARowThatCameAfterTheHeadWasReadIsNotLost) {
  Place place{.after = 5};
  EXPECT_THAT(Advance(place, 5, {6}, true).items, ElementsAre(Row(0)));
  EXPECT_THAT(Advance(place, 6, {}, true).items, IsEmpty());
}

// However rows come and go and pages are cut: each kept position once, in order, and each that is
// neither told nor covered by a gap does not exist.
TEST(CatchUpTest, EveryPositionIsToldOrInAGapExactlyOnce) {
  std::mt19937 random(20);
  for (int round = 0; round < 2000; ++round) {
    const int64_t head = std::uniform_int_distribution<int64_t>(1, 30)(random);
    std::set<int64_t> kept;
    for (int64_t p = 1; p <= head; ++p) {
      if (std::bernoulli_distribution(0.7)(random)) kept.insert(p);
    }
    const int64_t offset = std::uniform_int_distribution<int64_t>(1, head)(random);
    Place place{.after = offset};
    std::vector<int64_t> seen;
    for (int turn = 0; turn < 100 && *place.after < head; ++turn) {
      const size_t limit = std::uniform_int_distribution<size_t>(1, 4)(random);
      std::vector<int64_t> rows(kept.upper_bound(*place.after), kept.end());
      const bool complete = rows.size() <= limit;
      if (!complete) rows.resize(limit);
      for (const auto& item : Advance(place, head, rows, complete).items) {
        if (const Gap* gap = std::get_if<Gap>(&item)) {
          for (int64_t p = gap->from; p <= gap->to; ++p) {
            EXPECT_FALSE(kept.contains(p));
            seen.push_back(p);
          }
        } else {
          seen.push_back(rows[std::get<size_t>(item)]);
        }
      }
    }
    ASSERT_EQ(seen.size(), static_cast<size_t>(head - offset));
    for (size_t i = 0; i < seen.size(); ++i) {
      EXPECT_EQ(seen[i], offset + 1 + static_cast<int64_t>(i));
    }
  }
}

}  // namespace
}  // namespace selfology::realtime
