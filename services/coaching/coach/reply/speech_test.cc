#include "services/coaching/coach/reply/speech.h"

#include <regex>
#include <set>
#include <string>

#include "gtest/gtest.h"
#include "services/coaching/lib/safety/reply_check.h"

namespace selfology::coach {
namespace {

TEST(FillTest, TakesUpSlotsFormsAndCapitals) {
  const Slots slots{{"x", "sleep"}, {"q", "“a long night.”"}, {"end", "wait."}};
  EXPECT_EQ(Fill("When you try to {x}?", slots, false), "When you try to sleep?");
  EXPECT_EQ(Fill("Yes. {x} comes.", slots, false), "Yes. Sleep comes.");
  EXPECT_EQ(Fill("Now {end}.", slots, false), "Now wait.");
  EXPECT_EQ(Fill("[Вы|Ты] {x}", slots, true), "Ты sleep");
  EXPECT_EQ(Fill("[Вы|Ты] {x}", slots, false), "Вы sleep");
  EXPECT_EQ(Fill("{nothing}", slots, false), std::nullopt);
}

TEST(WasMadeOfTest, KnowsAReplyAgainWhateverFilledIt) {
  EXPECT_TRUE(
      WasMadeOf("When you try to sleep, what happens?", "When you try to {x}, what happens?"));
  EXPECT_FALSE(WasMadeOf("What happens?", "When you try to {x}, what happens?"));
}

TEST(SpeechTest, SaysTheWordsBack) {
  const LoadedSpeech english = *LoadedSpeech::Load(language::Language::kEnglish);
  const Utterance message("My boss says I was late with my report");
  EXPECT_EQ(english.SaidBack(message, {0, 9}, false),
            "your boss says you were late with your report");
  const LoadedSpeech russian = *LoadedSpeech::Load(language::Language::kRussian);
  const Utterance promise("позвонить моей маме");
  EXPECT_EQ(russian.SaidBack(promise, {0, 3}, true), "позвонить твоей маме");
}

// Both languages have the same replies, so that none is missing in one of them.
TEST(SpeechTest, IsCompleteInBothLanguages) {
  std::set<std::string> names[2];
  for (const language::Language language : language::kLanguages) {
    const LoadedSpeech speech = *LoadedSpeech::Load(language);
    for (const Replies& replies : speech.speech().replies()) {
      EXPECT_TRUE(names[static_cast<int>(language)].insert(replies.name()).second)
          << replies.name() << " twice";
    }
    std::set<int> intents;
    for (const Frame& frame : speech.speech().frame()) intents.insert(frame.intent());
    for (const Intent intent : {GREETING, REPAIR, RECALL, MAKE_PLAN, DECIDE, DRAFT, GRIEF, INSULT,
                                REVENGE, JOY, SPEAK_ENGLISH, SPEAK_RUSSIAN}) {
      EXPECT_TRUE(intents.contains(intent)) << Intent_Name(intent);
    }
    EXPECT_TRUE(speech.speech().plan_kind().rbegin()->stem().empty()) << "for all other goals";
  }
  EXPECT_EQ(names[0], names[1]);
}

// A slot that nobody fills would make a reply that is never said.
TEST(SpeechTest, NamesOnlySlotsThatAreFilled) {
  const std::set<std::string> known = {
      "c",          "c\"",      "prev\"",    "topic\"",   "who",       "whom",        "m",
      "m\"",        "day",      "Day",       "event",     "Event",     "goal",        "goal\"",
      "step",       "number",   "what\"",    "found\"",   "second\"",  "a\"",         "b\"",
      "name",       "relation", "say",       "Say",       "done_step", "done_number", "said_day",
      "second_day", "about",    "with_them", "from_them", "to_them",   "task"};
  const std::regex slot("\\{([^}]*)\\}");
  for (const language::Language language : language::kLanguages) {
    const LoadedSpeech speech = *LoadedSpeech::Load(language);
    const auto check = [&](const ReplyTexts& texts, const std::string& patterns) {
      for (const std::string& text : texts) {
        for (std::sregex_iterator i(text.begin(), text.end(), slot), end; i != end; ++i) {
          const std::string name = (*i)[1];
          const std::string capture = name.substr(0, name.find_first_of("\"'"));
          const bool captured = patterns.find("{" + capture + "}") != std::string::npos ||
                                patterns.find("{" + capture + "+}") != std::string::npos;
          EXPECT_TRUE(known.contains(name) || captured) << name << " in " << text;
        }
      }
    };
    for (const Replies& replies : speech.speech().replies()) {
      check(replies.reply(), replies.name() == "repair_meant" ? "{x}" : "");
    }
    for (const Frame& frame : speech.speech().frame()) {
      std::string patterns;
      for (const std::string& pattern : frame.pattern()) patterns += pattern + " ";
      check(frame.reply(), patterns);
    }
  }
}

TEST(SpeechTest, SaysNothingThatTheGateWouldRefuse) {
  for (const language::Language language : language::kLanguages) {
    const LoadedSpeech speech = *LoadedSpeech::Load(language);
    const auto check = [](const ReplyTexts& texts) {
      for (const std::string& text : texts) {
        EXPECT_TRUE(safety::CheckReply(text, {}).empty()) << text;
      }
    };
    for (const Replies& replies : speech.speech().replies()) check(replies.reply());
    for (const Frame& frame : speech.speech().frame()) check(frame.reply());
  }
}

}  // namespace
}  // namespace selfology::coach
