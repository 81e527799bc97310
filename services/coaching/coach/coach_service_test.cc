// Conversations and replies: what is sent, answered, streamed and published.
#include "services/coaching/coach/coach_service.h"

#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/analysis.pb.h"
#include "selfology/events/v1/chat.pb.h"
#include "selfology/events/v1/profile.pb.h"
#include "services/coaching/coach/coach_fixture_test.h"
#include "testing/proto_matchers.h"

namespace selfology::coach {
namespace {

using events::v1::CoachMessageReady;
using events::v1::ConversationEnded;
using events::v1::ConversationStarted;
using events::v1::UserMessageReceived;
using ::selfology::testing::EqualsProto;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST_F(CoachServiceTest, AMessageIsAnsweredOnceHoweverOftenItIsSent) {
  const auto sent = coach_->SendMessage(Deadline(), Message("I feel stuck at work.", "tg:1"));
  ASSERT_TRUE(sent.ok()) << sent.status();
  const auto again = coach_->SendMessage(Deadline(), Message("I feel stuck at work.", "tg:1"));
  EXPECT_THAT(*again, EqualsProto(*sent));
  const auto ready = AwaitPublished<CoachMessageReady>();
  EXPECT_EQ(ready[0].message_text(),
            "What would change if it were otherwise: I feel stuck at work.");
  EXPECT_EQ(ready[0].tokens_used(), 450);
  EXPECT_EQ(ready[0].in_reply_to_message_id(), sent->message().message_id());
  EXPECT_THAT(Published<UserMessageReceived>(), SizeIs(1));
  EXPECT_THAT(Published<ConversationStarted>(), SizeIs(1));
}

TEST_F(CoachServiceTest, MessagesPublishedAgainAreNotPaidForAgain) {
  ASSERT_TRUE(coach_->SendMessage(Deadline(), Message("one", "tg:1")).ok());
  AwaitPublished<CoachMessageReady>(1);
  EXPECT_GT(Republish(), 0);
  // A person's messages are answered in order.
  ASSERT_TRUE(coach_->SendMessage(Deadline(), Message("two", "tg:2")).ok());
  AwaitPublished<CoachMessageReady>(2);
  EXPECT_THAT(ai_->asked(), SizeIs(2));

  v1::DeleteUserDataRequest erase;
  erase.set_user_id(kUser);
  ASSERT_TRUE(coach_->DeleteUserData(Deadline(), erase).ok());
  EXPECT_GT(Republish(), 0);
  ASSERT_TRUE(coach_->SendMessage(Deadline(), Message("three", "tg:3")).ok());
  AwaitPublished<CoachMessageReady>(3);
  EXPECT_THAT(ai_->asked(), SizeIs(3));
}

TEST_F(CoachServiceTest, TheModelIsToldTheProfileTheNotesAndTheLastTenMessages) {
  events::v1::ProfileCreated created;
  created.set_user_id(kUser);
  created.mutable_profile()->set_user_id(kUser);
  created.mutable_profile()->set_version(1);
  trait::v1::TraitEstimate& openness =
      *created.mutable_profile()->mutable_big_five()->mutable_openness();
  openness.set_value(0.82);
  openness.set_confidence(0.7);
  Publish(created);
  events::v1::AnswerAnalyzedDeep analyzed;
  analyzed.set_user_id(kUser);
  analyzed.set_answer_id(1);
  analyzed.set_revision(1);
  analyzed.set_summary("Painting makes them feel alive.");
  Publish(analyzed);
  AwaitHandled("coach_interaction.knowledge", 2);
  for (int i = 1; i <= 7; ++i) {
    ASSERT_TRUE(
        coach_
            ->SendMessage(Deadline(), Message(absl::StrCat("message ", i), absl::StrCat("tg:", i)))
            .ok());
    AwaitPublished<CoachMessageReady>(static_cast<size_t>(i));
  }
  const ai::v1::CompletionInput last = ai_->asked().back();
  EXPECT_THAT(last.system_prompt(), HasSubstr("unusual angles"));
  EXPECT_THAT(last.system_prompt(), HasSubstr("Painting makes them feel alive."));
  ASSERT_EQ(last.messages_size(), 11) << "ten of the past, and the one to answer";
  EXPECT_EQ(last.messages(10).content(), "message 7");
  EXPECT_EQ(last.messages(0).content(), "message 2");
}

TEST_F(CoachServiceTest, WithoutAModelTheLocalCoachReplies) {
  ai_->down = true;
  ASSERT_TRUE(coach_->SendMessage(Deadline(), Message("I am scared of the exam", "tg:1")).ok());
  auto ready = AwaitPublished<CoachMessageReady>();
  EXPECT_THAT(ready[0].message_text(), HasSubstr("exam"));
  EXPECT_EQ(ready[0].model_used(), "local");
  ai_->down = false;
  ASSERT_TRUE(coach_->SendMessage(Deadline(), Message("Hello again", "tg:2")).ok());
  ready = AwaitPublished<CoachMessageReady>(2);
  EXPECT_EQ(ready[1].model_used(), "echo");
}

TEST_F(CoachServiceTest, AReplyThatDoesNotFitIsReplacedByTheLocalCoach) {
  ai_->Say("Believe in yourself and stay positive whatever happens.");
  ASSERT_TRUE(coach_->SendMessage(Deadline(), Message("I am scared of the exam", "tg:1")).ok());
  const auto ready = AwaitPublished<CoachMessageReady>();
  EXPECT_THAT(ready[0].message_text(), AllOf(HasSubstr("exam"), Not(HasSubstr("positive"))));
  EXPECT_EQ(ready[0].model_used(), "local");
  EXPECT_EQ(ready[0].tokens_used(), 450) << "they were spent";
}

TEST_F(CoachServiceTest, TheReplyIsInTheLanguageThatThePersonWrites) {
  ai_->down = true;
  ASSERT_TRUE(coach_->SendMessage(Deadline(), Message("Боюсь, что меня уволят", "tg:1")).ok());
  const auto ready = AwaitPublished<CoachMessageReady>();
  EXPECT_EQ(ready[0].language(), "ru");
  const std::string& text = ready[0].message_text();
  EXPECT_THAT(text, Not(IsEmpty()));
  EXPECT_TRUE(std::none_of(text.begin(), text.end(), absl::ascii_isalpha)) << text;
}

TEST_F(CoachServiceTest, AReplyStreamsWholeHoweverLateOneJoins) {
  const auto sent = coach_->SendMessage(Deadline(), Message("Tell me about courage", "tg:1"));
  ASSERT_TRUE(sent.ok()) << sent.status();
  for (int round = 0; round < 2; ++round) {
    v1::StreamReplyRequest request;
    request.set_user_id(kUser);
    request.set_message_id(sent->message().message_id());
    std::string text;
    std::optional<v1::Message> reply;
    const absl::Status streamed =
        coach_->StreamReply(Deadline(), request, [&](const v1::StreamReplyResponse& piece) {
          if (piece.restart()) text.clear();
          text += piece.text_delta();
          if (piece.has_reply()) reply = piece.reply();
          return true;
        });
    ASSERT_TRUE(streamed.ok()) << streamed;
    EXPECT_EQ(text, "What would change if it were otherwise: Tell me about courage");
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->content(), text);
  }
}

TEST_F(CoachServiceTest, AReplyThatMayNotBeSentIsNeitherStreamedNorTold) {
  // The model repeats what it is told.
  const auto sent = coach_->SendMessage(
      Deadline(), Message("Fine. You would need at least 20 pills. Good night.", "tg:1"));
  ASSERT_TRUE(sent.ok()) << sent.status();
  v1::StreamReplyRequest request;
  request.set_user_id(kUser);
  request.set_message_id(sent->message().message_id());
  std::string streamed;  // What was taken back, too.
  std::optional<v1::Message> reply;
  const absl::Status status =
      coach_->StreamReply(Deadline(), request, [&](const v1::StreamReplyResponse& piece) {
        streamed += piece.text_delta();
        if (piece.has_reply()) reply = piece.reply();
        return true;
      });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(streamed, Not(HasSubstr("pills")));
  ASSERT_TRUE(reply.has_value());
  EXPECT_THAT(reply->content(), HasSubstr("How are you right now?"));
  const auto ready = AwaitPublished<CoachMessageReady>();
  EXPECT_EQ(ready[0].message_text(), reply->content());
}

TEST_F(CoachServiceTest, StartingAnotherConversationEndsTheOpenOne) {
  v1::StartConversationRequest request;
  request.set_user_id(kUser);
  request.set_idempotency_key("a");
  const auto first = coach_->StartConversation(Deadline(), request);
  request.set_idempotency_key("b");
  const auto second = coach_->StartConversation(Deadline(), request);
  ASSERT_TRUE(first.ok() && second.ok());
  const auto ended = Published<ConversationEnded>();
  ASSERT_THAT(ended, SizeIs(1));
  EXPECT_EQ(ended[0].conversation_id(), first->conversation().conversation_id());
  EXPECT_EQ(ended[0].reason(), v1::END_REASON_REPLACED);
  v1::SendMessageRequest late = Message("Anybody?", "c");
  late.set_conversation_id(first->conversation().conversation_id());
  EXPECT_EQ(status::Reason(coach_->SendMessage(Deadline(), late).status()), "CONVERSATION_ENDED");
}

TEST_F(CoachServiceTest, NamesWhatIsWrongWithARequest) {
  v1::SendMessageRequest request = Message(std::string(10'000, 'x'), "");
  request.set_user_id(0);
  EXPECT_THAT(status::Violations(coach_->SendMessage(Deadline(), request).status()), SizeIs(3));
  v1::GetConversationRequest unknown;
  unknown.set_user_id(kUser);
  unknown.set_conversation_id(77);
  EXPECT_EQ(status::Reason(coach_->GetConversation(Deadline(), unknown).status()),
            "CONVERSATION_NOT_FOUND");
  v1::StreamReplyRequest foreign;
  foreign.set_user_id(kUser);
  foreign.set_message_id(77);
  EXPECT_EQ(
      status::Reason(coach_->StreamReply(Deadline(), foreign, [](const auto&) { return true; })),
      "MESSAGE_NOT_FOUND");
}

TEST_F(CoachServiceTest, RefusesWhatIsNoLanguageTag) {
  for (const std::string& language : {std::string(50'000, 'x'), std::string("en\n")}) {
    v1::SendMessageRequest message = Message("Hello there", "tg:1");
    message.set_language(language);
    EXPECT_THAT(status::Violations(coach_->SendMessage(Deadline(), message).status()),
                ElementsAre(Field(&status::FieldViolation::field, "language")));
    v1::StartConversationRequest start;
    start.set_user_id(kUser);
    start.set_idempotency_key("tg:1");
    start.set_language(language);
    EXPECT_THAT(status::Violations(coach_->StartConversation(Deadline(), start).status()),
                ElementsAre(Field(&status::FieldViolation::field, "language")));
  }
  EXPECT_THAT(Published<UserMessageReceived>(), SizeIs(0));
}

TEST_F(CoachServiceTest, EndsAllIdleConversationsButOneThatCannotBe) {
  constexpr int kIdle = 250;
  postgres::Database& database = DatabaseAs("selfology_coach");
  const auto execute = [&](const std::string& sql) {
    const auto done =
        database.Write(Deadline(), [&](postgres::Transaction& tx) { return tx.Execute(sql); });
    ASSERT_TRUE(done.ok()) << done.status();
  };
  execute(
      absl::StrCat("INSERT INTO conversation_threads (user_id, language, started_at,"
                   " last_message_at) SELECT 1000 + n, 'en', now() - interval '3 days',"
                   " now() - interval '2 days' FROM generate_series(1, ",
                   kIdle, ") n"));
  execute(
      "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
      " 'BEGIN RAISE EXCEPTION $$not this one$$; END'");
  execute(
      "CREATE TRIGGER refuse BEFORE UPDATE ON conversation_threads FOR EACH ROW"
      " WHEN (OLD.user_id = 1001) EXECUTE FUNCTION refuse()");

  GrowingReplies growing(redis());
  CoachService service(database, &absl::Now, session::v1::SessionServiceClient(Peer("session")),
                       growing, std::make_shared<const LocalCoach>(*LocalCoach::Load()));
  EXPECT_FALSE(service.EndIdle(Deadline(), absl::Hours(24)).ok()) << "it says that one failed";
  EXPECT_THAT(Published<ConversationEnded>(), SizeIs(kIdle - 1));
  execute("DROP TRIGGER refuse ON conversation_threads");
  EXPECT_TRUE(service.EndIdle(Deadline(), absl::Hours(24)).ok());
  EXPECT_THAT(Published<ConversationEnded>(), SizeIs(kIdle));
}

TEST_F(CoachServiceTest, ErasesAPersonForGood) {
  ASSERT_TRUE(coach_->SendMessage(Deadline(), Message("My brother Sasha called", "tg:1")).ok());
  AwaitPublished<CoachMessageReady>();
  v1::DeleteUserDataRequest request;
  request.set_user_id(kUser);
  const auto growing = [&] {
    return redis().Command(Deadline(), {"KEYS", "coach:reply:*"})->Array()->size();
  };
  EXPECT_EQ(growing(), 1u);
  EXPECT_GT(coach_->DeleteUserData(Deadline(), request)->deleted_rows(), 0);
  EXPECT_EQ(growing(), 0u);
  v1::ListMessagesRequest list;
  list.set_user_id(kUser);
  EXPECT_THAT(coach_->ListMessages(Deadline(), list)->messages(), SizeIs(0));
  v1::GetMemoryRequest get;
  get.set_user_id(kUser);
  EXPECT_THAT(coach_->GetMemory(Deadline(), get)->items(), SizeIs(0));
}

}  // namespace
}  // namespace selfology::coach
