#include "services/coaching/coach/personalization.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::coach {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Context With(double value, double confidence) {
  Context context;
  auto& traits = *context.profile.mutable_big_five();
  for (trait::v1::TraitEstimate* trait :
       {traits.mutable_openness(), traits.mutable_conscientiousness(),
        traits.mutable_extraversion(), traits.mutable_agreeableness(),
        traits.mutable_neuroticism()}) {
    trait->set_value(value);
    trait->set_confidence(confidence);
  }
  context.language = "en";
  return context;
}

TEST(SystemPromptTest, SpeaksByAllFiveTraitsEachWithItsReason) {
  EXPECT_THAT(
      SystemPrompt(With(0.61, 0.5)),
      AllOf(HasSubstr("high openness: offer unusual angles"), HasSubstr("structured plans"),
            HasSubstr("be lively"), HasSubstr("be warm"), HasSubstr("worry comes to them easily")));
  EXPECT_THAT(SystemPrompt(With(0.39, 0.5)),
              AllOf(HasSubstr("practical actions"), HasSubstr("spontaneity"), HasSubstr("be calm"),
                    HasSubstr("be direct"), HasSubstr("stay calm")));
}

TEST(SystemPromptTest, WhatIsNotSureOrNotPronouncedChangesNothing) {
  for (const Context& context : {With(0.9, 0.49), With(0.6, 0.9), With(0.4, 0.9), Context()}) {
    EXPECT_THAT(SystemPrompt(context),
                AllOf(Not(HasSubstr("How to speak")), Not(HasSubstr("openness"))));
  }
}

TEST(SystemPromptTest, KnowsTheMemoryTheNotesAndTheLanguage) {
  Context context = With(0.82, 0.8);
  context.language = "ru";
  context.notes = {"Painting makes them feel alive."};
  context.known.memory.emplace_back().set_kind(v1::MEMORY_KIND_PERSON);
  context.known.memory.back().set_text("Sasha, brother");
  (*context.profile.mutable_domain_affinities())["GROWTH"] = 0.9;
  EXPECT_THAT(SystemPrompt(context),
              AllOf(HasSubstr("Answer in Russian"), HasSubstr("Sasha, brother"),
                    HasSubstr("drawn to growth"), HasSubstr("Painting makes them feel alive.")));
}

TEST(ReplyInputTest, RemembersTheDialogueInItsOrder) {
  Context context;
  for (const bool by_person : {true, false, true}) {
    context.dialogue.push_back({.by_person = by_person, .text = "words"});
  }
  const ai::v1::CompletionInput input = ReplyInput(context);
  ASSERT_EQ(input.messages_size(), 3);
  EXPECT_EQ(input.messages(1).role(), ai::v1::ROLE_ASSISTANT);
  EXPECT_EQ(input.messages(2).role(), ai::v1::ROLE_USER);
  EXPECT_EQ(input.task(), ai::v1::TASK_COACH_REPLY);
}

}  // namespace
}  // namespace selfology::coach
