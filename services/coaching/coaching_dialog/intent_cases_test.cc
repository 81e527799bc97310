// Messages of people, and what they ask for.
#include "services/coaching/coaching_dialog/intent_cases.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"
#include "services/coaching/coaching_dialog/intent.h"

namespace selfology::coaching_dialog {
namespace {

std::string_view NameOf(std::optional<Intent> intent) {
  static constexpr std::string_view kNames[] = {
      "why",    "rephrase", "example", "skip",  "keep",    "help",     "how_long", "who_reads",
      "pause",  "finish",   "resume",  "yes",   "no",      "talk",     "task",     "complaint",
      "thanks", "english",  "russian", "erase", "unclear", "informal", "formal",   "normal"};
  return intent.has_value() ? kNames[static_cast<size_t>(*intent)] : "answer";
}

std::string_view Read(std::string_view where, std::string_view message) {
  if (where == "c") return NameOf(IntentAtConsent(message));
  if (where == "p") return NameOf(IntentInPause(message));
  if (where == "t") return NameOf(IntentInTalk(message));
  return NameOf(IntentAtQuestion(message));
}

TEST(IntentCasesTest, EveryMessageIsReadAsItIsMeant) {
  std::map<std::string, int> read;
  for (const std::string_view line : absl::StrSplit(kIntentCasesTsv, '\n', absl::SkipEmpty())) {
    if (line[0] == '#') continue;
    const bool misread = line[0] == '~';
    const std::pair<std::string_view, std::string_view> parts =
        absl::StrSplit(absl::StripPrefix(line, "~"), absl::MaxSplits('\t', 1));
    std::string_view where = "q";
    std::string_view meant = parts.first;
    if (meant[1] == ':') {
      where = meant.substr(0, 1);
      meant.remove_prefix(2);
    }
    if (misread) {
      EXPECT_NE(Read(where, parts.second), meant) << "take the ~ away: " << line;
      continue;
    }
    EXPECT_EQ(Read(where, parts.second), meant) << line;
    ++read[std::string(meant)];
  }
  EXPECT_EQ(read.size(), 25) << "all intents, and answers";
  EXPECT_GT(read["answer"], 100);
}

TEST(IntentCasesTest, LongMessagesAreAnswers) {
  EXPECT_EQ(NameOf(IntentAtQuestion("why? why? why?")), "why");
  std::string many;
  for (int i = 0; i < 40; ++i) absl::StrAppend(&many, "why? ");
  EXPECT_EQ(NameOf(IntentAtQuestion(many)), "answer");
  EXPECT_EQ(NameOf(IntentAtQuestion("Why? What? How? Skip.")), "answer") << "too many at once";
}

TEST(IntentCasesTest, WhatIsNoLanguageIsAnAnswer) {
  EXPECT_EQ(NameOf(IntentAtQuestion("")), "answer");
  EXPECT_EQ(NameOf(IntentAtQuestion("🙂")), "answer");
  EXPECT_EQ(NameOf(IntentAtConsent("👍")), "answer");
  EXPECT_EQ(NameOf(IntentAtQuestion("\xff\xfe")), "answer");
}

}  // namespace
}  // namespace selfology::coaching_dialog
