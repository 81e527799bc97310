#include "services/coaching/coach/memory/plan.h"

#include "common/text/text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::coach {
namespace {

using ::testing::HasSubstr;

constexpr absl::CivilDay kMonday(2026, 11, 30);

TEST(MakePlanTest, HasThreeStepsThatFitTheGoalWithADayEach) {
  const LoadedSpeech speech = *LoadedSpeech::Load(language::Language::kEnglish);
  const v1::Plan plan = MakePlan(speech, "run a half marathon", kMonday, std::nullopt);
  ASSERT_EQ(plan.steps_size(), 3);
  EXPECT_THAT(plan.steps(0).text(), HasSubstr("shoes"));
  EXPECT_EQ(plan.steps(0).due_date(), "2026-12-01");
  EXPECT_EQ(plan.steps(2).due_date(), "2026-12-07");
  EXPECT_THAT(MakePlan(speech, "whistle with two fingers", kMonday, std::nullopt).steps(0).text(),
              HasSubstr("whistle with two fingers"));
}

TEST(MakePlanTest, StretchesToTheDayOfTheGoal) {
  const LoadedSpeech speech = *LoadedSpeech::Load(language::Language::kRussian);
  const v1::Plan plan = MakePlan(speech, "сдать экзамен", kMonday, kMonday + 28);
  EXPECT_EQ(plan.steps(2).due_date(), "2026-12-24");
  const v1::Plan soon = MakePlan(speech, "сдать экзамен", kMonday, kMonday + 1);
  for (const v1::PlanStep& step : soon.steps()) {
    EXPECT_LE(step.due_date(), "2026-12-01");
  }
}

TEST(MakePlanTest, StepsAreOfTheContractsLength) {
  for (const language::Language language : language::kLanguages) {
    const LoadedSpeech speech = *LoadedSpeech::Load(language);
    std::string goal;
    for (int i = 0; i < 60; ++i) goal += "ёж ";
    const v1::Plan plan = MakePlan(speech, goal, kMonday, std::nullopt);
    for (const v1::PlanStep& step : plan.steps()) {
      EXPECT_LE(text::Characters(step.text()), 200);
    }
  }
}

TEST(NextStepTest, IsTheFirstOpenOne) {
  v1::Plan plan;
  plan.add_steps()->set_done(true);
  plan.add_steps()->set_number(2);
  EXPECT_EQ(NextStep(plan)->number(), 2);
  plan.mutable_steps(1)->set_done(true);
  EXPECT_EQ(NextStep(plan), nullptr);
}

TEST(NamedStepTest, ReadsWordsAndFigures) {
  EXPECT_EQ(NamedStep("step 2 is done"), 2);
  EXPECT_EQ(NamedStep("третий шаг готов"), 3);
  EXPECT_EQ(NamedStep("done"), 0);
}

TEST(PlanTest, TakesThePersonsOwnSteps) {
  using ::testing::ElementsAre;
  EXPECT_THAT(
      ListedSteps("1. Monday talk to Priya, 2. Tuesday update my CV; 3) ask for the raise."),
      ElementsAre("Monday talk to Priya", "Tuesday update my CV", "ask for the raise"));
  EXPECT_THAT(ListedSteps("- позвонить маме\n- в пятницу к врачу"),
              ElementsAre("позвонить маме", "в пятницу к врачу"));
  for (const char* none : {"I ran 1.5 km and then 2. kilometres", "2. first this", "1. only one",
                           "- one line", "call mum, then the bank", ""}) {
    EXPECT_TRUE(ListedSteps(none).empty()) << none;
  }
  const absl::CivilDay monday(2026, 11, 30);
  const v1::Plan plan =
      OwnPlan({"talk to Priya", "on Friday ask for the meeting", "rest"}, "a new job", monday);
  ASSERT_EQ(plan.steps_size(), 3);
  EXPECT_EQ(plan.steps(0).due_date(), "2026-12-01");
  EXPECT_EQ(plan.steps(1).due_date(), "2026-12-04");
  EXPECT_EQ(plan.steps(1).text(), "ask for the meeting");
  EXPECT_EQ(plan.steps(2).due_date(), "2026-12-04") << "as the one before it";
  EXPECT_EQ(plan.steps(2).number(), 3);
}

}  // namespace
}  // namespace selfology::coach
