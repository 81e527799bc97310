#include "common/text/utf8.h"

#include "gtest/gtest.h"

namespace selfology::text {
namespace {

TEST(Characters, SurviveTakingAndAppending) {
  const std::string text = "aя€😀";
  std::string copy;
  for (std::string_view rest = text; !rest.empty();) AppendCharacter(TakeCharacter(rest), copy);
  EXPECT_EQ(copy, text);
  EXPECT_EQ(Prefix(text, 2), "aя");
  EXPECT_EQ(Prefix(text, 9), text);
}

TEST(Characters, RefuseWhatIsNotUtf8) {
  for (std::string_view bad :
       {"\x80", "\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF7\xBF\xBF\xBF", "\xFF"}) {
    EXPECT_EQ(TakeCharacter(bad), 0u);
  }
}

}  // namespace
}  // namespace selfology::text
