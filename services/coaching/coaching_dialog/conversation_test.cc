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
  const Conversation conversation = Rebuild(onboarding, std::nullopt, std::nullopt);
  EXPECT_EQ(conversation.user_id, 42);
  EXPECT_EQ(conversation.session_id, 9);
  EXPECT_EQ(conversation.question_id, "q1");
  EXPECT_EQ(conversation.language, "ru");
  EXPECT_EQ(conversation.state, v1::CONVERSATION_STATE_WAITING_FOR_ANSWER);
}

TEST(RebuildTest, APausedChatIsPausedUntilAnotherSessionBegins) {
  session::v1::Onboarding onboarding = At(session::v1::ONBOARDING_STAGE_COMPLETED);
  onboarding.mutable_session()->set_session_id(9);
  onboarding.mutable_session()->set_status(session::v1::SESSION_STATUS_COMPLETED);
  onboarding.mutable_session()->mutable_started_at()->set_seconds(1000);
  const Conversation paused = Rebuild(onboarding, std::nullopt, absl::FromUnixSeconds(2000));
  EXPECT_EQ(paused.state, v1::CONVERSATION_STATE_CHAT_PAUSED);
  EXPECT_EQ(paused.ended_session_id, 9);
  onboarding.mutable_session()->mutable_started_at()->set_seconds(3000);
  EXPECT_EQ(Rebuild(onboarding, std::nullopt, absl::FromUnixSeconds(2000)).state,
            v1::CONVERSATION_STATE_ONBOARDING_COMPLETE);
  onboarding.set_stage(session::v1::ONBOARDING_STAGE_CONSENT_REQUIRED);
  EXPECT_EQ(Rebuild(onboarding, std::nullopt, absl::FromUnixSeconds(4000)).state,
            v1::CONVERSATION_STATE_NEW_USER)
      << "without consent there is no chat";
}

TEST(ConversationTest, TheUsualWay) {
  Conversation c{.user_id = 42, .state = v1::CONVERSATION_STATE_ONBOARDING_ACTIVE};
  EXPECT_TRUE(AskQuestion(c, Selected("q1")));
  EXPECT_EQ(c.state, v1::CONVERSATION_STATE_WAITING_FOR_ANSWER);
  EXPECT_EQ(c.question_id, "q1");
  CompleteSession(c, 9);
  EXPECT_EQ(c.state, v1::CONVERSATION_STATE_ONBOARDING_COMPLETE);
  EXPECT_EQ(c.session_id, 0);
  EXPECT_EQ(c.question_id, "");
  c.state = v1::CONVERSATION_STATE_CHAT_ACTIVE;
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
  events::v1::CoachMessageReady reply;
  reply.set_conversation_id(3);
  HearCoach(c, reply);
  EXPECT_EQ(c.state, v1::CONVERSATION_STATE_CHAT_PAUSED);
  EXPECT_EQ(c.conversation_id, 0) << "none is open";
  // Whether that chat is still open, its owner knows.
  c.state = v1::CONVERSATION_STATE_ONBOARDING_COMPLETE;
  HearCoach(c, reply);
  EXPECT_EQ(c.state, v1::CONVERSATION_STATE_UNSPECIFIED);
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
  for (int i = 0; i < 2; ++i) CompleteSession(c, 9);
  EXPECT_EQ(c.answered_question_id, "q3");
}

TEST(ConversationTest, AQuestionOfASessionThatIsOverChangesNothing) {
  Conversation c{.user_id = 42,
                 .state = v1::CONVERSATION_STATE_WAITING_FOR_ANSWER,
                 .session_id = 9,
                 .question_id = "q1"};
  CompleteSession(c, 9);
  Conversation before = c;
  EXPECT_FALSE(AskQuestion(c, Selected("q2")));
  EXPECT_EQ(c, before);

  c = {.user_id = 42, .state = v1::CONVERSATION_STATE_WAITING_FOR_ANSWER, .session_id = 10};
  before = c;
  EXPECT_FALSE(AskQuestion(c, Selected("q2"))) << "another has begun since";
  EXPECT_EQ(c, before);

  c = {.user_id = 42, .state = v1::CONVERSATION_STATE_GDPR_PENDING, .session_id = 9};
  before = c;
  EXPECT_FALSE(AskQuestion(c, Selected("q2")));
  EXPECT_EQ(c, before);

  session::v1::Session timed_out;
  timed_out.set_session_id(9);
  timed_out.set_status(session::v1::SESSION_STATUS_TIMEOUT);
  c = {.user_id = 42, .state = v1::CONVERSATION_STATE_NEW_USER};
  NoteEnded(c, timed_out);
  EXPECT_FALSE(AskQuestion(c, Selected("q2")));
}

