// Answers of people in danger, who have no guard before them.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/safety.pb.h"
#include "services/coaching/session/session_fixture_test.h"

namespace selfology::session {
namespace {

using events::v1::SafetyDangerNoticed;
using ::testing::AllOf;
using testing::EqualsProto;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kPlan[] = "I want to kill myself tonight, I have the pills here.";
constexpr char kBurden[] = "Everyone would be better off without me.";
constexpr char kRussian[] = "Не хочу больше жить, я решил покончить с собой сегодня.";

// No service but session runs in these tests: help depends on no other.
class SessionDangerTest : public SessionTest {
 protected:
  v1::ListAnswersResponse Answers() {
    return sessions_->ListAnswers(Deadline(), For<v1::ListAnswersRequest>(kUser)).value();
  }
};

TEST_F(SessionDangerTest, WhoIsInDangerGetsHelpAndIsNotScored) {
  Ask(Onboarded(kUser), "q_1", 1);
  const v1::SubmitAnswerResponse response = Answer(kUser, "q_1", kPlan, "a").value();
  EXPECT_THAT(response.help(), HasSubstr("findahelpline.com"));
  EXPECT_EQ(response.answer().answer_text(), kPlan) << "it is kept";
  EXPECT_TRUE(response.answer().withheld());
  EXPECT_EQ(response.answer().answer_number(), 0);
  EXPECT_EQ(response.session().status(), v1::SESSION_STATUS_ACTIVE);
  EXPECT_EQ(response.session().answers_given(), 0);
  EXPECT_EQ(response.session().current_question_id(), "q_1");
  EXPECT_THAT(Answer(kUser, "q_1", kPlan, "a").value(), EqualsProto(response));
  EXPECT_THAT(Published<UserAnswerSubmitted>(), IsEmpty());

  const auto noticed = Published<SafetyDangerNoticed>();
  ASSERT_THAT(noticed, SizeIs(1));
  EXPECT_EQ(noticed[0].user_id(), kUser);
  EXPECT_EQ(noticed[0].level(), safety::v1::DANGER_LEVEL_ACT);
  EXPECT_TRUE(noticed[0].mode_began());

  auto by_id = For<v1::GetAnswerRequest>(kUser);
  by_id.set_answer_id(response.answer().answer_id());
  EXPECT_THAT(sessions_->GetAnswer(Deadline(), by_id)->answer(), EqualsProto(response.answer()));
  auto by_key = For<v1::GetAnswerRequest>(kUser);
  by_key.set_idempotency_key("a");
  EXPECT_THAT(sessions_->GetAnswer(Deadline(), by_key)->answer(), EqualsProto(response.answer()));
  EXPECT_THAT(Answers().answers(), SizeIs(1)) << "for the person and their export";
}

TEST_F(SessionDangerTest, OnboardingGoesOnOnceTheySayThatTheyAreSafe) {
  Ask(Onboarded(kUser), "q_1", 1);
  ASSERT_FALSE(Answer(kUser, "q_1", kPlan, "a")->help().empty());
  const v1::SubmitAnswerResponse still = Answer(kUser, "q_1", "I like painting.", "b").value();
  EXPECT_FALSE(still.help().empty()) << "they are in danger still";
  EXPECT_TRUE(still.answer().withheld());
  const v1::SubmitAnswerResponse safe =
      Answer(kUser, "q_1", "My sister is here with me, I am safe now.", "c").value();
  EXPECT_FALSE(safe.help().empty()) << "it is heard";
  EXPECT_TRUE(safe.answer().withheld()) << "and answers no question";
  const v1::SubmitAnswerResponse answered = Answer(kUser, "q_1", "I like painting.", "d").value();
  EXPECT_EQ(answered.help(), "");
  EXPECT_FALSE(answered.answer().withheld());
  EXPECT_EQ(answered.answer().answer_number(), 1);

  const auto submitted = Published<UserAnswerSubmitted>();
  ASSERT_THAT(submitted, SizeIs(1));
  EXPECT_EQ(submitted[0].answer_id(), answered.answer().answer_id());
  EXPECT_THAT(Published<SafetyDangerNoticed>(), SizeIs(1)) << "follow-ups are no news";
  EXPECT_THAT(Answers().answers(), SizeIs(4));
}

TEST_F(SessionDangerTest, IndirectDangerIsAskedAboutAndTheNextAnswerCounts) {
  Ask(Onboarded(kUser), "q_1", 1);
  EXPECT_THAT(Answer(kUser, "q_1", kBurden, "a")->help(),
              AllOf(HasSubstr("ending your life?"), HasSubstr("findahelpline.com")));
  EXPECT_EQ(Answer(kUser, "q_1", "I like painting.", "b")->answer().answer_number(), 1);
  EXPECT_THAT(Published<UserAnswerSubmitted>(), SizeIs(1));
}

TEST_F(SessionDangerTest, HelpComesInThePersonsLanguage) {
  Ask(Onboarded(kUser, "ru"), "q_1", 1);
  const v1::SubmitAnswerResponse response = Answer(kUser, "q_1", kRussian, "a").value();
  EXPECT_THAT(response.help(), HasSubstr("Спасибо"));
  EXPECT_THAT(response.help(), HasSubstr("findahelpline.com"));
  EXPECT_TRUE(response.answer().withheld());
  EXPECT_THAT(Published<UserAnswerSubmitted>(), IsEmpty());
  EXPECT_EQ(Published<SafetyDangerNoticed>().at(0).language(), "ru");
}

TEST_F(SessionDangerTest, EverydayWordsThatSoundGraveAreAnAnswer) {
  Ask(Onboarded(kUser), "q_1", 1);
  const v1::SubmitAnswerResponse response =
      Answer(kUser, "q_1", "My boss is killing me with deadlines, I could die laughing at it.", "a")
          .value();
  EXPECT_EQ(response.help(), "");
  EXPECT_EQ(response.answer().answer_number(), 1);
  EXPECT_THAT(Published<UserAnswerSubmitted>(), SizeIs(1));
  EXPECT_THAT(Published<SafetyDangerNoticed>(), IsEmpty());
}

TEST_F(SessionDangerTest, HelpDoesNotDependOnAQuestion) {
  const v1::SubmitAnswerResponse stranger = Answer(kUser, "q_1", kPlan, "a").value();
  EXPECT_THAT(stranger.help(), HasSubstr("findahelpline.com"));
  EXPECT_FALSE(stranger.has_answer());
  EXPECT_THAT(Answer(kUser, "q_1", kPlan, "a").value(), EqualsProto(stranger));
  EXPECT_THAT(Published<SafetyDangerNoticed>(), SizeIs(1));
  auto by_key = For<v1::GetAnswerRequest>(kUser);
  by_key.set_idempotency_key("a");
  EXPECT_EQ(ReasonOf(sessions_->GetAnswer(Deadline(), by_key)), "ANSWER_NOT_FOUND");

  Ask(Onboarded(kUser), "q_1", 1);
  ASSERT_TRUE(Consent(kUser, false).ok());
  const v1::SubmitAnswerResponse refused = Answer(kUser, "q_1", kPlan, "b").value();
  EXPECT_FALSE(refused.help().empty());
  EXPECT_FALSE(refused.has_answer()) << "without consent nothing is kept";
  EXPECT_THAT(Answers().answers(), IsEmpty());
}

TEST_F(SessionDangerTest, WithheldAnswersAreErased) {
  Ask(Onboarded(kUser), "q_1", 1);
  ASSERT_TRUE(Answer(kUser, "q_1", kPlan, "a").ok());
  const auto erased =
      sessions_->DeleteUserData(Deadline(), For<v1::DeleteUserDataRequest>(kUser)).value();
  EXPECT_EQ(erased.deleted_rows(), 5) << "also the response that was remembered";
  EXPECT_THAT(Answers().answers(), IsEmpty());
}

}  // namespace
}  // namespace selfology::session
