// The dialog between a gateway, which the test plays, and stand-ins for the services that own what
// it shows, over real gRPC, PostgreSQL and Redis.
//
//   class JourneyTest : public DialogTest {};
//   TEST_F(JourneyTest, ...) {
//     Start();
//     EXPECT_THAT(TextOf(Give("start")), HasSubstr("Is that all right"));
//     EXPECT_THAT(TextOf(Press("consent:yes:2025-10-01")), HasSubstr("Thank you"));
//     PutQuestion("q1", "What is home to you?");
//     Say("Where my books are.");
//     ...
//   }
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/events/event_type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/catalogue.pb.h"
#include "selfology/telegram/v1/dialog_service_client.h"
#include "services/coaching/coaching_dialog/dialog_service.h"
#include "services/coaching/coaching_dialog/fake_linking_test.h"
#include "services/coaching/coaching_dialog/fake_notification_test.h"
#include "services/coaching/coaching_dialog/fake_owners_test.h"
#include "services/coaching/coaching_dialog/module.h"
#include "services/coaching/coaching_dialog/settings/fake_gateway_test.h"
#include "testing/mesh_test.h"
#include "testing/serving_module.h"

namespace selfology::coaching_dialog {

// All that is said, one line for each message.
inline std::string TextOf(const v1::DialogReaction& reaction) {
  std::string text;
  for (const v1::DialogMessage& message : reaction.messages()) {
    absl::StrAppend(&text, message.message_text(), "\n");
  }
  return text;
}

// The callback_data of all buttons.
inline std::vector<std::string> ButtonsOf(const v1::DialogReaction& reaction) {
  std::vector<std::string> buttons;
  for (const v1::DialogMessage& message : reaction.messages()) {
    for (const v1::ButtonRow& row : message.button_rows()) {
      for (const v1::Button& button : row.buttons()) buttons.push_back(button.callback_data());
    }
  }
  return buttons;
}

class DialogTest : public testing::MeshTest {
 protected:
  static constexpr int64_t kAnn = 123456;

  void TearDown() override { StopMesh(); }

  // `adjust` may change the settings, for example the clock.
  void Start(const std::function<void(service::Settings&)>& adjust = nullptr) {
    StartMesh(testing::Modules(
                  MakeModule(), Serving<FakeSession>("session", owners_),
                  Serving<FakeQuestion>("question", owners_), Serving<FakeCoach>("coach", owners_),
                  Serving<FakeProfile>("profile", owners_),
                  Serving<FakeAnalysis>("analysis", owners_), Serving<FakeTrait>("trait", owners_),
                  testing::ServingModule("safety_dialog", std::make_shared<FakeSafety>(owners_)),
                  testing::ServingModule("telegram_gateway", gateway_),
                  testing::ServingModule("user", std::make_shared<FakeLinking>(owners_)),
                  std::unique_ptr<service::Module>(new FakeNotificationModule(owners_))),
              adjust);
    dialog_.emplace(Peer("coaching_dialog"));
  }

  Owners& owners() { return owners_; }
  FakeGateway& gateway() { return *gateway_; }
  v1::DialogServiceClient& dialog() { return *dialog_; }

  // What she is told is not shown to her from now on: it waits to be sent.
  void HoldMessages() { messages_held_ = true; }
  void ShowMessages() {
    messages_held_ = false;
    shown_mark_ = last_mark_;
  }

  // One more update of hers.
  v1::ReactRequest Next(v1::DialogUpdate update) {
    v1::ReactRequest request;
    request.set_dialog("coaching_dialog");
    request.set_user_id(kAnn);
    request.set_update_number(++updates_);
    request.set_update_key(absl::StrCat("tg:", updates_));
    if (update.message_id() == 0) update.set_message_id(updates_);
    *request.mutable_update() = std::move(update);
    request.set_language(language_);
    request.set_shown_mark(shown_mark_);
    return request;
  }
  v1::ReactRequest Words(std::string words) {
    v1::DialogUpdate update;
    update.set_words(std::move(words));
    return Next(std::move(update));
  }

  v1::DialogReaction React(const v1::ReactRequest& request) {
    const auto response = dialog_->React(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok()) return {};
    EXPECT_FALSE(response->taken()) << "it is no guard";
    Show(response->reaction());
    return response->reaction();
  }
  v1::DialogReaction Say(std::string words) { return React(Words(std::move(words))); }
  v1::DialogReaction Give(std::string command, std::string argument = "") {
    v1::DialogUpdate update;
    update.mutable_command()->set_name(std::move(command));
    update.mutable_command()->set_argument(std::move(argument));
    return React(Next(std::move(update)));
  }
  v1::DialogReaction Press(const std::string& callback_data) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(callback_data, absl::MaxSplits(':', 1));
    v1::DialogUpdate update;
    update.mutable_button()->set_action(parts.first);
    update.mutable_button()->set_argument(parts.second);
    return React(Next(std::move(update)));
  }
  v1::DialogReaction Send(v1::ContentKind kind, std::string caption = "") {
    v1::DialogUpdate update;
    update.mutable_content()->set_kind(kind);
    update.mutable_content()->set_caption(std::move(caption));
    return React(Next(std::move(update)));
  }

  // `message_id`: what Next gave to it.
  v1::DialogReaction Edit(int64_t message_id, std::string words) {
    v1::DialogUpdate update;
    update.set_edited_words(std::move(words));
    update.set_message_id(message_id);
    return React(Next(std::move(update)));
  }
  // Of her last update.
  int64_t last_message_id() const { return updates_; }

