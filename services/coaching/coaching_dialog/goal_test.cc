#include "services/coaching/coaching_dialog/goal.h"

#include "gtest/gtest.h"

namespace selfology::coaching_dialog {
namespace {

TEST(GoalOfTest, EveryStateHasAGoal) {
  for (int state = v1::ConversationState_MIN; state <= v1::ConversationState_MAX; ++state) {
    const auto value = static_cast<v1::ConversationState>(state);
    EXPECT_EQ(MenuOf(value).empty(), value == v1::CONVERSATION_STATE_UNSPECIFIED);
    EXPECT_EQ(GoalOf(value) == Goal::kUnknown, value == v1::CONVERSATION_STATE_UNSPECIFIED);
  }
  EXPECT_EQ(GoalOf(v1::CONVERSATION_STATE_WAITING_FOR_ANSWER), Goal::kAnswer);
  EXPECT_EQ(GoalOf(v1::CONVERSATION_STATE_ONBOARDING_COMPLETE), Goal::kCoach);
  EXPECT_EQ(MenuOf(v1::CONVERSATION_STATE_WAITING_FOR_ANSWER), menu::kQuestions);
  EXPECT_EQ(MenuOf(v1::CONVERSATION_STATE_CHAT_PAUSED), menu::kPaused);
}

}  // namespace
}  // namespace selfology::coaching_dialog
