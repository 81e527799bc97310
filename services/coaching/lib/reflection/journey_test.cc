// What is said over a journey: a text is not said twice in a row, and not too much is only thanked
// for.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "services/coaching/lib/reflection/development.h"
#include "services/coaching/lib/reflection/reflection.h"
#include "services/coaching/lib/reflection/tokens.h"
#include "services/coaching/lib/reflection/word_tables.h"

namespace selfology::reflection {
namespace {

constexpr double kMostThanks = 0.4;

// What a frame says besides the person's words.
std::string Besides(std::string_view frame) {
  std::string besides = absl::StrReplaceAll(frame, {{"$0", ""},
                                                    {"$1", ""},
                                                    {"$2", ""},
                                                    {"$3", ""},
                                                    {"“", ""},
                                                    {"”", ""},
                                                    {"«", ""},
                                                    {"»", ""},
                                                    {"–", ""},
                                                    {"—", ""},
                                                    {".", ""},
                                                    {":", ""}});
  return Lower(absl::StripAsciiWhitespace(besides));
}

TEST(Frames, ConsecutiveAnswersGetOtherWords) {
  for (const Language language : language::kLanguages) {
    for (const std::string_view address : {"", "_UNADDRESSED"}) {
      std::vector<std::vector<std::string>> lists;
      for (const char* name : {"CLAUSE", "ANSWER", "ANSWER_NAMED", "ANSWER_QUOTED", "QUOTE",
                               "QUOTE_WEIGHTY", "HEAVY", "THANKS", "THANKS_SORE"}) {
        const auto& frames = WordTable::Of(language).frames(absl::StrCat(name, address));
        if (!frames.empty()) lists.push_back(frames);
      }
      for (size_t number = 0; number < 24; ++number) {
        for (const auto& one : lists) {
          for (const auto& other : lists) {
            const std::string& before = one[number % one.size()];
            const std::string& after = other[(number + 1) % other.size()];
            EXPECT_NE(before, after);
            if (!Besides(before).empty()) EXPECT_NE(Besides(before), Besides(after));
          }
        }
      }
    }
  }
}

struct Said {
  std::string person, answer;
  Reflection reflection;
};

std::vector<Said> SaidTo(Language language) {
  const std::string text(language == Language::kRussian ? development::kRussianTsv
                                                        : development::kEnglishTsv);
  std::vector<Said> all;
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(text, '\n'))) {
    const std::vector<std::string> fields = absl::StrSplit(line, '\t');
    if (line.starts_with('#') || fields.size() != 4) continue;
    const std::string person(fields[0].substr(0, fields[0].find('_')));
    const uint64_t number = all.empty() || all.back().person != person
                                ? 1
                                : std::stoull(fields[0].substr(fields[0].find('_') + 1));
    all.push_back(
        {person, fields[3],
         Reflect(
             {.question = fields[2], .text = fields[3], .language = language, .number = number})});
  }
  return all;
}

TEST(Journey, LittleIsOnlyThankedForAndNothingSaidTwiceInARow) {
  for (const Language language : language::kLanguages) {
    const std::vector<Said> all = SaidTo(language);
    ASSERT_GE(all.size(), 100u);
    const auto thanks = std::count_if(all.begin(), all.end(), [](const Said& said) {
      return said.reflection.kind == Kind::kThanks || said.reflection.kind == Kind::kSober ||
             said.reflection.kind == Kind::kSilent;
    });
    EXPECT_LE(static_cast<double>(thanks), kMostThanks * static_cast<double>(all.size()));
    for (size_t i = 1; i < all.size(); ++i) {
      if (all[i].person != all[i - 1].person || all[i].reflection.text.empty()) continue;
      EXPECT_NE(all[i].reflection.text, all[i - 1].reflection.text) << all[i].answer;
    }
  }
}

}  // namespace
}  // namespace selfology::reflection
