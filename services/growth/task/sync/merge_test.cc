#include "services/growth/task/sync/merge.h"

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::task {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr absl::Time kEarly = absl::FromUnixSeconds(1'000);
constexpr absl::Time kLate = absl::FromUnixSeconds(2'000);

ChangeTimes All(absl::Time at) { return {.title = at, .notes = at, .status = at}; }

TEST(MergeTest, EachFieldComesFromTheSideThatChangedIt) {
  const SyncFields agreed = {.title = "a", .notes = "b", .labels = {"x", "y"}};
  SyncFields ours = agreed, theirs = agreed;
  ours.title = "ours";
  ours.labels = {"x", "y", "z"};
  theirs.notes = "theirs";
  theirs.labels = {"y"};
  theirs.status = v1::TASK_STATUS_COMPLETED;
  const Merged merged = Merge(agreed, ours, All(kEarly), theirs, kLate);
  EXPECT_EQ(merged.fields, (SyncFields{.title = "ours",
                                       .notes = "theirs",
                                       .labels = {"y", "z"},
                                       .status = v1::TASK_STATUS_COMPLETED}));
  EXPECT_THAT(merged.conflicts, IsEmpty());
}

TEST(MergeTest, WhereBothHaveChangedTheLaterChangeOfEachFieldHolds) {
  const SyncFields agreed = {.title = "a", .notes = "b"};
  const SyncFields ours = {
      .title = "ours", .notes = "our notes", .status = v1::TASK_STATUS_DROPPED};
  const SyncFields theirs = {
      .title = "theirs", .notes = "their notes", .status = v1::TASK_STATUS_COMPLETED};
  const Merged merged = Merge(
      agreed, ours,
      {.title = kLate, .notes = absl::FromUnixSeconds(500), .status = kEarly + absl::Seconds(1)},
      theirs, kEarly);
  EXPECT_EQ(merged.fields.title, "ours");
  EXPECT_EQ(merged.fields.notes, "their notes");
  EXPECT_EQ(merged.fields.status, v1::TASK_STATUS_DROPPED);
  EXPECT_THAT(merged.conflicts, UnorderedElementsAre("title", "notes", "status"));
  // Theirs are told by the second; within one, theirs hold.
  EXPECT_EQ(Merge(agreed, ours, All(kEarly + absl::Milliseconds(900)), theirs, kEarly).fields.title,
            "theirs");
}

TEST(MergeTest, MoreLabelsThanATaskCanHaveAreTheirs) {
  SyncFields ours, theirs;
  for (int i = 0; i < 15; ++i) {
    ours.labels.push_back("a" + std::to_string(100 + i));
    theirs.labels.push_back("b" + std::to_string(100 + i));
  }
  const Merged merged = Merge({}, ours, All(kLate), theirs, kEarly);
  EXPECT_EQ(merged.fields.labels, theirs.labels);
  EXPECT_THAT(merged.conflicts, ElementsAre("labels"));
}

class Dice {
 public:
  explicit Dice(uint32_t seed) : random_(seed) {}
  int Upto(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  SyncFields Fields() {
    std::set<std::string> labels;
    for (int i = Upto(4); i > 0; --i)
      labels.insert(std::string(1, static_cast<char>('a' + Upto(6))));
    return {.title = "t" + std::to_string(Upto(3)),
            .notes = "n" + std::to_string(Upto(3)),
            .labels = {labels.begin(), labels.end()},
            .status = static_cast<v1::TaskStatus>(1 + Upto(3))};
  }
  ChangeTimes Times() { return {.title = Time(), .notes = Time(), .status = Time()}; }
  absl::Time Time() { return absl::FromUnixSeconds(Upto(5)); }

 private:
  std::mt19937 random_;
};

// What must hold of any three states.
TEST(MergeTest, Laws) {
  Dice dice(20260311);
  for (int i = 0; i < 20'000; ++i) {
    const SyncFields agreed = dice.Fields(), ours = dice.Fields(), theirs = dice.Fields();
    const ChangeTimes at = dice.Times();
    const absl::Time their_time = dice.Time();
    // One side alone, and both alike.
    EXPECT_EQ(Merge(agreed, ours, at, agreed, their_time).fields, ours);
    EXPECT_EQ(Merge(agreed, agreed, at, theirs, their_time).fields, theirs);
    EXPECT_EQ(Merge(agreed, ours, at, ours, their_time).fields, ours);
    EXPECT_THAT(Merge(agreed, ours, at, ours, their_time).conflicts, IsEmpty());
    const Merged merged = Merge(agreed, ours, at, theirs, their_time);
    // Nobody invents anything.
    EXPECT_TRUE(merged.fields.title == ours.title || merged.fields.title == theirs.title);
    EXPECT_TRUE(merged.fields.notes == ours.notes || merged.fields.notes == theirs.notes);
    EXPECT_TRUE(merged.fields.status == ours.status || merged.fields.status == theirs.status);
    EXPECT_TRUE(std::is_sorted(merged.fields.labels.begin(), merged.fields.labels.end()));
    // Our side has it, theirs not yet: merging again changes our side no more, and asks for the same.
    const SyncFields half = Agreed(agreed, merged.fields, theirs);
    EXPECT_EQ(Merge(half, merged.fields, All(absl::InfiniteFuture()), theirs, their_time).fields,
              merged.fields);
    // Both have it: it is what is agreed on.
    EXPECT_EQ(Agreed(agreed, merged.fields, merged.fields), merged.fields);
    EXPECT_EQ(Agreed(half, merged.fields, merged.fields), merged.fields);
  }
}

// Two sides change at any time and are synced at any time, as syncing.cc does it, with writes to their
// side that are lost now and then; in the end they are equal, and syncing again does nothing.
TEST(MergeTest, SidesThatChangeAtRandomEndEqual) {
  for (uint32_t seed = 0; seed < 500; ++seed) {
    Dice dice(seed);
    SyncFields ours = dice.Fields(), theirs = ours, agreed = ours;
    ChangeTimes at;
    absl::Time their_time = absl::FromUnixSeconds(0);
    const auto sync = [&](bool arrives) {
      ours = Merge(agreed, ours, at, theirs, their_time).fields;
      agreed = Agreed(agreed, ours, theirs);
      if (!arrives) return;
      theirs = ours;
      agreed = Agreed(agreed, ours, theirs);
    };
    for (int step = 1; step <= 200; ++step) {
      const absl::Time now = absl::FromUnixSeconds(step * 10);
      SyncFields& side = dice.Upto(2) == 0 ? ours : theirs;
      const SyncFields fresh = dice.Fields();
      switch (dice.Upto(5)) {
        case 0:
          side.title = fresh.title;
          break;
        case 1:
          side.notes = fresh.notes;
          break;
        case 2:
          side.labels = fresh.labels;
          break;
        case 3:
          side.status = fresh.status;
          break;
        default:
          sync(dice.Upto(3) != 0);
          continue;
      }
      if (&side == &ours) at = All(now);
      if (&side == &theirs) their_time = now;
    }
    sync(true);
    EXPECT_EQ(ours, theirs) << seed;
    EXPECT_EQ(ours, agreed) << seed;
    const SyncFields before = ours;
    sync(true);
    EXPECT_EQ(ours, before) << seed;
  }
}

}  // namespace
}  // namespace selfology::task
