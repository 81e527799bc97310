// The gateway between a Telegram of our own (tools/telegram_emulator) and stand-ins for the other
// services, over real gRPC, PostgreSQL, Redis and relay.
//
//   class JourneyTest : public GatewayTest {};
//   TEST_F(JourneyTest, ...) {
//     Start();
//     const Message prompt = Await("Is that all right", Say("/start"));
//     Press(prompt, "I agree");
//     ...
//   }
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/enums/word.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/catalogue.pb.h"
#include "selfology/telegram/v1/telegram_gateway_service_client.h"
#include "services/edge/telegram_gateway/fake_owners_test.h"
#include "services/edge/telegram_gateway/outgoing.h"
#include "services/edge/telegram_gateway/settings.h"
#include "testing/mesh_test.h"
#include "tools/telegram_emulator/emulator.h"

namespace selfology::telegram_gateway {

using telegram_emulator::ApiCall;
using telegram_emulator::Emulator;
using telegram_emulator::Message;

inline constexpr char kToken[] = "42:a-token-nobody-may-see";

class GatewayTest : public testing::MeshTest {
 protected:
  void SetUp() override {
    auto telegram = Emulator::Start({});
    ASSERT_TRUE(telegram.ok()) << telegram.status();
    telegram_ = *std::move(telegram);
    ann_ = *telegram_->AddUser({.first_name = "Ann", .language_code = "en"});
  }

  void TearDown() override { StopMesh(); }

  void Start(const std::function<void(GatewaySettings&)>& adjust = nullptr) {
    GatewaySettings settings{.token = kToken,
                             .api_base = telegram_->base_url(),
                             .poll = {.wait = absl::Seconds(2),
                                      .grace = absl::Seconds(1),
                                      .conflict_pause = absl::Milliseconds(50)}};
    if (adjust) adjust(settings);
    StartMesh(testing::Modules(
                  MakeModule(settings), Serving<FakeSession>("session", owners_),
                  Serving<FakeQuestion>("question", owners_), Serving<FakeCoach>("coach", owners_),
                  Serving<FakeProfile>("profile", owners_),
                  Serving<FakeAnalysis>("analysis", owners_), Serving<FakeTrait>("trait", owners_)),
              [this](service::Settings& mesh) { mesh.clock = [this] { return Now(); }; });
    gateway_.emplace(Peer("telegram_gateway"));
  }

  Emulator& telegram() { return *telegram_; }
  int64_t ann() const { return ann_; }
  Owners& owners() { return owners_; }
  v1::TelegramGatewayServiceClient& gateway() { return *gateway_; }
  void MoveClock(absl::Duration by) { clock_ahead_s_ += absl::ToInt64Seconds(by); }
  void StopClock() { clock_stands_at_us_ = absl::ToUnixMicros(Now()); }
  void StartClock() { clock_stands_at_us_ = 0; }

  // The id of what she sends.
  int64_t Say(std::string_view text) {
    const auto message = telegram_->SendText(ann_, text);
    EXPECT_TRUE(message.ok()) << message.status();
    return message.ok() ? message->id : 0;
  }

  // The first message after that one in which these words are.
  Message Await(std::string_view words, int64_t after = 0) {
    const auto message = telegram_->AwaitMessage(
        ann_, [&](const Message& m) { return absl::StrContains(m.text, words); },
        testing::kPatience, after);
    EXPECT_TRUE(message.ok()) << "no \"" << words << "\" in:\n" << Transcript();
    return message.value_or(Message());
  }

  // Waits until the press is answered.
  telegram_emulator::CallbackQuery Press(const Message& message, std::string_view button) {
    const auto press = telegram_->PressButton(ann_, message.id, button);
    EXPECT_TRUE(press.ok()) << press.status();
    const auto answer = telegram_->AwaitAnswer(press.value_or(""), testing::kPatience);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.value_or(telegram_emulator::CallbackQuery());
  }

  // All that was said, for failures.
  std::string Transcript() {
    std::string transcript;
    for (const Message& m : telegram_->Messages(ann_)) {
      absl::StrAppend(&transcript, m.id, m.from_bot ? " bot: " : " Ann: ", m.text, "\n");
    }
    return transcript;
  }

  // What the bot said with these words in it.
  int Count(std::string_view words) {
    int count = 0;
    for (const Message& m : telegram_->Messages(ann_))
      count += m.from_bot && absl::StrContains(m.text, words);
    return count;
  }

