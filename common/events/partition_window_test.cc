#include "common/events/partition_window.h"

#include <algorithm>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace selfology::events {
namespace {

TEST(PartitionWindowTest, NothingIsDoneBeforeTheFirstEntryIs) {
  PartitionWindow window(EntryId{5, 0});
  window.Read({6, 0});
  window.Read({7, 0});
  window.Finished({7, 0});
  EXPECT_EQ(window.Done(), (EntryId{5, 0}));
  window.Finished({6, 0});
  EXPECT_EQ(window.Done(), (EntryId{7, 0}));
  EXPECT_EQ(window.size(), 0u);
}

TEST(PartitionWindowTest, UnknownAndRepeatedFinishesChangeNothing) {
  PartitionWindow window;
  window.Finished({1, 0});
  window.Read({2, 0});
  window.Finished({1, 9});
  window.Finished({3, 0});
  EXPECT_EQ(window.Done(), (EntryId{}));
  window.Finished({2, 0});
  window.Finished({2, 0});
  EXPECT_EQ(window.Done(), (EntryId{2, 0}));
}

// Whatever the order in which entries finish, Done is the end of the longest finished beginning.
TEST(PartitionWindowTest, DoneIsTheLongestFinishedBeginning) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    PartitionWindow window;
    std::vector<EntryId> ids;
    for (uint64_t i = 1; i <= 1 + random() % 50; ++i) ids.push_back({i / 3 + 1, i});
    for (const EntryId id : ids) window.Read(id);
    std::vector<EntryId> order = ids;
    std::shuffle(order.begin(), order.end(), random);
    std::vector<EntryId> finished;
    for (const EntryId id : order) {
      window.Finished(id);
      finished.push_back(id);
      EntryId expected;
      for (const EntryId candidate : ids) {
        if (std::find(finished.begin(), finished.end(), candidate) == finished.end()) break;
        expected = candidate;
      }
      ASSERT_EQ(window.Done(), expected) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace selfology::events