  template <typename Event>
  v1::RenderEventRequest Rendering(const Event& event) {
    v1::RenderEventRequest request;
    request.set_dialog("coaching_dialog");
    request.set_user_id(event.user_id());
    request.set_event_id(absl::StrCat("event-", ++events_));
    request.set_event_type(events::TypeOf<Event>());
    request.set_payload(event.SerializeAsString());
    return request;
  }
  template <typename Event>
  v1::DialogReaction Render(const Event& event) {
    const auto response = dialog_->RenderEvent(Deadline(), Rendering(event));
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok()) return {};
    Show(response->reaction());
    return response->reaction();
  }

  // She has agreed, her session is open, and this question waits for its answer.
  v1::DialogReaction PutQuestion(const std::string& id, const std::string& text, int number = 1,
                                 const std::string& replaces = "") {
    owners_.Do([&](Owners& o) {
      session::v1::Onboarding& onboarding = o.Of(kAnn);
      onboarding.set_stage(session::v1::ONBOARDING_STAGE_IN_PROGRESS);
      onboarding.mutable_consent()->set_granted(true);
      session::v1::Session& session = *onboarding.mutable_session();
      session.set_session_id(9);
      session.set_status(session::v1::SESSION_STATUS_ACTIVE);
      session.set_current_question_id(id);
      session.set_answers_given(number - 1);
      session.set_max_answers(10);
      session.set_language("en");
      o.questions[id].set_question_text(text);
      o.questions[id].set_domain("IDENTITY");
    });
    return Render(Selected(id, text, number, replaces));
  }
  static events::v1::QuestionSelected Selected(const std::string& id, const std::string& text,
                                               int number, const std::string& replaces = "") {
    events::v1::QuestionSelected event;
    event.set_user_id(kAnn);
    event.set_session_id(9);
    event.set_question_id(id);
    event.set_question_text(text);
    event.set_domain("IDENTITY");
    event.set_language("en");
    event.set_question_number(number);
    event.set_max_questions(10);
    event.set_replaces_question_id(replaces);
    return event;
  }

  // She is through with the questions, and what she writes goes to the coach.
  v1::DialogReaction Complete(
      session::v1::CompletionReason reason = session::v1::COMPLETION_REASON_ENOUGH_ANSWERS) {
    owners_.Do([&](Owners& o) {
      o.Of(kAnn).set_stage(session::v1::ONBOARDING_STAGE_COMPLETED);
      session::v1::Session& session = *o.Of(kAnn).mutable_session();
      session.set_session_id(9);
      session.set_status(session::v1::SESSION_STATUS_COMPLETED);
      session.clear_current_question_id();
    });
    events::v1::SessionCompleted event = Completed();
    event.set_reason(reason);
    return Render(event);
  }
  static events::v1::SessionCompleted Completed() {
    events::v1::SessionCompleted event;
    event.set_user_id(kAnn);
    event.set_session_id(9);
    event.set_answers_given(10);
    event.set_reason(session::v1::COMPLETION_REASON_ENOUGH_ANSWERS);
    event.set_language("en");
    return event;
  }

  v1::Conversation DialogState() {
    v1::GetDialogStateRequest request;
    request.set_dialog("coaching_dialog");
    request.set_user_id(kAnn);
    const auto response = dialog_->GetDialogState(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->conversation() : v1::Conversation();
  }
  v1::ConversationState State() { return DialogState().state(); }
  // As Redis has it; empty: forgotten.
  std::string KeptState() {
    const auto word = redis().Command(Deadline(), {"GET", absl::StrCat("fsm:state:", kAnn)});
    return word.ok() ? std::string(word->String().value_or("")) : "";
  }
  void LoseState() { ASSERT_TRUE(redis().Command(Deadline(), {"FLUSHALL"}).ok()); }

  v1::SetDialogStateRequest Moving(v1::ConversationState state) {
    v1::SetDialogStateRequest request;
    request.set_dialog("coaching_dialog");
    request.set_user_id(kAnn);
    request.set_state(state);
    return request;
  }

  int64_t Journeys() { return Rows("coaching_journeys"); }
  int64_t Rows(const std::string& table) {
    const auto row =
        DatabaseAs("selfology_coaching_dialog").Read(Deadline(), [&](postgres::Transaction& tx) {
          return tx.QueryOne<int64_t>("SELECT count(*) FROM " + table);
        });
    EXPECT_TRUE(row.ok()) << row.status();
    return row.ok() ? std::get<0>(**row) : -1;
  }

  // How often an RPC of the owners was called.
  int Calls(const std::string& rpc) {
    return owners_.Do([&](Owners& o) {
      return static_cast<int>(std::count(o.calls.begin(), o.calls.end(), rpc));
    });
  }
  std::vector<session::v1::SubmitAnswerRequest> Answers() {
    return owners_.Do([](Owners& o) { return o.answers; });
  }

  std::string language_ = "en";  // Her Telegram's.

 private:
  void Show(const v1::DialogReaction& reaction) {
    for (const v1::DialogMessage& message : reaction.messages()) {
      EXPECT_NE(message.message_text(), "");
      EXPECT_NE(message.kind(), "");
      if (!message.mark().empty()) last_mark_ = message.mark();
    }
    if (!messages_held_) shown_mark_ = last_mark_;
  }

  Owners owners_;
  const std::shared_ptr<FakeGateway> gateway_ = std::make_shared<FakeGateway>();
  std::optional<v1::DialogServiceClient> dialog_;
  int64_t updates_ = 1000;
  int events_ = 0;
  bool messages_held_ = false;
  std::string last_mark_;
  std::string shown_mark_;
};

}  // namespace selfology::coaching_dialog
