// The complete journey of the product's documents, step by step, as a person in Telegram takes it;
// then what the services and the outbox say of it.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/analysis/v1/analysis_service_client.h"
#include "selfology/coach/v1/coach_service_client.h"
#include "selfology/profile/v1/profile_service_client.h"
#include "selfology/question/v1/question_service_client.h"
#include "selfology/session/v1/session_service_client.h"
#include "selfology/telegram/v1/telegram_gateway_service_client.h"
#include "selfology/trait/v1/trait_service_client.h"
#include "tests/journey/answers.h"
#include "tests/journey/mesh.h"
#include "tests/journey/person.h"
#include "tests/journey/record.h"

namespace selfology::journey {
namespace {

using telegram_emulator::Json;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class JourneyTest : public ::testing::TestWithParam<Shape> {
 protected:
  void SetUp() override {
    auto mesh = Mesh::Start(GetParam());
    ASSERT_TRUE(mesh.ok()) << mesh.status();
    mesh_ = *std::move(mesh);
    record_.emplace(*mesh_);
  }

  Mesh& mesh() { return *mesh_; }
  Record& record() { return *record_; }

  // What is known of the person once all answers have been looked at in depth.
  void ExpectKnown(int64_t user, int answers);
  void ExpectReason(const absl::Status& status, std::string_view reason) {
    EXPECT_EQ(status::Reason(status), reason) << status;
  }

  std::unique_ptr<Mesh> mesh_;
  std::optional<Record> record_;
};

void JourneyTest::ExpectKnown(int64_t user, int answers) {
  record().AwaitEvents(user, "answer.analyzed.deep", answers);
  record().AwaitEvents(user, "session.completed", 1);
  // Everything that follows from an answer has followed once the profile and the traits have
  // handled it.
  record().AwaitHandled(user, "trait.extracted", "profile_storage");
  record().AwaitHandled(user, "trait.extracted", "trait_evolution");

  std::map<std::string, int> events = record().EventCounts(user);
  EXPECT_EQ(events["user.onboarding.initiated"], 1);
  EXPECT_EQ(events["session.created"], 1);
  EXPECT_EQ(events["question.selected"], answers);
  EXPECT_EQ(events["user.answer.submitted"], answers);
  EXPECT_EQ(events["answer.analyzed.instant"], answers);
  EXPECT_EQ(events["answer.analyzed.deep"], answers);
  EXPECT_THAT(events["trait.extracted"], Ge(1));
  EXPECT_EQ(events["profile.created"], 1);
  EXPECT_THAT(events["profile.updated"], Ge(1));
  EXPECT_THAT(events["trait.evolution.detected"], Ge(1));
  EXPECT_EQ(events["session.completed"], 1);
  EXPECT_EQ(record().DeadLetters(), 0);
  EXPECT_THAT(record().Traces(user), SizeIs(1)) << "one trace finds the whole journey";

  const analysis::v1::AnalysisServiceClient analyses(mesh().Peer("analysis"));
  analysis::v1::ListAnalysesRequest all;
  all.set_user_id(user);
  const auto analysed = analyses.ListAnalyses(Mesh::Deadline(), all);
  ASSERT_TRUE(analysed.ok()) << analysed.status();
  EXPECT_EQ(analysed->analyses_size(), answers);
  for (const analysis::v1::Analysis& analysis : analysed->analyses()) {
    EXPECT_EQ(analysis.status(), analysis::v1::ANALYSIS_STATUS_COMPLETE);
    EXPECT_FALSE(analysis.instant().brief_insight().empty());
    EXPECT_FALSE(analysis.deep().summary().empty());
  }

  const profile::v1::ProfileServiceClient profiles(mesh().Peer("profile"));
  profile::v1::GetProfileRequest whose;
  whose.set_user_id(user);
  const auto profile = profiles.GetProfile(Mesh::Deadline(), whose);
  ASSERT_TRUE(profile.ok()) << profile.status();
  EXPECT_TRUE(profile->profile().big_five().has_openness());
  EXPECT_EQ(profile->profile().version(), events["profile.created"] + events["profile.updated"]);

  const trait::v1::TraitServiceClient traits(mesh().Peer("trait"));
  trait::v1::ListTraitHistoryRequest history;
  history.set_user_id(user);
  const auto recorded = traits.ListTraitHistory(Mesh::Deadline(), history);
  ASSERT_TRUE(recorded.ok()) << recorded.status();
  EXPECT_THAT(recorded->records(), SizeIs(Ge(static_cast<size_t>(answers))));
  trait::v1::GetTraitEvolutionRequest period;
  period.set_user_id(user);
  const auto evolution = traits.GetTraitEvolution(Mesh::Deadline(), period);
  ASSERT_TRUE(evolution.ok()) << evolution.status();
  EXPECT_THAT(evolution->changes(), SizeIs(Ge(1u)));
}

TEST_P(JourneyTest, FromTheFirstWordToTheCoachInEnglish) {
  Person ann(mesh(), "en");
  ann.Says("/start");
  ann.Presses(ann.Hears("Welcome to Selfology"), "✅ I agree");
  ann.Hears("Thank you for your trust");
  for (int number = 1; number <= 10; ++number) {
    ann.Hears(absl::StrCat("Question ", number, " of 10"));
    ann.Says(EnglishAnswer(number));
    ann.Hears("✨");
    if (HasFailure()) return;
  }
  ann.Hears("That was the last question");
  ExpectKnown(ann.id(), 10);
  EXPECT_EQ(record().Answers(ann.id()), 10);

  ann.Says("/profile");
  ann.Hears("Your profile so far");
  ann.Says("I want to paint again, but I never find the time. What could I do?");
  record().AwaitEvents(ann.id(), "coach.message.ready", 1);
  ann.Hears("");
  const coach::v1::CoachServiceClient coach(mesh().Peer("coach"));
  coach::v1::ListMessagesRequest chat;
  chat.set_user_id(ann.id());
  const auto messages = coach.ListMessages(Mesh::Deadline(), chat);
  ASSERT_TRUE(messages.ok()) << messages.status();
  ASSERT_EQ(messages->messages_size(), 2);
  EXPECT_EQ(messages->messages(0).role(), coach::v1::MESSAGE_ROLE_ASSISTANT);
  EXPECT_EQ(messages->messages(0).in_reply_to_message_id(), messages->messages(1).message_id());
  EXPECT_EQ(messages->messages(1).reply_status(), coach::v1::REPLY_STATUS_DONE);
}

TEST_P(JourneyTest, FinishedEarlyInRussian) {
  Person olga(mesh(), "ru");
  olga.Says("/start");
  olga.Presses(olga.Hears("Добро пожаловать"), "✅ Даю согласие");
  for (int number = 1; number <= 5; ++number) {
    olga.Hears(absl::StrCat("Вопрос ", number, " из 10"));
    olga.Says(RussianAnswer(number));
    olga.Hears("✨");
    if (HasFailure()) return;
  }
  olga.Hears("Вопрос 6 из 10");
  olga.Says("/finish");
  olga.Hears("на этом остановимся");
  record().AwaitEvents(olga.id(), "answer.analyzed.deep", 5);
  EXPECT_EQ(record().Answers(olga.id()), 5);
  olga.Says("Мне трудно отдыхать, я всё время думаю о работе. Что мне делать?");
  record().AwaitEvents(olga.id(), "coach.message.ready", 1);
  olga.Hears("");
  EXPECT_EQ(record().DeadLetters(), 0);
}

TEST_P(JourneyTest, WhatIsWrongGetsAClearAnswerAndTheJourneyGoesOn) {
  Person ann(mesh(), "en");
  Person bob(mesh(), "en");
  ann.Says("Hello, is anybody there?");  // Before all consent.
  ann.Presses(ann.Hears("Is that all right with you?"), "✅ I agree");
  bob.Says("/start");
  bob.Presses(bob.Hears("Welcome to Selfology"), "✅ I agree");

  ann.Hears("Question 1 of 10");
  ann.Says("x");
  // People never see a code.
  EXPECT_THAT(ann.Hears("a little short").text, Not(HasSubstr("INVALID_ARGUMENT")));
  ann.Sends("message", ann.MessageWith("text", std::string(10'000, 'a')));
  EXPECT_THAT(ann.Hears("too long").text, HasSubstr("10000"));
  ann.Sends("message", ann.MessageWith("sticker", {{"file_id", "s"}, {"emoji", "🙂"}}));
  ann.Hears("Words tell me more");
  ann.Sends("message", ann.MessageWith("text", 42));
  ann.Sends("purchased_paid_media", {{"from", {{"id", ann.id()}}}, {"paid_media_payload", "?"}});
  ann.Says("/frobnicate");
  ann.Hears("I do not know this command");
  ann.Says("/finish");
  ann.Hears("Not quite yet");
  ann.Says("/pause");
  ann.Hears("Paused");
  ann.Says("This is said in the wrong moment");
  ann.Hears("I did not take this down");
  ann.Says("/resume");
  ann.Hears("Question 1 of 10");
  EXPECT_EQ(record().Answers(ann.id()), 0);

  bob.Hears("Question 1 of 10");
  const session::v1::SessionServiceClient sessions(mesh().Peer("session"));
  session::v1::GetActiveSessionRequest whose;
  whose.set_user_id(bob.id());
  const auto bobs = sessions.GetActiveSession(Mesh::Deadline(), whose);
  ASSERT_TRUE(bobs.ok()) << bobs.status();
  session::v1::GetSessionRequest foreign;
  foreign.set_user_id(ann.id());
  foreign.set_session_id(bobs->session().session_id());
  ExpectReason(sessions.GetSession(Mesh::Deadline(), foreign).status(), "SESSION_NOT_FOUND");
  session::v1::SubmitAnswerRequest answer;
  answer.set_user_id(ann.id());
  answer.set_idempotency_key("rpc-1");
  answer.set_question_id("no_such_question");
  answer.set_answer_text("An answer to nothing");
  ExpectReason(sessions.SubmitAnswer(Mesh::Deadline(), answer).status(), "QUESTION_NOT_FOUND");
  answer.set_idempotency_key("rpc-2");
  answer.set_question_id("");
  answer.set_answer_text(std::string(10'000, 'a'));
  ExpectReason(sessions.SubmitAnswer(Mesh::Deadline(), answer).status(), "INVALID_ARGUMENT");
  session::v1::GetAnswerRequest no_answer;
  no_answer.set_user_id(ann.id());
  no_answer.set_answer_id(999'999);
  ExpectReason(sessions.GetAnswer(Mesh::Deadline(), no_answer).status(), "ANSWER_NOT_FOUND");

  profile::v1::GetProfileRequest nobody;
  nobody.set_user_id(999'999'999);
  ExpectReason(profile::v1::ProfileServiceClient(mesh().Peer("profile"))
                   .GetProfile(Mesh::Deadline(), nobody)
                   .status(),
               "PROFILE_NOT_FOUND");
  question::v1::GetQuestionRequest no_question;
  no_question.set_question_id("no_such_question");
  ExpectReason(question::v1::QuestionServiceClient(mesh().Peer("question"))
                   .GetQuestion(Mesh::Deadline(), no_question)
                   .status(),
               "QUESTION_NOT_FOUND");
  analysis::v1::GetAnalysisRequest no_analysis;
  no_analysis.set_user_id(ann.id());
  no_analysis.set_answer_id(999'999);
  ExpectReason(analysis::v1::AnalysisServiceClient(mesh().Peer("analysis"))
                   .GetAnalysis(Mesh::Deadline(), no_analysis)
                   .status(),
               "ANALYSIS_NOT_FOUND");
  coach::v1::GetConversationRequest no_conversation;
  no_conversation.set_user_id(ann.id());
  no_conversation.set_conversation_id(999'999);
  ExpectReason(coach::v1::CoachServiceClient(mesh().Peer("coach"))
                   .GetConversation(Mesh::Deadline(), no_conversation)
                   .status(),
               "CONVERSATION_NOT_FOUND");
  ExpectReason(trait::v1::TraitServiceClient(mesh().Peer("trait"))
                   .ListTraitHistory(Mesh::Deadline(), {})
                   .status(),
               "INVALID_ARGUMENT");
  telegram::v1::HandleUpdateRequest no_update;
  no_update.set_update_json("{\"update_id\":");
  const auto outcome = telegram::v1::TelegramGatewayServiceClient(mesh().Peer("telegram_gateway"))
                           .HandleUpdate(Mesh::Deadline(), no_update);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->outcome(), telegram::v1::UPDATE_OUTCOME_MALFORMED);

  ann.Says(EnglishAnswer(1));
  ann.Hears("✨");
  ann.Hears("Question 2 of 10");
  bob.Says(EnglishAnswer(2));
  bob.Hears("✨");
  bob.Hears("Question 2 of 10");
  EXPECT_EQ(record().Answers(ann.id()), 1);
  EXPECT_EQ(record().Answers(bob.id()), 1);
  EXPECT_EQ(record().DeadLetters(), 0);
}

INSTANTIATE_TEST_SUITE_P(, JourneyTest, ::testing::Values(Shape::kOneProcess, Shape::kSplit),
                         [](const auto& shape) {
                           return shape.param == Shape::kOneProcess ? "OneProcess" : "Split";
                         });

}  // namespace
}  // namespace selfology::journey
