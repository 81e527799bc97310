#include "services/coaching/coach/personalization.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::coach {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Context With(double openness, double conscientiousness, double extraversion) {
  Context context;
  auto& traits = *context.profile.mutable_big_five();
  traits.mutable_openness()->set_value(openness);
  traits.mutable_conscientiousness()->set_value(conscientiousness);
  traits.mutable_extraversion()->set_value(extraversion);
  context.language = "en";
  return context;
}

TEST(SystemPromptTest, FollowsTheDocumentedThresholds) {
  EXPECT_THAT(SystemPrompt(With(0.61, 0.61, 0.61)),
              AllOf(HasSubstr("creative metaphors"), HasSubstr("structured plans"),
                    HasSubstr("energetic")));
  EXPECT_THAT(
      SystemPrompt(With(0.6, 0.6, 0.6)),
      AllOf(HasSubstr("practical actions"), HasSubstr("flexible guidance"), HasSubstr("calm")));
}

TEST(SystemPromptTest, AStrangerGetsThePlainerStyleAndNoFigures) {
  const std::string prompt = SystemPrompt({});
  EXPECT_THAT(prompt, HasSubstr("practical actions"));
  EXPECT_THAT(prompt, Not(HasSubstr("What you know")));
}

TEST(SystemPromptTest, KnowsTheProfileTheNotesAndTheLanguage) {
  Context context = With(0.82, 0.5, 0.5);
  context.language = "ru";
  context.notes = {"Painting makes them feel alive."};
  (*context.profile.mutable_domain_affinities())["GROWTH"] = 0.9;
  EXPECT_THAT(SystemPrompt(context),
              AllOf(HasSubstr("Answer in Russian"), HasSubstr("openness 0.82"),
                    HasSubstr("drawn to growth"), HasSubstr("Painting makes them feel alive.")));
}

TEST(ReplyInputTest, RemembersTheDialogueInItsOrder) {
  Context context = With(0.5, 0.5, 0.5);
  for (const auto role :
       {v1::MESSAGE_ROLE_USER, v1::MESSAGE_ROLE_ASSISTANT, v1::MESSAGE_ROLE_USER}) {
    v1::Message& message = context.messages.emplace_back();
    message.set_role(role);
    message.set_content("words");
  }
  const ai::v1::CompletionInput input = ReplyInput(context);
  ASSERT_EQ(input.messages_size(), 3);
  EXPECT_EQ(input.messages(1).role(), ai::v1::ROLE_ASSISTANT);
  EXPECT_EQ(input.messages(2).role(), ai::v1::ROLE_USER);
  EXPECT_EQ(input.task(), ai::v1::TASK_COACH_REPLY);
}

TEST(ApologyTest, IsInThePersonsLanguage) {
  // With the polite form, as all other Russian texts.
  EXPECT_THAT(Apology("ru"), AllOf(HasSubstr("Простите"), HasSubstr("Ваше сообщение")));
  EXPECT_THAT(Apology("en"), HasSubstr("sorry"));
  EXPECT_THAT(Apology("fr"), HasSubstr("sorry"));
  EXPECT_THAT(Apology("rum"), HasSubstr("sorry")) << "Romanian, not Russian";
}

}  // namespace
}  // namespace selfology::coach
