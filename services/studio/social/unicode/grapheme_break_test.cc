// Unicode's own cases of where graphemes end; where they come from: README.md
#include <charconv>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "common/text/utf8.h"
#include "gtest/gtest.h"
#include "services/studio/social/limits.h"

namespace selfology::social {
namespace {

// The graphemes of "÷ 0061 × 0308 ÷ 0062 ÷".
std::vector<std::string> GraphemesOf(std::string_view line) {
  std::vector<std::string> graphemes;
  for (const std::string_view word : absl::StrSplit(line, absl::ByAnyChar(" \t"))) {
    if (word == "÷") {
      graphemes.emplace_back();
    } else if (word != "×") {
      unsigned c = 0;
      std::from_chars(word.data(), word.data() + word.size(), c, 16);
      text::AppendCharacter(c, graphemes.back());
    }
  }
  graphemes.pop_back();  // What follows the last boundary.
  return graphemes;
}

// The count grows by one with each grapheme and at no other place, so its boundaries are Unicode's.
void ExpectThese(std::string_view line) {
  SCOPED_TRACE(line);
  std::string text;
  int count = 0;
  for (const std::string& grapheme : GraphemesOf(line)) {
    EXPECT_EQ(Graphemes(grapheme), 1);
    text += grapheme;
    EXPECT_EQ(Graphemes(text), ++count);
  }
}

TEST(GraphemeBreakTest, CountsAsUnicodeSays) {
  std::ifstream file("services/studio/social/unicode/GraphemeBreakTest.txt");
  int cases = 0;
  for (std::string line; std::getline(file, line);) {
    std::string_view given = std::string_view(line).substr(0, line.find('#'));
    while (!given.empty() && (given.back() == '\t' || given.back() == ' ')) given.remove_suffix(1);
    if (given.empty()) continue;
    ExpectThese(given);
    ++cases;
  }
  EXPECT_EQ(cases, 602) << "as the file's last lines say";
}

// Rule GB9c, which Unicode has since 15.1.
TEST(GraphemeBreakTest, CountsConjunctsAsUnicodeSays) {
  for (const char* line : {
           "÷ 0915 ÷ 0924 ÷",
           "÷ 0915 × 094D × 0924 ÷",
           "÷ 0915 × 094D × 094D × 0924 ÷",
           "÷ 0915 × 094D × 200D × 0924 ÷",
           "÷ 0915 × 093C × 200D × 094D × 0924 ÷",
           "÷ 0915 × 093C × 094D × 200D × 0924 ÷",
           "÷ 0915 × 094D × 0924 × 094D × 092F ÷",
           "÷ 0915 × 094D ÷ 0061 ÷",
           "÷ 0061 × 094D ÷ 0924 ÷",
           "÷ 003F × 094D ÷ 0924 ÷",
           "÷ 0AB8 × 0AFB × 0ACD × 0AB8 × 0AFB ÷",
       }) {
    ExpectThese(line);
  }
}

}  // namespace
}  // namespace selfology::social
