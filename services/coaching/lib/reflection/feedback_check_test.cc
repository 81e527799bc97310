#include "services/coaching/lib/reflection/feedback_check.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::reflection {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

constexpr std::string_view kInvoices =
    "I check every invoice three times, and nobody sees the disasters that don't happen.";
constexpr std::string_view kEcgs =
    "I've had three ECGs this year and they all came back clean. I haven't told my husband.";
constexpr std::string_view kOven = "Проверяю духовку по три раза и всё равно не засыпаю.";

std::vector<FeedbackFault> English(std::string_view feedback, std::string_view answer) {
  return CheckFeedback(feedback, {.text = answer, .language = Language::kEnglish});
}
std::vector<FeedbackFault> Russian(std::string_view feedback, std::string_view answer) {
  return CheckFeedback(feedback, {.text = answer, .language = Language::kRussian});
}

TEST(CheckFeedback, LetsThroughWhatKeepsToTheirWords) {
  EXPECT_THAT(
      English("You check every invoice three times, and nobody sees the disasters.", kInvoices),
      IsEmpty());
  EXPECT_THAT(English("Three ECGs this year, and your husband hasn't been told.", kEcgs),
              IsEmpty());
  EXPECT_THAT(Russian("Вы проверяете духовку по три раза и всё равно не засыпаете.", kOven),
              IsEmpty());
}

TEST(CheckFeedback, RefusesWhatTheWordsDoNotCarry) {
  EXPECT_THAT(
      English("Something in you lights up where your relationship and your work meet.", kEcgs),
      Contains(FeedbackFault::kNotTheirWords));
  EXPECT_THAT(Russian("Близость с любимым человеком делает вас счастливее.", kOven),
              Contains(FeedbackFault::kNotTheirWords));
}

TEST(CheckFeedback, RefusesFeelingsThatWereNotNamed) {
  EXPECT_THAT(English("You check every invoice three times because you are anxious.", kInvoices),
              Contains(FeedbackFault::kAssertsFeeling));
  EXPECT_THAT(Russian("Вы проверяете духовку три раза, вам тревожно.", kOven),
              Contains(FeedbackFault::kAssertsFeeling));
  EXPECT_THAT(English("You were anxious at the station.", "I was anxious at the station in May."),
              IsEmpty());
}

TEST(CheckFeedback, RefusesTheOppositeOfWhatWasSaid) {
  EXPECT_THAT(English("You have told your husband about three ECGs this year.", kEcgs),
              Contains(FeedbackFault::kLosesNegation));
  EXPECT_THAT(Russian("Проверяете духовку по три раза и засыпаете.", kOven),
              Contains(FeedbackFault::kLosesNegation));
}

TEST(CheckFeedback, RefusesDiagnosesOtherLanguagesAndLength) {
  EXPECT_THAT(English("You check every invoice three times: you have OCD.", kInvoices),
              Contains(FeedbackFault::kUnsafe));
  EXPECT_THAT(English("Вы проверяете каждый счёт три раза.", kInvoices),
              Contains(FeedbackFault::kWrongLanguage));
  EXPECT_THAT(English(std::string(301, 'a'), kInvoices), Contains(FeedbackFault::kTooLong));
  EXPECT_THAT(English(" ", kInvoices), Contains(FeedbackFault::kEmpty));
}

TEST(CheckFeedback, RefusesCheerOverGriefAndTalkToNoAnswer) {
  EXPECT_THAT(English("Your mum died in March!", "My mum died in March."),
              Contains(FeedbackFault::kExclaims));
  EXPECT_THAT(English("You said help.", "help"), Contains(FeedbackFault::kOutOfPlace));
}

}  // namespace
}  // namespace selfology::reflection
