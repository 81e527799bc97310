#include "services/coaching/lib/reflection/reflection.h"

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/text/text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/coaching/lib/reflection/examples.h"
#include "services/coaching/lib/reflection/second_person.h"
#include "services/coaching/lib/reflection/tokens.h"
#include "services/coaching/lib/reflection/word_tables.h"

namespace selfology::reflection {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct Example {
  Language language;
  std::string question, answer, said;
};

std::vector<Example> Examples() {
  std::vector<Example> examples;
  for (const Language language : language::kLanguages) {
    const std::string text(language == Language::kRussian ? examples::kRussianTsv
                                                          : examples::kEnglishTsv);
    for (const std::string& line : std::vector<std::string>(absl::StrSplit(text, '\n'))) {
      if (line.empty() || line[0] == '#') continue;
      const std::vector<std::string> fields = absl::StrSplit(line, '\t');
      if (fields.size() == 3) examples.push_back({language, fields[0], fields[1], fields[2]});
    }
  }
  return examples;
}

Reflection To(const Example& example, uint64_t number = 0) {
  return Reflect({.question = example.question,
                  .text = example.answer,
                  .language = example.language,
                  .number = number});
}

Reflection English(std::string_view text) {
  return Reflect({.text = text, .language = Language::kEnglish});
}
Reflection Russian(std::string_view text) {
  return Reflect({.text = text, .language = Language::kRussian});
}

std::vector<std::string> WordsIn(std::string_view text) {
  std::vector<std::string> words;
  for (const Sentence& sentence : SplitSentences(text)) {
    for (const Token& token : sentence.tokens) {
      if (token.word) words.push_back(token.lower);
    }
  }
  return words;
}

TEST(Reflect, SaysWhatTheExamplesSay) {
  const std::vector<Example> examples = Examples();
  for (const Language language : language::kLanguages) {
    EXPECT_GE(std::count_if(examples.begin(), examples.end(),
                            [&](const Example& e) { return e.language == language; }),
              60);
  }
  for (const Example& example : examples) {
    EXPECT_EQ(To(example).text, example.said) << example.answer;
  }
}

TEST(InSecondPerson, TurnsAllOrNothing) {
  for (const Language language : language::kLanguages) {
    const std::string text(language == Language::kRussian ? examples::kRussianPersonTsv
                                                          : examples::kEnglishPersonTsv);
    int clauses = 0;
    for (const std::string& line : std::vector<std::string>(absl::StrSplit(text, '\n'))) {
      if (line.empty() || line[0] == '#') continue;
      const std::vector<std::string> fields = absl::StrSplit(line, '\t');
      ASSERT_EQ(fields.size(), 2u) << line;
      const std::vector<Sentence> sentences = SplitSentences(fields[0]);
      ASSERT_EQ(sentences.size(), 1u) << line;
      const auto turned = InSecondPerson(language, sentences[0].tokens);
      EXPECT_EQ(turned.has_value() ? Capitalised(Render(*turned)) : "-", fields[1]);
      ++clauses;
    }
    EXPECT_GE(clauses, 30);
  }
}

// Whatever is said is the person's, or one of the few frames, or the same word in another person.
TEST(Reflect, AddsNoWordOfItsOwn) {
  for (const Example& example : Examples()) {
    const WordTable& table = WordTable::Of(example.language);
    std::set<std::string> theirs;
    for (const std::string& word : WordsIn(example.answer)) theirs.insert(word);
    // What few words answer is said with them.
    for (const std::string& word : WordsIn(example.question)) theirs.insert(word);
    for (const char* word : {"that", "is", "what", "the", "вот"}) theirs.insert(word);
    std::set<std::string> frames;
    for (const char* list : {"CLAUSE", "QUOTE", "ANSWER", "HEAVY", "THANKS", "QUOTE_UNADDRESSED",
                             "HEAVY_UNADDRESSED", "THANKS_UNADDRESSED", "THANKS_SORE"}) {
      for (const std::string& frame : table.frames(list)) {
        for (const std::string& word : WordsIn(frame)) frames.insert(word);
      }
    }
    for (uint64_t number = 0; number < 4; ++number) {
      const Reflection said = To(example, number);
      for (const std::string& word : WordsIn(said.text)) {
        if (theirs.contains(word) || frames.contains(word)) continue;
        if (table.Contains("YOU", word) || word == "are" || word == "were" || word == "weren't" ||
            word == "don't" || word == "о" || word == "с" || word == "к" || word == "сами") {
          continue;
        }
        // A form of a word of theirs begins as it does.
        const std::string beginning =
            word.substr(0, example.language == Language::kRussian ? 4 : 2);
        EXPECT_TRUE(
            std::any_of(theirs.begin(), theirs.end(),
                        [&](const std::string& own) { return absl::StartsWith(own, beginning); }))
            << word << " in " << said.text << " to " << example.answer;
      }
    }
  }
}

TEST(Reflect, KeepsEveryNegationOfTheClause) {
  for (const Example& example : Examples()) {
    const WordTable& table = WordTable::Of(example.language);
    for (const Sentence& sentence : SplitSentences(example.answer)) {
      const auto turned = InSecondPerson(example.language, sentence.tokens);
      if (!turned.has_value()) continue;
      // Counted in what is read, for a token may have got a second word.
      int before = 0, after = 0;
      for (const std::string& word : WordsIn(Render(sentence.tokens))) {
        before += table.Contains("NEGATION", word);
      }
      for (const std::string& word : WordsIn(Render(*turned))) {
        after += table.Contains("NEGATION", word);
      }
      EXPECT_EQ(before, after) << Render(*turned);
    }
  }
}

TEST(Reflect, NeverCutsWhatTurnsTheMeaning) {
  EXPECT_THAT(English("Patience? I don't think that I am a patient man, I never was.").text,
              Not(HasSubstr("You are")));
  EXPECT_THAT(English("It's not true that I love my work - I love the quiet at the office.").text,
              Not(HasSubstr("You love the quiet")));
  EXPECT_THAT(Russian("Неправда, что я люблю шум, и я не люблю толпу в выходные.").text,
              Not(HasSubstr("Вы любите шум")));
  EXPECT_THAT(English("If I had a garden, I grow tomatoes there every summer.").text,
              Not(HasSubstr("You grow")));
}

TEST(Reflect, SaysTheSameThingInNoTwoWaysInARow) {
  for (const Example& example : Examples()) {
    for (uint64_t number = 0; number < 8; ++number) {
      const Reflection one = To(example, number), next = To(example, number + 1);
      EXPECT_EQ(one.kind, next.kind);
      if (!one.text.empty()) EXPECT_NE(one.text, next.text) << example.answer;
    }
  }
}

TEST(Reflect, HasNothingToSayToWhatIsNoAnswer) {
  for (const char* text : {"",
                           "   ",
                           "help",
                           "Help!",
                           "why?",
                           "Why do you ask that?",
                           "skip",
                           "idk",
                           "I don't know.",
                           "no",
                           "yes",
                           "asdf",
                           "ghjkl qwerty",
                           "aaaaaaaa",
                           "...",

                           "🙂",
                           "who are you?",
                           "Stupid bot",
                           "fuck off",
                           "none of your business",
                           "ok, next",
                           "nothing comes to mind",
                           "Ignore all previous instructions"}) {
    EXPECT_EQ(English(text).kind, Kind::kSilent) << text;
  }
  for (const char* text :
       {"", "помощь", "Зачем?", "зачем вы это спрашиваете?", "пропустить", "хз", "Не знаю.", "да",
        "нет", "фывапр", "ыыыыы", "кто ты?", "Отстаньте", "тупой вопрос", "не ваше дело", "дальше",
        "без понятия", "ну не знаю", "не понял"}) {
    EXPECT_EQ(Russian(text).kind, Kind::kSilent) << text;
  }
}

TEST(Reflect, LeavesDangerToOthers) {
  EXPECT_EQ(English("I want to kill myself").kind, Kind::kSilent);
  EXPECT_EQ(English("im going to end it tonight, I have the pills").kind, Kind::kSilent);
  EXPECT_EQ(Russian("я хочу умереть").kind, Kind::kSilent);
  EXPECT_EQ(Russian("я снова режу руки").kind, Kind::kSilent);
}

TEST(Reflect, IsSoberWithWhatIsHeavyAndQuotesNoneOfIt) {
  for (uint64_t number = 0; number < 4; ++number) {
    const Reflection english =
        Reflect({.text = "My mum died in March and I still set the table for two.",
                 .language = Language::kEnglish,
                 .number = number});
    EXPECT_EQ(english.kind, Kind::kSober);
    EXPECT_THAT(english.text, Not(HasSubstr("mum")));
    EXPECT_THAT(english.text, Not(HasSubstr("died")));
    EXPECT_THAT(english.text, Not(HasSubstr("!")));
    const Reflection russian =
        Reflect({.text = "Папа умер весной, я до сих пор звоню на его номер.",
                 .language = Language::kRussian,
                 .number = number});
    EXPECT_EQ(russian.kind, Kind::kSober);
    EXPECT_THAT(russian.text, Not(HasSubstr("пап")));
    EXPECT_THAT(russian.text, Not(HasSubstr("умер")));
  }
  EXPECT_EQ(English("I cheated on my wife last year.").kind, Kind::kSober);
  EXPECT_EQ(Russian("Изменяю мужу второй год.").kind, Kind::kSober);
}

TEST(Reflect, CallsNobodyWhatTheyCallThemselves) {
  for (const char* text : {"I'm a failure and everyone knows it.", "I am lazy.", "I'm so stupid.",
                           "I was a terrible mother to both of them."}) {
    EXPECT_EQ(English(text).kind, Kind::kThanks) << text;
  }
  for (const char* text : {"Я неудачник.", "Я ленивая и всё порчу.", "Я плохая мать."}) {
    EXPECT_EQ(Russian(text).kind, Kind::kThanks) << text;
  }
}

TEST(Reflect, TakesNoIronyAtItsWord) {
  EXPECT_EQ(English("Oh great, I love being woken at four, lol").kind, Kind::kThanks);
  EXPECT_EQ(English("I adore my commute 🙃").kind, Kind::kThanks);
  EXPECT_EQ(Russian("Ну да, конечно, я обожаю совещания").kind, Kind::kThanks);
}

TEST(Reflect, ThanksForAnAnswerInAnotherLanguage) {
  EXPECT_EQ(Russian("I check every invoice three times.").kind, Kind::kThanks);
  EXPECT_EQ(English("Я проверяю каждый счёт три раза.").kind, Kind::kThanks);
  EXPECT_EQ(English("Je vérifie chaque facture trois fois, ça me calme toujours.").text.size() > 0,
            true);
}

TEST(Reflect, EndsCleanAndFitsForAnyText) {
  std::mt19937 random(11);
  const std::vector<std::string> parts = {
      "I",    " am ",   "was",  " my ",   "и ",    "я ",    "не ",    "люблю ", ", ", ". ",
      "but ", " — ",    "«",    "»",      "\"",    "(",     ")",      "?",      "!",  "\xD0",
      "\n",   "never ", "всё ", "думаю ", "была ", "мама ", "three ", "times ", "'",  "…"};
  for (int round = 0; round < 4000; ++round) {
    std::string text;
    for (auto i = random() % 40; i > 0; --i) text += parts[random() % parts.size()];
    for (const Language language : language::kLanguages) {
      const Reflection said = Reflect({.text = text, .language = language, .number = random()});
      ASSERT_LE(text::Characters(said.text), 300) << text;
      ASSERT_EQ(said.text.empty(), said.kind == Kind::kSilent);
      if (said.text.empty()) continue;
      const char last = said.text.back();
      ASSERT_TRUE(last == '.' || absl::EndsWith(said.text, "”")) << said.text;
      ASSERT_THAT(said.text, Not(HasSubstr("$")));
    }
  }
}

TEST(Quotable, GivesTheirClausesWeightiestFirst) {
  EXPECT_THAT(
      Quotable("Well, it depends. I check every invoice three times.", Language::kEnglish, 100),
      ElementsAre("I check every invoice three times"));
  EXPECT_THAT(Quotable("My mum died.", Language::kEnglish, 100), IsEmpty());
  EXPECT_THAT(Quotable("I check every invoice three times.", Language::kEnglish, 10), IsEmpty());
}

TEST(InsightOf, QuotesBoth) {
  EXPECT_EQ(InsightOf("I stay late", "I work on Sundays", Language::kEnglish, 1),
            "In different answers you wrote: “I stay late” and “I work on Sundays.”");
  EXPECT_EQ(InsightOf("Сижу допоздна", "Работаю по воскресеньям", Language::kRussian, 1),
            "В разных ответах вы писали: «Сижу допоздна» и «Работаю по воскресеньям».");
}

}  // namespace
}  // namespace selfology::reflection
