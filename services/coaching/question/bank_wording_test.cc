// How the texts of the shipped bank are written: a linter, and that each of its rules can fail.
//
// It holds what a machine can see. Whoever adds a question also reads it as somebody would who
// lives alone, has no work, no money, poor health, no faith or a bad childhood.
#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/coaching/question/bank.h"

namespace selfology::question {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kLongestQuestion = 200;
constexpr int kLongestOther = 240;
constexpr int kFollowUps = 2;
// Two questions are too much alike if they share this part of their words.
constexpr double kAlike = 0.6;
// Of a word, so that its forms count as one.
constexpr int kStem = 5;

// Words that presume something about the person, push, or belong to a trade. In what is asked.
// Those with "*" stand for every word that begins so.
constexpr std::string_view kNeverAsked[] = {
    // clang-format off
    "should", "must", "ought", "husband*", "wife", "wives", "spouse*", "partner*", "boyfriend*",
    "girlfriend*", "mother*", "father*", "parent*", "mum", "mom", "dad", "child", "children",
    "childhood", "kids", "son", "daughter*", "boss*", "career*", "salary", "salaries",
    "colleague*", "doctor*", "diagnos*", "god", "pray*", "church*", "religio*", "trauma*",
    "toxic*", "trigger*", "mindset*", "journey*", "narrative*",
    "муж", "мужа", "мужем", "жена", "жены", "женой", "супруг*", "партнёр*", "мама", "мамы",
    "мамой", "мать", "матери", "отец", "отца", "отцом", "папа", "папы", "родител*", "ребёнок",
    "ребёнка", "дети", "детей", "детям", "детств*", "сын", "сына", "дочь", "дочери", "начальник*",
    "зарплат*", "карьер*", "коллег*", "врач*", "диагноз*", "бог", "бога", "богу", "молитв*",
    "церк*", "религи*", "травм*", "токсичн*", "триггер*", "ресурс*", "проработ*", "должны",
    "обязаны",
    // clang-format on
};

// Forms that fit one sex only. In all that is Russian.
constexpr std::string_view kGendered[] = {
    // clang-format off
    "сам", "сама", "рад", "рада", "готов", "готова", "должен", "должна", "уверен", "уверена",
    "согласен", "согласна", "благодарен", "благодарна", "счастлив", "счастлива", "доволен",
    "довольна", "занят", "занята", "одинок", "одинока", "прав", "права", "спокоен", "спокойна",
    "способен", "способна", "намерен", "намерена", "обязан", "обязана",
    // clang-format on
};

// They look like verbs of the past.
constexpr std::string_view kNotVerbs[] = {"тела", "правила", "сначала", "смысл", "дела", "школа"};

// Words that say nothing of what is asked.
constexpr std::string_view kCommon[] = {
    // clang-format off
    "the", "a", "an", "of", "in", "to", "you", "your", "is", "it", "what", "which", "do", "does",
    "that", "for", "and", "are", "when", "how", "with", "did", "be", "would", "have", "has", "on",
    "at", "from", "by", "as", "was", "not", "can", "who", "whom", "one", "most", "like", "last",
    "even", "although", "but", "though", "or", "if", "were", "had", "this", "than",
    "какой", "какая", "какое", "какую", "какие", "каких", "вы", "вам", "вас", "для", "это", "и",
    "в", "на", "с", "не", "о", "за", "у", "из", "по", "когда", "как", "ваш", "ваше", "вашей",
    "ваши", "бы", "то", "от", "к", "чем", "чему", "кто", "чего", "больше", "всего", "последний",
    "раз", "хотя", "даже", "если", "вами", "что",
    // clang-format on
};

char32_t Lower(char32_t c) {
  if ((c >= U'A' && c <= U'Z') || (c >= U'А' && c <= U'Я')) return c + 32;
  return c == U'Ё' ? U'ё' : c;
}

bool IsLatin(char32_t c) { return c >= U'a' && c <= U'z'; }
bool IsCyrillic(char32_t c) { return (c >= U'а' && c <= U'я') || c == U'ё'; }

// In lower case.
std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words(1);
  while (!text.empty()) {
    const char32_t c = Lower(text::TakeCharacter(text));
    if (IsLatin(c) || IsCyrillic(c) || c == U'\'') {
      text::AppendCharacter(c, words.back());
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

bool IsIn(absl::Span<const std::string_view> list, std::string_view word) {
  return std::any_of(list.begin(), list.end(), [word](std::string_view entry) {
    return absl::EndsWith(entry, "*") ? absl::StartsWith(word, entry.substr(0, entry.size() - 1))
                                      : word == entry;
  });
}

std::set<std::string> Stems(std::string_view text) {
  std::set<std::string> stems;
  for (const std::string& word : Words(text)) {
    if (!IsIn(kCommon, word)) stems.insert(std::string(text::Prefix(word, kStem)));
  }
  return stems;
}

double Overlap(const std::set<std::string>& a, const std::set<std::string>& b) {
  std::vector<std::string> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  const size_t all = a.size() + b.size() - both.size();
  return all == 0 ? 0 : static_cast<double>(both.size()) / static_cast<double>(all);
}

// One text of the bank.
struct Text {
  std::string where;  // "q_work_001 en why"
  std::string language;
  std::string text;
  bool asks = false;
  int longest = kLongestOther;
};

std::vector<Text> TextsOf(const v1::Question& question) {
  std::vector<Text> texts;
  for (const char* language : {"en", "ru"}) {
    const v1::Question shown = InLanguage(question, language);
    const auto add = [&](std::string_view part, const std::string& text, bool asks, int longest) {
      texts.push_back({.where = absl::StrCat(question.question_id(), " ", language, " ", part),
                       .language = language,
                       .text = text,
                       .asks = asks,
                       .longest = longest});
    };
    add("question", shown.question_text(), true, kLongestQuestion);
    add("why", shown.why(), false, kLongestOther);
    add("rephrased", shown.rephrased(), true, kLongestOther);
    add("example", shown.example(), false, kLongestOther);
    for (const std::string& next : shown.follow_ups()) add("follow-up", next, true, kLongestOther);
  }
  return texts;
}

// Punctuation and letters.
std::string TypographyOf(const Text& text) {
  const bool russian = text.language == "ru";
  for (const std::string_view bad : {" - ", "...", "  ", " ?", " ,", "–"}) {
    if (absl::StrContains(text.text, bad)) return absl::StrCat("has '", bad, "'");
  }
  if (russian && absl::StrContains(text.text, '"')) return "quotes otherwise than «so»";
  if (!russian && absl::StrContains(text.text, "«")) return "quotes otherwise than \"so\"";
  for (std::string_view rest = text.text; !rest.empty();) {
    const char32_t c = Lower(text::TakeCharacter(rest));
    if (russian ? IsLatin(c) : IsCyrillic(c)) return "has letters of another script";
  }
  return "";
}

// "Пошла…", "я сказал…": the past of one person names their sex.
bool IsPastOfOne(std::string_view word) {
  const auto ends = [word](std::string_view ending) { return absl::EndsWith(word, ending); };
  return (ends("л") || ends("ла") || ends("лся") || ends("лась")) && !IsIn(kNotVerbs, word);
}

std::string GenderOf(const std::string& text) {
  for (const std::string_view both : {"(а)", "(на)", "(ла)", "(ась)", "(ая)", "(я)"}) {
    if (absl::StrContains(text, both)) return absl::StrCat("has ", both);
  }
  const std::vector<std::string> words = Words(text);
  for (size_t i = 0; i < words.size(); ++i) {
    if (IsIn(kGendered, words[i])) return absl::StrCat("says ", words[i]);
    const bool of_the_person = i == 0 || words[i - 1] == "я";
    if (of_the_person && IsPastOfOne(words[i])) return absl::StrCat("says ", words[i]);
  }
  return "";
}

std::string AskingOf(const std::string& text) {
  if (!absl::EndsWith(text, "?")) return "does not end in a question mark";
  if (std::count(text.begin(), text.end(), '?') > 1) return "asks more than one thing";
  for (const std::string& word : Words(text)) {
    if (IsIn(kNeverAsked, word)) return absl::StrCat("says ", word);
  }
  for (const std::string_view push :
       {"Why do you", "Why don't you", "Why are you", "Почему вы", "Зачем вы"}) {
    if (absl::StartsWith(text, push)) return "asks for a justification";
  }
  return "";
}

std::string FaultOf(const Text& text) {
  if (text.text.empty()) return "is missing";
  if (text::Characters(text.text) > text.longest) return "is too long";
  if (std::string fault = TypographyOf(text); !fault.empty()) return fault;
  if (text.language == "ru") {
    if (std::string fault = GenderOf(text.text); !fault.empty()) return fault;
  }
  return text.asks ? AskingOf(text.text) : "";
}

// One line for each breach.
std::vector<std::string> Faults(absl::Span<const v1::Question> questions) {
  std::vector<std::string> faults;
  std::set<std::string> ids;
  std::vector<Text> asked;
  for (const v1::Question& question : questions) {
    if (!ids.insert(question.question_id()).second) {
      faults.push_back(absl::StrCat(question.question_id(), " is there twice"));
    }
    if (question.retired()) continue;
    for (const char* language : {"en", "ru"}) {
      if (InLanguage(question, language).follow_ups_size() != kFollowUps) {
        faults.push_back(absl::StrCat(question.question_id(), " ", language, " has no ", kFollowUps,
                                      " follow-ups"));
      }
    }
    for (Text& text : TextsOf(question)) {
      if (std::string fault = FaultOf(text); !fault.empty()) {
        faults.push_back(absl::StrCat(text.where, " ", fault, ": ", text.text));
      }
      if (absl::EndsWith(text.where, " question")) asked.push_back(std::move(text));
    }
  }
  std::vector<std::set<std::string>> stems;
  for (size_t i = 0; i < asked.size(); ++i) {
    stems.push_back(Stems(asked[i].text));
    for (size_t j = 0; j < i; ++j) {
      if (asked[i].language == asked[j].language &&
          (asked[i].text == asked[j].text || Overlap(stems[i], stems[j]) >= kAlike)) {
        faults.push_back(absl::StrCat(asked[i].where, " is much like ", asked[j].where));
      }
    }
  }
  return faults;
}

TEST(BankWordingTest, TheShippedBankIsWellWritten) {
  const std::vector<std::string> faults = Faults(ShippedBank()->questions());
  EXPECT_THAT(faults, IsEmpty()) << absl::StrJoin(faults, "\n");
}

TEST(BankWordingTest, APhraseIsNotUsedOverAndOver) {
  const Bank bank = ShippedBank().value();
  std::map<std::string, int> uses;
  for (const v1::Question& question : bank.questions()) {
    if (question.retired()) continue;
    for (const Text& text : TextsOf(question)) ++uses[text.text];
  }
  for (const auto& [text, count] : uses) EXPECT_LE(count, 5) << text;
}

v1::Question Good() {
  v1::Question question;
  question.set_question_id("q_work_001");
  (*question.mutable_translations())["en"] = "Which task makes you forget the clock?";
  (*question.mutable_translations())["ru"] = "За каким занятием вы забываете о часах?";
  v1::Guidance& english = (*question.mutable_guidance())["en"];
  english.set_why("Where time flies, interest is at work.");
  english.set_rephrased("Over what do you forget the time?");
  english.set_example("Sorting photographs.");
  english.add_follow_ups("What draws you in?");
  english.add_follow_ups("Where do you do it?");
  v1::Guidance& russian = (*question.mutable_guidance())["ru"];
  russian.set_why("Где время летит, там живёт интерес.");
  russian.set_rephrased("За чем вы забываете о времени?");
  russian.set_example("Разбирать фотографии.");
  russian.add_follow_ups("Что вас увлекает?");
  russian.add_follow_ups("Где вы это делаете?");
  return question;
}

// The faults of a good question after a change.
std::vector<std::string> After(const std::function<void(v1::Question&)>& spoil) {
  v1::Question question = Good();
  spoil(question);
  return Faults({question});
}

std::vector<std::string> AskedAs(const char* language, const std::string& text) {
  return After([&](v1::Question& q) { (*q.mutable_translations())[language] = text; });
}

std::vector<std::string> Exemplified(const std::string& russian) {
  return After([&](v1::Question& q) { (*q.mutable_guidance())["ru"].set_example(russian); });
}

TEST(BankWordingTest, EveryRuleCanFail) {
  EXPECT_THAT(Faults({Good()}), IsEmpty());
  EXPECT_THAT(Faults({Good(), Good()}), Contains(HasSubstr("is there twice")));
  v1::Question alike = Good();
  alike.set_question_id("q_work_002");
  (*alike.mutable_translations())["en"] = "Which task lets you forget a clock?";
  (*alike.mutable_translations())["ru"] = "Что вам хочется уметь?";
  EXPECT_THAT(Faults({Good(), alike}), Contains(HasSubstr("is much like")));
  (*alike.mutable_translations())["en"] = "Which skill would you love to have?";
  EXPECT_THAT(Faults({Good(), alike}), IsEmpty());

  EXPECT_THAT(After([](v1::Question& q) { (*q.mutable_guidance())["ru"].clear_why(); }),
              Contains(HasSubstr("ru why is missing")));
  EXPECT_THAT(After([](v1::Question& q) { (*q.mutable_guidance())["en"].add_follow_ups("So?"); }),
              Contains(HasSubstr("follow-ups")));
  EXPECT_THAT(AskedAs("en", std::string(200, 'a') + "?"), Contains(HasSubstr("too long")));
  EXPECT_THAT(AskedAs("en", "Tell me."), Contains(HasSubstr("question mark")));
  EXPECT_THAT(AskedAs("en", "What? And why?"), Contains(HasSubstr("more than one")));
  EXPECT_THAT(AskedAs("en", "What do your parents do?"), Contains(HasSubstr("says parents")));
  EXPECT_THAT(AskedAs("ru", "Что говорят ваши Родители?"), Contains(HasSubstr("says родители")));
  EXPECT_THAT(AskedAs("ru", "Почему вы молчите?"), Contains(HasSubstr("justification")));
}

TEST(BankWordingTest, TypographyAndSexCanFail) {
  EXPECT_THAT(Exemplified("Мой \"дом\"."), Contains(HasSubstr("«so»")));
  EXPECT_THAT(Exemplified("Дом - это лес."), Contains(HasSubstr("' - '")));
  EXPECT_THAT(Exemplified("Дом c садом."), Contains(HasSubstr("another script"))) << "Latin c";
  EXPECT_THAT(Exemplified("Всегда готов(а) помочь."), Contains(HasSubstr("(а)")));
  EXPECT_THAT(Exemplified("Когда я сама дома."), Contains(HasSubstr("says сама")));
  EXPECT_THAT(Exemplified("Пошла в лес."), Contains(HasSubstr("says пошла")));
  EXPECT_THAT(Exemplified("Тогда я понял."), Contains(HasSubstr("says понял")));
  EXPECT_THAT(Exemplified("Смысл в тишине."), IsEmpty());
}

}  // namespace
}  // namespace selfology::question
