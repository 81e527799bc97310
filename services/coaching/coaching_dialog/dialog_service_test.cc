#include "services/coaching/coaching_dialog/dialog_service.h"

#include <sys/types.h>

#include <csignal>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/time/clock.h"
#include "common/status/status.h"
#include "google/protobuf/descriptor.h"
#include "services/coaching/coaching_dialog/coaching_dialog_store.h"
#include "services/coaching/coaching_dialog/dialog_fixture_test.h"
#include "testing/serving_module.h"

namespace selfology::coaching_dialog {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::SizeIs;

class DialogServiceTest : public DialogTest {
 protected:
  absl::StatusOr<v1::DialogDescription> Describe(std::string dialog_name = "coaching_dialog") {
    v1::DescribeDialogRequest request;
    request.set_dialog(std::move(dialog_name));
    const auto response = dialog().DescribeDialog(Deadline(), request);
    if (!response.ok()) return response.status();
    return response->description();
  }
  std::string FieldOf(const absl::Status& status) {
    const auto violations = status::Violations(status);
    return violations.empty() ? "" : violations.front().field;
  }
};

TEST_F(DialogServiceTest, DescribesItselfInBothLanguages) {
  Start();
  const absl::StatusOr<v1::DialogDescription> description = Describe();
  ASSERT_TRUE(description.ok()) << description.status();
  EXPECT_EQ(description->dialog(), "coaching_dialog");
  EXPECT_FALSE(description->has_guard());
  EXPECT_EQ(description->gather().seconds(), 1);
  EXPECT_EQ(description->gather().nanos(), 200'000'000);
  const auto expect_both = [](const auto& texts) {
    ASSERT_THAT(texts, SizeIs(2));
    EXPECT_EQ(texts[0].language(), "en");
    EXPECT_EQ(texts[1].language(), "ru");
    EXPECT_NE(texts[0].text(), "");
    EXPECT_NE(texts[1].text(), texts[0].text());
  };
  expect_both(description->titles());
  expect_both(description->help());
  EXPECT_THAT(description->help(0).text(), HasSubstr("I ask up to ten questions"));
  EXPECT_THAT(description->help(1).text(), HasSubstr("/delete — Стереть всё о вас"));
  std::set<std::string> commands, others;
  for (const v1::DialogCommand& command : description->commands()) {
    EXPECT_TRUE(commands.insert(command.name()).second) << command.name() << " is there twice";
    expect_both(command.descriptions());
    for (const std::string& alias : command.aliases()) {
      EXPECT_TRUE(others.insert(alias).second) << alias << " is there twice";
    }
    if (command.name() == "resume") EXPECT_THAT(command.menus(), ElementsAre("paused"));
    if (command.name() == "delete") EXPECT_THAT(command.menus(), IsEmpty()) << "in all of them";
  }
  EXPECT_THAT(commands,
              ::testing::ElementsAre("cancel", "delete", "example", "export", "finish", "language",
                                     "link", "memory", "mood", "pause", "privacy", "profile",
                                     "resume", "settings", "skip", "why"));
  EXPECT_THAT(others, IsSupersetOf({"my_profile", "options", "continue"}));
  for (const char* frame : {"start", "help"}) {
    EXPECT_FALSE(commands.contains(frame)) << "the gateway's";
    EXPECT_FALSE(others.contains(frame)) << "the gateway's";
  }
  EXPECT_THAT(description->button_actions(),
              IsSupersetOf({"consent", "start", "restart", "skip", "why", "example", "heavy",
                            "rate", "statements", "resume", "language", "delete"}));
  EXPECT_THAT(description->event_types(),
              ::testing::UnorderedElementsAre(
                  "answer.analyzed.instant", "coach.message.ready", "consent.declined",
                  "insight.ready_for_user", "question.selected", "session.completed",
                  "session.paused", "session.resumed", "session.timeout", "user.accounts.linked"));
}

TEST_F(DialogServiceTest, EveryButtonIsOneThatItDescribes) {
  Start();
  const absl::StatusOr<v1::DialogDescription> description = Describe();
  ASSERT_TRUE(description.ok()) << description.status();
  const auto expect_described = [&](const v1::DialogReaction& reaction) {
    for (const std::string& button : ButtonsOf(reaction)) {
      EXPECT_THAT(description->button_actions(), Contains(button.substr(0, button.find(':'))));
    }
  };
  expect_described(Give("start"));
  expect_described(Give("language"));
  expect_described(Give("delete"));
  expect_described(PutQuestion("q1", "What is home to you?"));
  expect_described(Give("pause"));
  Complete();
  expect_described(Give("start"));
}

TEST_F(DialogServiceTest, NamesBadFields) {
  Start();
  const auto react = [&](const auto& change) {
    v1::ReactRequest request = Words("Hello.");
    change(request);
    return FieldOf(dialog().React(Deadline(), request).status());
  };
  EXPECT_EQ(react([](v1::ReactRequest& r) { r.set_dialog("feed_dialog"); }), "dialog");
  EXPECT_EQ(react([](v1::ReactRequest& r) { r.set_user_id(0); }), "user_id");
  EXPECT_EQ(react([](v1::ReactRequest& r) { r.clear_update_key(); }), "update_key");
  EXPECT_EQ(react([](v1::ReactRequest& r) { r.set_update_key(std::string(65, 'k')); }),
            "update_key");
  EXPECT_EQ(react([](v1::ReactRequest& r) { r.set_update_key("\n"); }), "update_key");
  EXPECT_EQ(react([](v1::ReactRequest& r) { r.set_update_number(0); }), "update_number");
  EXPECT_EQ(react([](v1::ReactRequest& r) { r.clear_update(); }), "update");
  EXPECT_EQ(FieldOf(Describe("").status()), "dialog");
  v1::RenderEventRequest event = Rendering(Completed());
  event.clear_dialog();
  EXPECT_EQ(FieldOf(dialog().RenderEvent(Deadline(), event).status()), "dialog");
  v1::GetDialogStateRequest get;
  get.set_dialog("coaching_dialog");
  EXPECT_EQ(FieldOf(dialog().GetDialogState(Deadline(), get).status()), "user_id");
  v1::SetDialogStateRequest set = Moving(static_cast<v1::ConversationState>(77));
  EXPECT_EQ(FieldOf(dialog().SetDialogState(Deadline(), set).status()), "state");
  set = Moving(v1::CONVERSATION_STATE_CHAT_ACTIVE);
  set.set_session_id(-1);
  EXPECT_EQ(FieldOf(dialog().SetDialogState(Deadline(), set).status()), "session_id");
}

// Another room's dialog.
class OtherDialog final : public v1::DialogServiceEndpoints {
 public:
  bool Serves(const google::protobuf::Message& request) const override {
    const auto* const dialog = request.GetDescriptor()->FindFieldByName("dialog");
    return request.GetReflection()->GetString(request, dialog) == "other_dialog";
  }
  absl::StatusOr<v1::DescribeDialogResponse> DescribeDialog(
      const Call&, const v1::DescribeDialogRequest&) override {
    v1::DescribeDialogResponse response;
    response.mutable_description()->set_dialog("other_dialog");
    return response;
  }
  absl::StatusOr<v1::ReactResponse> React(const Call&, const v1::ReactRequest&) override {
    return absl::UnimplementedError("React");
  }
  absl::StatusOr<v1::RenderEventResponse> RenderEvent(const Call&,
                                                      const v1::RenderEventRequest&) override {
    return absl::UnimplementedError("RenderEvent");
  }
  absl::StatusOr<v1::TakeChannelUpdateResponse> TakeChannelUpdate(
      const Call&, const v1::TakeChannelUpdateRequest&) override {
    return absl::UnimplementedError("TakeChannelUpdate");
  }
  absl::StatusOr<v1::GetDialogStateResponse> GetDialogState(
      const Call&, const v1::GetDialogStateRequest&) override {
    return absl::UnimplementedError("GetDialogState");
  }
  absl::StatusOr<v1::SetDialogStateResponse> SetDialogState(
      const Call&, const v1::SetDialogStateRequest&) override {
    return absl::UnimplementedError("SetDialogState");
  }
};

TEST_F(DialogServiceTest, InOneProcessARequestGoesToTheDialogThatItNames) {
  StartMesh(testing::Modules(
      testing::ServingModule("other_dialog", std::make_shared<OtherDialog>()), MakeModule()));
  for (const char* name : {"coaching_dialog", "other_dialog"}) {
    v1::DescribeDialogRequest request;
    request.set_dialog(name);
    // As whoever asks knows no more than the request says.
    const auto response =
        v1::DialogServiceClient(Peer("coaching_dialog")).DescribeDialog(Deadline(), request);
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->description().dialog(), name);
  }
}