  // Waits until Telegram has nothing left for the bot, and the bot nothing for Telegram.
  void AwaitQuiet() {
    EXPECT_TRUE(telegram_->AwaitQuiet(testing::kPatience).ok());
    MeshTest::Await("all messages to be sent", [&] {
      return Rows(
                 "SELECT count(*) FROM outgoing_messages WHERE status IN ('waiting', 'sending')") ==
             0;
    });
  }

  int64_t Rows(std::string_view sql) {
    const auto row =
        DatabaseAs("selfology_telegram_gateway").Read(Deadline(), [&](postgres::Transaction& tx) {
          return tx.QueryOne<int64_t>(sql);
        });
    EXPECT_TRUE(row.ok()) << row.status();
    return row.ok() ? std::get<0>(**row) : -1;
  }

  void Execute(std::string_view sql) {
    const auto status =
        DatabaseAs("selfology_telegram_gateway").Write(Deadline(), [&](postgres::Transaction& tx) {
          return tx.Execute(sql);
        });
    EXPECT_TRUE(status.ok()) << status.status();
  }

  // Ann has agreed, her session is open, and this question waits for its answer.
  void PutQuestion(std::string id, std::string text, int number = 1, std::string language = "en") {
    owners_.Do([&](Owners& o) {
      session::v1::Onboarding& onboarding = o.Of(ann_);
      onboarding.set_stage(session::v1::ONBOARDING_STAGE_IN_PROGRESS);
      onboarding.mutable_consent()->set_granted(true);
      session::v1::Session& session = *onboarding.mutable_session();
      session.set_session_id(9);
      session.set_status(session::v1::SESSION_STATUS_ACTIVE);
      session.set_current_question_id(id);
      session.set_answers_given(number - 1);
      session.set_max_answers(10);
      session.set_language(language);
      o.questions[id].set_question_text(text);
      o.questions[id].set_domain("IDENTITY");
    });
    events::v1::QuestionSelected event;
    event.set_user_id(ann_);
    event.set_session_id(9);
    event.set_question_id(std::move(id));
    event.set_question_text(std::move(text));
    event.set_domain("IDENTITY");
    event.set_language(std::move(language));
    event.set_question_number(number);
    event.set_max_questions(10);
    Publish(event);
  }

  void PublishFeedback(std::string question_id, std::string insight) {
    events::v1::AnswerAnalyzedInstant event;
    event.set_user_id(ann_);
    event.set_session_id(9);
    event.set_question_id(std::move(question_id));
    event.set_brief_insight(std::move(insight));
    Publish(event);
  }

  // Ann writes to the bot for the first time, so that it may write to her.
  void Meet() {
    const int64_t start = Say("/start");
    Await("Is that all right", start);
  }

  // She is through with the questions, and what she writes goes to the coach.
  void Complete() {
    owners_.Do([&](Owners& o) { o.Of(ann_).set_stage(session::v1::ONBOARDING_STAGE_COMPLETED); });
    events::v1::SessionCompleted event;
    event.set_user_id(ann_);
    event.set_session_id(9);
    event.set_answers_given(10);
    event.set_reason(session::v1::COMPLETION_REASON_ENOUGH_ANSWERS);
    event.set_language("en");
    Publish(event);
    Await("your coach");
  }

  v1::ConversationState State() {
    v1::GetConversationStateRequest request;
    request.set_user_id(ann_);
    const auto response = gateway_->GetConversationState(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->conversation().state() : v1::CONVERSATION_STATE_UNSPECIFIED;
  }
  // In Redis, which has it before anybody asks; empty: forgotten.
  void AwaitState(v1::ConversationState state) {
    MeshTest::Await(v1::ConversationState_Name(state), [&] {
      const auto word = redis().Command(Deadline(), {"GET", absl::StrCat("fsm:state:", ann_)});
      return word.ok() && word->String().value_or("") == enums::LowerWord(state);
    });
  }

 private:
  absl::Time Now() const {
    const int64_t stands_at_us = clock_stands_at_us_;
    return stands_at_us != 0 ? absl::FromUnixMicros(stands_at_us)
                             : absl::Now() + absl::Seconds(clock_ahead_s_.load());
  }

  Owners owners_;
  std::unique_ptr<Emulator> telegram_;
  int64_t ann_ = 0;
  std::atomic<int64_t> clock_ahead_s_ = 0;
  std::atomic<int64_t> clock_stands_at_us_ = 0;  // 0: it goes.
  std::optional<v1::TelegramGatewayServiceClient> gateway_;
};

}  // namespace selfology::telegram_gateway