TEST(ConversationTest, TheEndOfASessionThatComesLateUndoesNothing) {
  Conversation c{.user_id = 42, .state = v1::CONVERSATION_STATE_CHAT_PAUSED, .ended_session_id = 9};
  const Conversation paused = c;
  CompleteSession(c, 9);
  EXPECT_EQ(c, paused);
  Conversation next{
      .user_id = 42, .state = v1::CONVERSATION_STATE_WAITING_FOR_ANSWER, .session_id = 10};
  const Conversation asked = next;
  CompleteSession(next, 9);
  EXPECT_EQ(next, asked);
  // Whether another one is on its way, only its owner knows.
  Conversation starting{.user_id = 42, .state = v1::CONVERSATION_STATE_ONBOARDING_ACTIVE};
  CompleteSession(starting, 9);
  EXPECT_EQ(starting.state, v1::CONVERSATION_STATE_UNSPECIFIED);
  Conversation withdrawn{
      .user_id = 42, .state = v1::CONVERSATION_STATE_GDPR_PENDING, .session_id = 9};
  CompleteSession(withdrawn, 9);
  EXPECT_EQ(withdrawn.state, v1::CONVERSATION_STATE_UNSPECIFIED);
}

TEST(ConversationTest, KnowsWhetherAnotherSessionHasBegunSince) {
  Conversation c{.state = v1::CONVERSATION_STATE_WAITING_FOR_ANSWER, .session_id = 9};
  EXPECT_FALSE(HasMovedOn(c, 9));
  EXPECT_TRUE(HasMovedOn(c, 8));
  c = {.state = v1::CONVERSATION_STATE_ONBOARDING_COMPLETE, .ended_session_id = 9};
  EXPECT_FALSE(HasMovedOn(c, 9)) << "that is its end";
  EXPECT_TRUE(HasMovedOn(c, 8));
  c.state = v1::CONVERSATION_STATE_ONBOARDING_ACTIVE;
  EXPECT_TRUE(HasMovedOn(c, 9)) << "the next was asked for";
  EXPECT_FALSE(HasMovedOn(c, 10));
}

TEST(ConversationTest, OneMessageHasButtons) {
  Conversation c;
  EXPECT_EQ(PassButtons(c, "consent:tg:1"), "");
  EXPECT_EQ(PassButtons(c, "question:9:q1"), "consent:tg:1");
  EXPECT_EQ(PassButtons(c, "question:9:q1"), "") << "the same one";
  EXPECT_EQ(PassButtons(c, ""), "question:9:q1");
  EXPECT_EQ(c.open_key, "");
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
                 .answer_message_id = 78,
                 .answer_length = 150,
                 .heavy_offer = "heavy:9:q6",
                 .open_key = "resume:tg:1",
                 .conversation_id = 3,
                 .language = "ru",
                 .trace = trace};
  Forget(c);
  EXPECT_EQ(c, (Conversation{.user_id = 42,
                             .answers_until = 77,
                             .answer_message_id = 78,
                             .answer_length = 150,
                             .heavy_offer = "heavy:9:q6",
                             .open_key = "resume:tg:1",
                             .language = "ru",
                             .trace = trace}));
}

TEST(ConversationTest, SurvivesItsFields) {
  std::mt19937 random(20251007);
  for (int round = 0; round < 500; ++round) {
    Conversation c{
        .user_id = static_cast<int64_t>(random()),
        .state = static_cast<v1::ConversationState>(random() % v1::ConversationState_ARRAYSIZE),
        .session_id = static_cast<int64_t>(random()),
        .ended_session_id = static_cast<int64_t>(random()),
        .question_id = std::string(random() % 5, static_cast<char>(random() % 128)),
        .answered_question_id = std::string(random() % 5, static_cast<char>(random() % 128)),
        .answers_until = static_cast<int64_t>(random()),
        .answer_message_id = static_cast<int64_t>(random()),
        .answer_length = static_cast<int>(random() % 4096),
        .heavy_offer = "heavy:9:q6",
        .open_key = random() % 2 == 0 ? "" : "question:9:q1",
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
