#include "services/coaching/coaching_dialog/texts.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/text/text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/coaching/coaching_dialog/goal.h"

namespace selfology::coaching_dialog {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kLastText = Text::kMenuDelete;

bool IsRussian(std::string_view text) {
  return text.find('\xd0') != text.npos || text.find('\xd1') != text.npos;
}

TEST(CatalogueTest, SaysEverythingInBothLanguages) {
  for (int i = 0; i <= static_cast<int>(kLastText); ++i) {
    const auto text = static_cast<Text>(i);
    EXPECT_FALSE(Phrase(Language::kEnglish, text).empty()) << i;
    EXPECT_FALSE(IsRussian(Phrase(Language::kEnglish, text))) << Phrase(Language::kEnglish, text);
    EXPECT_TRUE(IsRussian(Phrase(Language::kRussian, text))) << Phrase(Language::kRussian, text);
  }
}

TEST(CatalogueTest, BothLanguagesHaveTheSamePlaces) {
  for (int i = 0; i <= static_cast<int>(kLastText); ++i) {
    for (const char* place : {"$0", "$1", "$2", "<b>", "</b>", "<i>", "</i>"}) {
      EXPECT_EQ(
          Phrase(Language::kEnglish, static_cast<Text>(i)).find(place) == std::string_view::npos,
          Phrase(Language::kRussian, static_cast<Text>(i)).find(place) == std::string_view::npos)
          << i << " " << place;
    }
  }
}

TEST(CatalogueTest, LabelsFitOnButtons) {
  for (const Language language : kLanguages) {
    for (int i = static_cast<int>(Text::kButtonAgree); i <= static_cast<int>(kLastText); ++i) {
      EXPECT_LE(text::Characters(Phrase(language, static_cast<Text>(i))), 64);
    }
  }
}

TEST(CatalogueTest, LanguagesFollowTheTag) {
  EXPECT_EQ(LanguageOf("ru"), Language::kRussian);
  EXPECT_EQ(LanguageOf("RU-ru"), Language::kRussian);
  EXPECT_EQ(LanguageOf("en-GB"), Language::kEnglish);
  EXPECT_EQ(LanguageOf("rue"), Language::kEnglish);
  EXPECT_EQ(LanguageOf(""), Language::kEnglish);
}

TEST(TextsTest, AQuestionSaysWhereItStands) {
  EXPECT_EQ(texts::Question(
                Language::kEnglish,
                {.number = 3, .of = 10, .domain = "IDENTITY", .text = "What is 1 < 2 to you?"}),
            "<b>Question 3 of 10</b> · Identity\n\nWhat is 1 &lt; 2 to you?");
  EXPECT_EQ(texts::Question(Language::kRussian,
                            {.number = 1, .of = 10, .domain = "EMOTIONS", .text = "Что?"}),
            "<b>Вопрос 1 из 10</b> · Чувства\n\nЧто?");
  // Domains may grow.
  EXPECT_THAT(texts::Question(Language::kEnglish, {.domain = "INNER_CHILD", .text = "?"}),
              HasSubstr("Your question</b> · Inner child"));
}

TEST(TextsTest, OthersWordsAreEscaped) {
  EXPECT_EQ(texts::Feedback("<b>&"), "✨ <i>&lt;b&gt;&amp;</i>");
  EXPECT_EQ(texts::Insight("$0 <i>"), "💡 $0 &lt;i&gt;");
}

TEST(TextsTest, CountsInBothLanguages) {
  EXPECT_THAT(texts::TimedOut(Language::kEnglish, 1), HasSubstr("1 answer "));
  EXPECT_THAT(texts::TimedOut(Language::kEnglish, 3), HasSubstr("3 answers"));
  EXPECT_THAT(texts::TimedOut(Language::kRussian, 1), HasSubstr("1 ответ."));
  EXPECT_THAT(texts::TimedOut(Language::kRussian, 3), HasSubstr("3 ответа."));
  EXPECT_THAT(texts::TimedOut(Language::kRussian, 11), HasSubstr("11 ответов."));
  EXPECT_THAT(texts::TimedOut(Language::kRussian, 21), HasSubstr("21 ответ."));
}

profile::v1::Profile AProfile() {
  profile::v1::Profile profile;
  profile.mutable_big_five()->mutable_openness()->set_value(0.82);
  profile.mutable_big_five()->mutable_openness()->set_confidence(0.9);
  (*profile.mutable_domain_affinities())["GROWTH"] = 0.9;
  (*profile.mutable_domain_affinities())["IDENTITY"] = 0.7;
  (*profile.mutable_domain_affinities())["MONEY"] = 0.2;
  return profile;
}

TEST(TextsTest, AProfileShowsWhatIsKnown) {
  EXPECT_THAT(texts::Profile(Language::kEnglish, AProfile()),
              AllOf(HasSubstr("▰▰▰▰▰▰▰▰▱▱ 82%  Openness"), HasSubstr("Growth, Identity"),
                    Not(HasSubstr("Money")), Not(HasSubstr("Extraversion"))));
  EXPECT_THAT(texts::Profile(Language::kEnglish, {}), HasSubstr("do not know enough"));
}

events::v1::SessionCompleted Ended(int answers, session::v1::CompletionReason reason =
                                                    session::v1::COMPLETION_REASON_ENOUGH_ANSWERS) {
  events::v1::SessionCompleted event;
  event.set_answers_given(answers);
  event.set_reason(reason);
  return event;
}

TEST(TextsTest, WhoFinishesEarlyIsNotToldOfALastQuestion) {
  for (const int answers : {0, 5}) {
    const auto requested = Ended(answers, answers == 0 ? session::v1::COMPLETION_REASON_BROKEN_OFF
                                                       : session::v1::COMPLETION_REASON_REQUESTED);
    EXPECT_THAT(texts::Completion(Language::kEnglish, requested, nullptr),
                AllOf(HasSubstr("we stop here"), HasSubstr("your coach"),
                      Not(HasSubstr("last question")), Not(HasSubstr("0 answers"))));
    EXPECT_THAT(texts::Completion(Language::kRussian, requested, nullptr),
                AllOf(HasSubstr("на этом остановимся"), Not(HasSubstr("последний вопрос"))));
  }
  EXPECT_THAT(texts::Completion(Language::kEnglish,
                                Ended(0, session::v1::COMPLETION_REASON_BROKEN_OFF), nullptr),
              Not(HasSubstr("your answers")))
      << "there are none";
  for (const auto reason : {session::v1::COMPLETION_REASON_ENOUGH_ANSWERS,
                            session::v1::COMPLETION_REASON_NO_QUESTIONS_LEFT}) {
    EXPECT_THAT(texts::Completion(Language::kEnglish, Ended(5, reason), nullptr),
                HasSubstr("the last question"));
  }
}

TEST(TextsTest, TheEndIsGoodWithAndWithoutAProfile) {
  const profile::v1::Profile profile = AProfile();
  EXPECT_THAT(texts::Completion(Language::kEnglish, Ended(10), &profile),
              AllOf(HasSubstr("10 answers"), HasSubstr("Openness"), HasSubstr("your coach")));
  EXPECT_THAT(texts::Completion(Language::kEnglish, Ended(10), nullptr),
              AllOf(HasSubstr("/profile"), HasSubstr("your coach")));
}

// Codes that people can cause by what they do have words of their own; the words of all others go by
// the status, as there is nothing else to be said: an outage, or a fault of ours.
TEST(TextsTest, EveryErrorOfTheMeshIsExplainedWithoutItsCode) {
  constexpr mesh::v1::ErrorCode kExplained[] = {
      mesh::v1::ERROR_CODE_PROFILE_NOT_FOUND,  mesh::v1::ERROR_CODE_CONSENT_REQUIRED,
      mesh::v1::ERROR_CODE_SESSION_NOT_FOUND,  mesh::v1::ERROR_CODE_SESSION_NOT_ACTIVE,
      mesh::v1::ERROR_CODE_SESSION_TOO_SHORT,  mesh::v1::ERROR_CODE_ANSWER_ALREADY_SUBMITTED,
      mesh::v1::ERROR_CODE_QUESTION_NOT_FOUND, mesh::v1::ERROR_CODE_NO_QUESTION_PENDING,
      mesh::v1::ERROR_CODE_NO_QUESTIONS_LEFT,
  };
  const auto& codes = *mesh::v1::ErrorCode_descriptor();
  for (int i = 1; i < codes.value_count(); ++i) {
    const std::string reason =
        codes.value(i)->name().substr(std::string_view("ERROR_CODE_").size());
    const bool explained =
        std::count(std::begin(kExplained), std::end(kExplained), codes.value(i)->number()) > 0;
    for (const Language language : kLanguages) {
      const std::string text = texts::Failure(
          language, status::Error(absl::StatusCode::kFailedPrecondition, reason, "why"));
      EXPECT_THAT(text, Not(HasSubstr(reason)));
      EXPECT_THAT(text, Not(HasSubstr("why")));
      EXPECT_EQ(IsRussian(text), language == Language::kRussian) << text;
      const bool says_our_fault = absl::StrContains(text, Phrase(language, Text::kOurFault));
      EXPECT_EQ(says_our_fault, !explained) << text;
    }
  }
}

TEST(TextsTest, ShortAndLongAnswersGetTheirOwnWords) {
  const absl::Status refused = status::InvalidField("answer_text", "must be 2 to 4096 characters");
  EXPECT_THAT(texts::Failure(Language::kEnglish, refused, 1), HasSubstr("little short"));
  EXPECT_THAT(texts::Failure(Language::kEnglish, refused, 10'000),
              AllOf(HasSubstr("too long"), HasSubstr("10000")));
  EXPECT_THAT(texts::Failure(Language::kEnglish, refused, 100), HasSubstr("could not make sense"));
}

TEST(TextsTest, OutagesSayWhetherSomethingWasSaved) {
  EXPECT_THAT(texts::Failure(Language::kEnglish, absl::UnavailableError("")),
              AllOf(HasSubstr("saved nothing"), HasSubstr("try again")));
  EXPECT_THAT(texts::Failure(Language::kEnglish, absl::DeadlineExceededError("")),
              HasSubstr("cannot tell"));
}

TEST(TextsTest, FinishingTooEarlySaysHowMuchIsMissing) {
  const absl::Status failure = status::Error(mesh::v1::ERROR_CODE_SESSION_TOO_SHORT, "",
                                             {{"answers_given", "3"}, {"min_answers", "5"}});
  EXPECT_THAT(texts::Failure(Language::kEnglish, failure), HasSubstr("I need 2 more answers."));
  EXPECT_THAT(texts::Failure(Language::kRussian, failure), HasSubstr("осталось дать 2 ответа."));
}

TEST(TextsTest, AQuestionComesWithItsButtonAndMark) {
  const v1::DialogMessage message =
      texts::QuestionMessage(Language::kEnglish, texts::QuestionKey(9, "q_identity_001"),
                             "q_identity_001", {.number = 1, .of = 10});
  EXPECT_EQ(message.key(), "question:9:q_identity_001");
  EXPECT_TRUE(message.keep_buttons()) << "a press may fail";
  EXPECT_EQ(message.kind(), "question");
  EXPECT_EQ(message.mark(), "q_identity_001");
  EXPECT_EQ(message.text_format(), v1::TEXT_FORMAT_HTML);
  ASSERT_EQ(message.button_rows_size(), 1);
  ASSERT_EQ(message.button_rows(0).buttons_size(), 3);
  EXPECT_EQ(message.button_rows(0).buttons(0).callback_data(), "why:q_identity_001");
  EXPECT_EQ(message.button_rows(0).buttons(1).callback_data(), "example:q_identity_001");
  EXPECT_EQ(message.button_rows(0).buttons(2).callback_data(), "skip:q_identity_001");
  const std::string long_id(100, 'q');
  EXPECT_EQ(texts::QuestionButton("skip", long_id).size(), 64u);
  EXPECT_TRUE(texts::IsButtonOf(texts::QuestionButton("example", long_id).substr(8), long_id));
  EXPECT_TRUE(texts::IsButtonOf("q_1", "q_1"));
  EXPECT_FALSE(texts::IsButtonOf("q_1", "q_12")) << "none of it was cut";
  EXPECT_EQ(texts::QuestionKey(9, std::string(200, 'q')).size(), 128u);
}

TEST(TextsTest, TheMenuNamesEachCommandOnce) {
  std::set<std::string_view> names;
  for (const texts::Command& command : texts::CommandMenu(Language::kRussian)) {
    EXPECT_TRUE(names.insert(command.name).second);
    EXPECT_THAT(texts::Help(Language::kRussian), HasSubstr(absl::StrCat("/", command.name)));
  }
}

TEST(TextsTest, EachMenuHasWhatIsOfUseThere) {
  const auto names = [](std::string_view menu) {
    std::vector<std::string_view> shown;
    for (const auto& [name, effect, menus, aliases] : texts::CommandMenu(Language::kEnglish)) {
      if (menus.empty() || std::count(menus.begin(), menus.end(), menu) > 0) shown.push_back(name);
    }
    return shown;
  };
  EXPECT_THAT(names(menu::kWelcome), ElementsAre("language", "delete"));
  EXPECT_THAT(names(menu::kQuestions), ElementsAre("pause", "skip", "why", "example", "finish",
                                                   "profile", "language", "delete"));
  EXPECT_THAT(names(menu::kPaused),
              ElementsAre("resume", "finish", "profile", "language", "delete"));
  EXPECT_THAT(names(menu::kChat), ElementsAre("pause", "finish", "profile", "language", "delete"));
}

// The number of answers does not change the words around it.
TEST(TextsTest, CompletionReadsWellWithAnyNumber) {
  EXPECT_THAT(texts::Completion(Language::kEnglish, Ended(1), nullptr),
              HasSubstr("You gave 1 answer. This is"));
  EXPECT_THAT(texts::Completion(Language::kRussian, Ended(1), nullptr),
              HasSubstr("Вы дали 1 ответ. Это"));
  EXPECT_THAT(texts::Completion(Language::kRussian, Ended(3), nullptr),
              HasSubstr("Вы дали 3 ответа. Это"));
  EXPECT_THAT(texts::Completion(Language::kRussian, Ended(10), nullptr),
              HasSubstr("Вы дали 10 ответов. Это"));
  for (const Language language : kLanguages) {
    EXPECT_THAT(texts::Completion(language, Ended(0), nullptr), Not(HasSubstr("0 ")));
    EXPECT_THAT(texts::TimedOut(language, 0), Not(HasSubstr("0 ")));
  }
}

TEST(TextsTest, RussianSaysHerAndHimAlike) {
  for (int i = 0; i <= static_cast<int>(kLastText); ++i) {
    EXPECT_THAT(std::string(Phrase(Language::kRussian, static_cast<Text>(i))),
                AllOf(Not(HasSubstr("(на)")), Not(HasSubstr("(а)")), Not(HasSubstr("номер в"))));
  }
}

}  // namespace
}  // namespace selfology::coaching_dialog