TEST_F(DialogServiceTest, MovesConversations) {
  Start();
  Give("start");
  v1::SetDialogStateRequest request = Moving(v1::CONVERSATION_STATE_CHAT_PAUSED);
  request.set_session_id(12);
  const auto moved = dialog().SetDialogState(Deadline(), request);
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(moved->conversation().state(), v1::CONVERSATION_STATE_CHAT_PAUSED);
  EXPECT_EQ(moved->conversation().session_id(), 12);
  EXPECT_THAT(TextOf(Say("Hello?")), HasSubstr("chat is paused"));
  const auto worked_out =
      dialog().SetDialogState(Deadline(), Moving(v1::CONVERSATION_STATE_UNSPECIFIED));
  ASSERT_TRUE(worked_out.ok()) << worked_out.status();
  EXPECT_EQ(worked_out->conversation().state(), v1::CONVERSATION_STATE_NEW_USER);
  EXPECT_EQ(worked_out->conversation().language(), "en");
  EXPECT_THAT(worked_out->conversation().trace_id(), SizeIs(32));
}

TEST_F(DialogServiceTest, ADeadRedisIsNoReasonToBeLost) {
  Start();
  Give("start");
  PutQuestion("q1", "What is home to you?");
  servers::TestRedis().Kill();
  EXPECT_TRUE(absl::IsUnavailable(
      dialog()
          .SetDialogState(Deadline(), Moving(v1::CONVERSATION_STATE_PROCESSING_ANSWER))
          .status()))
      << "it cannot be stored";
  EXPECT_EQ(State(), v1::CONVERSATION_STATE_WAITING_FOR_ANSWER);
  EXPECT_TRUE(Say("Where my books are.").typing());
  EXPECT_EQ(State(), v1::CONVERSATION_STATE_PROCESSING_ANSWER);
  Complete();
  EXPECT_EQ(State(), v1::CONVERSATION_STATE_ONBOARDING_COMPLETE);
  ASSERT_TRUE(servers::TestRedis().Restart().ok());
  EXPECT_EQ(State(), v1::CONVERSATION_STATE_ONBOARDING_COMPLETE);
}

