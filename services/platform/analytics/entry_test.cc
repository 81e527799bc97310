#include "services/platform/analytics/entry.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::analytics {
namespace {

bool IsAccepted(std::string_view text) {
  status::FieldViolations bad;
  CheckText(text, bad);
  return bad.empty();
}

TEST(EntryTest, TextHasOneTo1000Characters) {
  EXPECT_TRUE(IsAccepted("a"));
  EXPECT_FALSE(IsAccepted(""));
  EXPECT_FALSE(IsAccepted(" \n\t"));
  EXPECT_TRUE(IsAccepted(std::string(1000, 'a')));
  EXPECT_FALSE(IsAccepted(std::string(1001, 'a')));
}

TEST(EntryTest, CharactersAreCountedNotBytes) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "ж";
  EXPECT_TRUE(IsAccepted(text));
  EXPECT_FALSE(IsAccepted(text + "ж"));
}

}  // namespace
}  // namespace selfology::analytics
