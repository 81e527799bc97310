#include "services/coaching/coaching_dialog/conversation.h"

#include <random>

#include "common/enums/word.h"
#include "gtest/gtest.h"

namespace selfology::coaching_dialog {
namespace {

session::v1::Onboarding At(session::v1::OnboardingStage stage) {
  session::v1::Onboarding onboarding;
  onboarding.set_user_id(42);
  onboarding.set_stage(stage);
  return onboarding;
}

session::v1::Onboarding InSession(session::v1::SessionStatus status, std::string question,
                                  int answers) {
  session::v1::Onboarding onboarding =
      At(status == session::v1::SESSION_STATUS_PAUSED ? session::v1::ONBOARDING_STAGE_PAUSED
                                                      : session::v1::ONBOARDING_STAGE_IN_PROGRESS);
  session::v1::Session& session = *onboarding.mutable_session();
  session.set_session_id(9);
  session.set_status(status);
  session.set_current_question_id(std::move(question));
  session.set_answers_given(answers);
  return onboarding;
}

events::v1::QuestionSelected Selected(std::string id, std::string replaces = "") {
  events::v1::QuestionSelected event;
  event.set_user_id(42);
  event.set_session_id(9);
  event.set_question_id(std::move(id));
  event.set_replaces_question_id(std::move(replaces));
  return event;
}

TEST(StateOfTest, FollowsTheOwners) {
  EXPECT_EQ(StateOf(At(session::v1::ONBOARDING_STAGE_CONSENT_REQUIRED), false),
            v1::CONVERSATION_STATE_NEW_USER);
  session::v1::Onboarding refused = At(session::v1::ONBOARDING_STAGE_CONSENT_REQUIRED);
  refused.mutable_consent();
  EXPECT_EQ(StateOf(refused, false), v1::CONVERSATION_STATE_GDPR_PENDING);
  EXPECT_EQ(StateOf(At(session::v1::ONBOARDING_STAGE_READY), false),
            v1::CONVERSATION_STATE_NEW_USER);
  EXPECT_EQ(StateOf(At(session::v1::ONBOARDING_STAGE_STARTING), false),
            v1::CONVERSATION_STATE_ONBOARDING_ACTIVE);
  EXPECT_EQ(StateOf(InSession(session::v1::SESSION_STATUS_ACTIVE, "", 0), false),
            v1::CONVERSATION_STATE_ONBOARDING_ACTIVE);
  EXPECT_EQ(StateOf(InSession(session::v1::SESSION_STATUS_ACTIVE, "q1", 0), false),
            v1::CONVERSATION_STATE_WAITING_FOR_ANSWER);
  EXPECT_EQ(StateOf(InSession(session::v1::SESSION_STATUS_ACTIVE, "", 1), false),
            v1::CONVERSATION_STATE_PROCESSING_ANSWER);
  EXPECT_EQ(StateOf(InSession(session::v1::SESSION_STATUS_PAUSED, "q1", 1), false),
            v1::CONVERSATION_STATE_ONBOARDING_PAUSED);
  EXPECT_EQ(StateOf(At(session::v1::ONBOARDING_STAGE_COMPLETED), false),
            v1::CONVERSATION_STATE_ONBOARDING_COMPLETE);
  EXPECT_EQ(StateOf(At(session::v1::ONBOARDING_STAGE_COMPLETED), true),
            v1::CONVERSATION_STATE_CHAT_ACTIVE);
}

TEST(RebuildTest, TakesWhatTheOwnersKnow) {
  session::v1::Onboarding onboarding = InSession(session::v1::SESSION_STATUS_ACTIVE, "q1", 0);
  onboarding.set_language("ru");
  const Conversation conversation = Rebuild(onboarding, std::nullopt);
  EXPECT_EQ(conversation.user_id, 42);
  EXPECT_EQ(conversation.session_id, 9);
  EXPECT_EQ(conversation.question_id, "q1");
  EXPECT_EQ(conversation.language, "ru");
  EXPECT_EQ(conversation.state, v1::CONVERSATION_STATE_WAITING_FOR_ANSWER);
}

TEST(ConversationTest, TheUsualWay) {
  Conversation c{.user_id = 42, .state = v1::CONVERSATION_STATE_ONBOARDING_ACTIVE};
  AskQuestion(c, Selected("q1"));
  EXPECT_EQ(c.state, v1::CONVERSATION_STATE_WAITING_FOR_ANSWER);
  EXPECT_EQ(c.question_id, "q1");
  CompleteSession(c);
  EXPECT_EQ(c.state, v1::CONVERSATION_STATE_ONBOARDING_COMPLETE);
  EXPECT_EQ(c.session_id, 0);
  EXPECT_EQ(c.question_id, "");
  events::v1::CoachMessageReady reply;
  reply.set_conversation_id(3);
  HearCoach(c, reply);
  EXPECT_EQ(c.state, v1::CONVERSATION_STATE_CHAT_ACTIVE);
  EXPECT_EQ(c.conversation_id, 3);
}

TEST(ConversationTest, APauseOutlastsWhatWasUnderWay) {
  Conversation c{.user_id = 42, .state = v1::CONVERSATION_STATE_ONBOARDING_PAUSED};
  AskQuestion(c, Selected("q2"));
  EXPECT_EQ(c.state, v1::CONVERSATION_STATE_ONBOARDING_PAUSED);
  EXPECT_EQ(c.question_id, "q2");
  c.state = v1::CONVERSATION_STATE_CHAT_PAUSED;
  HearCoach(c, {});
  EXPECT_EQ(c.state, v1::CONVERSATION_STATE_CHAT_PAUSED);
}

TEST(ConversationTest, KnowsWhichAnswerBroughtAQuestion) {
  Conversation c{.user_id = 42, .state = v1::CONVERSATION_STATE_ONBOARDING_ACTIVE};
  AskQuestion(c, Selected("q1"));
  EXPECT_EQ(c.answered_question_id, "");
  // An event may come again.
  for (int i = 0; i < 2; ++i) AskQuestion(c, Selected("q2"));
  EXPECT_EQ(c.answered_question_id, "q1");
  AskQuestion(c, Selected("q3", "q2"));
  EXPECT_EQ(c.question_id, "q3");
  EXPECT_EQ(c.answered_question_id, "q1") << "q2 was skipped";
  for (int i = 0; i < 2; ++i) CompleteSession(c);
  EXPECT_EQ(c.answered_question_id, "q3");
}

TEST(ConversationTest, FollowsASessionThatIsPausedElsewhere) {
  Conversation c{.user_id = 42,
                 .state = v1::CONVERSATION_STATE_PROCESSING_ANSWER,
                 .session_id = 9,
                 .question_id = "q1"};
  events::v1::SessionPaused paused;
  paused.set_session_id(9);
  PauseSession(c, paused);
  EXPECT_EQ(c.state, v1::CONVERSATION_STATE_ONBOARDING_PAUSED);
  events::v1::SessionResumed resumed;
  resumed.set_session_id(9);
  ResumeSession(c, resumed);
  EXPECT_EQ(c.state, v1::CONVERSATION_STATE_ONBOARDING_ACTIVE);
  EXPECT_EQ(c.question_id, "");
  EXPECT_EQ(c.answered_question_id, "q1");

  c.state = v1::CONVERSATION_STATE_ONBOARDING_PAUSED;
  resumed.set_current_question_id("q2");
  ResumeSession(c, resumed);
  EXPECT_EQ(c.state, v1::CONVERSATION_STATE_WAITING_FOR_ANSWER);
  EXPECT_EQ(c.question_id, "q2");
  // Who has answered since, or is past it all, is not brought back.
  c.state = v1::CONVERSATION_STATE_PROCESSING_ANSWER;
  ResumeSession(c, resumed);
  EXPECT_EQ(c.state, v1::CONVERSATION_STATE_PROCESSING_ANSWER);
  c.state = v1::CONVERSATION_STATE_CHAT_ACTIVE;
  PauseSession(c, paused);
  EXPECT_EQ(c.state, v1::CONVERSATION_STATE_CHAT_ACTIVE);
}

TEST(ConversationTest, AQuestionOnItsWayKeepsTheLastOne) {
  Conversation c{
      .user_id = 42, .state = v1::CONVERSATION_STATE_PROCESSING_ANSWER, .question_id = "q1"};
  FollowSession(c, InSession(session::v1::SESSION_STATUS_ACTIVE, "", 1).session());
  EXPECT_EQ(c.question_id, "q1");
  FollowSession(c, InSession(session::v1::SESSION_STATUS_ACTIVE, "q2", 1).session());
  EXPECT_EQ(c.question_id, "q2");
}

TEST(ConversationTest, ForgettingKeepsWhatNoOwnerKnows) {
  std::mt19937 random(1);
  const observe::TraceContext trace = observe::NewTrace(random);
  Conversation c{.user_id = 42,
                 .state = v1::CONVERSATION_STATE_CHAT_ACTIVE,
                 .question_id = "q1",
                 .answered_question_id = "q0",
                 .answers_until = 77,
                 .conversation_id = 3,
                 .language = "ru",
                 .trace = trace};
  Forget(c);
  EXPECT_EQ(c,
            (Conversation{.user_id = 42, .answers_until = 77, .language = "ru", .trace = trace}));
}

TEST(ConversationTest, SurvivesItsFields) {
  std::mt19937 random(20251007);
  for (int round = 0; round < 500; ++round) {
    Conversation c{
        .user_id = static_cast<int64_t>(random()),
        .state = static_cast<v1::ConversationState>(random() % v1::ConversationState_ARRAYSIZE),
        .session_id = static_cast<int64_t>(random()),
        .question_id = std::string(random() % 5, static_cast<char>(random() % 128)),
        .answered_question_id = std::string(random() % 5, static_cast<char>(random() % 128)),
        .answers_until = static_cast<int64_t>(random()),
        .conversation_id = static_cast<int64_t>(random()),
        .language = random() % 2 == 0 ? "" : "ru",
        .updated_at = absl::FromUnixMicros(static_cast<int64_t>(random()))};
    if (random() % 2 == 0) c.trace = observe::NewTrace(random);
    EXPECT_EQ(FromFields(c.user_id, enums::LowerWord(c.state), ToFields(c)), c);
  }
}

TEST(ConversationTest, ReadsWhatIsDamaged) {
  const Conversation c =
      FromFields(42, "no such state", {{"session_id", "x"}, {"trace", "00-zz"}, {"new", "1"}});
  EXPECT_EQ(c, Conversation{.user_id = 42});
}

TEST(ConversationTest, TellsOnlyAWaitingQuestion) {
  Conversation c{
      .user_id = 42, .state = v1::CONVERSATION_STATE_PROCESSING_ANSWER, .question_id = "q1"};
  EXPECT_EQ(ToProto(c).question_id(), "");
  c.state = v1::CONVERSATION_STATE_WAITING_FOR_ANSWER;
  EXPECT_EQ(ToProto(c).question_id(), "q1");
  EXPECT_EQ(ToProto(c).expires_at().seconds() - ToProto(c).updated_at().seconds(), 3600);
}

}  // namespace
}  // namespace selfology::coaching_dialog