TEST_F(DialogServiceTest, WhatHappensWhileRedisDoesNotAnswerIsNotForgottenForWhatItHas) {
  Start();
  Give("start");
  PutQuestion("q1", "What is home to you?");
  const pid_t redis_pid = servers::TestRedis().pid();
  ASSERT_EQ(kill(redis_pid, SIGSTOP), 0);
  const absl::Cleanup go_on = [redis_pid] { kill(redis_pid, SIGCONT); };
  Complete();
  ASSERT_EQ(kill(redis_pid, SIGCONT), 0);
  EXPECT_EQ(KeptState(), "waiting_for_answer") << "Redis knows nothing of it";
  EXPECT_TRUE(Say("Hello, coach.").typing());
  EXPECT_THAT(Answers(), IsEmpty());
  owners().Do([](Owners& o) { EXPECT_THAT(o.messages, SizeIs(1)); });
  EXPECT_EQ(KeptState(), "chat_active");
}

TEST_F(DialogServiceTest, TheGatewayIsToldOfNoChannels) {
  Start();
  v1::TakeChannelUpdateRequest request;
  request.set_dialog("coaching_dialog");
  EXPECT_TRUE(absl::IsUnimplemented(dialog().TakeChannelUpdate(Deadline(), request).status()));
  EXPECT_THAT(Describe()->channel_updates(), IsEmpty());
}

TEST_F(DialogServiceTest, OldJourneysAreForgotten) {
  Start();
  Give("start");
  EXPECT_EQ(Journeys(), 1);
  const auto age =
      DatabaseAs("selfology_coaching_dialog").Write(Deadline(), [&](postgres::Transaction& tx) {
        return store::ForgetOld(tx, absl::Now() + absl::Hours(25));
      });
  EXPECT_EQ(age, absl::StatusOr<int64_t>(1));
  EXPECT_EQ(Journeys(), 0);
}

}  // namespace
}  // namespace selfology::coaching_dialog
