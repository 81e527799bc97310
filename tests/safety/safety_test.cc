// The safety gate as people meet it: Telegram's emulator, the gateway, the gate, the coaching
// dialog and all behind it, in one process.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/service/settings.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/chat.pb.h"
#include "selfology/events/v1/gateway.pb.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/events/v1/safety.pb.h"
#include "selfology/telegram/v1/dialog_service_client.h"
#include "services/modules.h"
#include "testing/mesh_test.h"
#include "testing/servers/binaries.h"
#include "tools/telegram_emulator/emulator.h"

ABSL_DECLARE_FLAG(absl::Duration, coaching_dialog_gather);
ABSL_DECLARE_FLAG(std::string, telegram_api_base);
ABSL_DECLARE_FLAG(selfology::service::Secret, telegram_bot_token);
ABSL_DECLARE_FLAG(std::string, telegram_media_folder);
ABSL_DECLARE_FLAG(absl::Duration, telegram_poll_wait);

namespace selfology {
namespace {

using events::v1::CoachMessageReady;
using events::v1::MessageSendRequested;
using events::v1::SafetyDangerNoticed;
using events::v1::UserAnswerSubmitted;
using events::v1::UserMessageReceived;
using telegram_emulator::Emulator;
using telegram_emulator::Message;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kDanger[] = "I want to kill myself";
constexpr char kCard[] = "Is somebody with you?";

class SafetyTest : public testing::MeshTest {
 protected:
  void SetUp() override {
    telegram_ = *Emulator::Start({});
    ann_ = *telegram_->AddUser({.first_name = "Ann", .language_code = "en"});
    absl::SetFlag(&FLAGS_telegram_api_base, telegram_->base_url());
    absl::SetFlag(&FLAGS_telegram_bot_token, service::Secret{"42:a-token"});
    absl::SetFlag(&FLAGS_telegram_media_folder, scratch_.path() + "/media");
    absl::SetFlag(&FLAGS_telegram_poll_wait, absl::Seconds(2));
    absl::SetFlag(&FLAGS_coaching_dialog_gather, absl::Milliseconds(200));
    Start();
  }
  void TearDown() override { StopMesh(); }

  void Start(bool with_gate = true) {
    testing::ModuleList modules;
    for (const service::LinkedModule& linked : LinkedModules()) {
      // The fixture has a relay of its own.
      if (linked.name == "outbox_relay") continue;
      if (linked.name == "safety_dialog" && !with_gate) continue;
      modules.push_back(linked.make());
    }
    StartMesh(std::move(modules), [&](service::Settings& settings) {
      if (!with_gate) settings.peers["safety_dialog"] = "127.0.0.1:1";
    });
  }

  // The id of what she sends.
  int64_t Say(std::string_view text) {
    const auto message = telegram_->SendText(ann_, text);
    EXPECT_TRUE(message.ok()) << message.status();
    return message.ok() ? message->id : 0;
  }
  // The first message after that one in which these words are.
  Message Hear(std::string_view words, int64_t after = 0) {
    const auto message = telegram_->AwaitMessage(
        ann_, [&](const Message& m) { return absl::StrContains(m.text, words); },
        testing::kPatience, after);
    EXPECT_TRUE(message.ok()) << "no \"" << words << "\" in:\n" << Transcript();
    return message.value_or(Message());
  }
  void Press(const Message& message, std::string_view button) {
    const auto press = telegram_->PressButton(ann_, message.id, button);
    EXPECT_TRUE(press.ok()) << press.status() << Transcript();
    EXPECT_TRUE(telegram_->AwaitAnswer(press.value_or(""), testing::kPatience).ok());
  }
  int Count(std::string_view words) {
    int count = 0;
    for (const Message& m : telegram_->Messages(ann_)) {
      count += m.from_bot && absl::StrContains(m.text, words);
    }
    return count;
  }
  std::string Transcript() {
    std::string transcript;
    for (const Message& m : telegram_->Messages(ann_)) {
      absl::StrAppend(&transcript, m.id, m.from_bot ? " bot: " : " Ann: ", m.text, "\n");
    }
    return transcript;
  }

  // She has agreed, and the first question is there.
  void BeginOnboarding() {
    Press(Hear("Is that all right with you?", Say("/start")), "✅ I agree");
    Hear("Question 1 of 10");
  }
  // What she writes goes to the coach.
  void BeginChat() {
    BeginOnboarding();
    telegram::v1::SetDialogStateRequest request;
    request.set_dialog("coaching_dialog");
    request.set_user_id(ann_);
    request.set_state(telegram::v1::CONVERSATION_STATE_CHAT_ACTIVE);
    const telegram::v1::DialogServiceClient dialog(Peer("coaching_dialog"));
    const auto moved = dialog.SetDialogState(Deadline(), request);
    ASSERT_TRUE(moved.ok()) << moved.status();
  }
  // Whatever was to be said before this has been said, or never will be.
  void AwaitSaid() {
    MessageSendRequested marker;
    marker.set_user_id(ann_);
    marker.set_message_text(absl::StrCat("marker ", ++markers_));
    Publish(marker);
    Hear(marker.message_text());
  }

  int64_t ann_ = 0;

 private:
  const absl::FlagSaver flags_;
  servers::ScratchFolder scratch_ = *servers::ScratchFolder::Make();
  std::unique_ptr<Emulator> telegram_;
  int markers_ = 0;
};

TEST_F(SafetyTest, AnAnswerWithDangerIsNoAnswerAndTheQuestionsWait) {
  BeginOnboarding();
  const Message card = Hear(kCard, Say(kDanger));
  const Message asked = Hear("are you safe now?", Say("Where my books are, and my cat."));
  AwaitSaid();
  EXPECT_THAT(Published<UserAnswerSubmitted>(), IsEmpty()) << Transcript();
  EXPECT_EQ(Count(kCard), 1);
  EXPECT_THAT(Published<SafetyDangerNoticed>(), SizeIs(1));

  Press(asked, "Yes, I am safe");
  Hear("everything else can wait");
  Say("Where my books are, and my cat.");
  const auto answers = AwaitPublished<UserAnswerSubmitted>();
  EXPECT_EQ(answers[0].answer_text(), "Where my books are, and my cat.");
  Hear("Question 2 of 10", card.id);
}

TEST_F(SafetyTest, DangerBeforeConsentAndAfterItWasRefused) {
  const int64_t first = Say(kDanger);
  const Message card = Hear(kCard, first);
  Press(card, "I am safe");
  Hear("everything else can wait", first);
  EXPECT_EQ(Count("Is that all right with you?"), 0) << "nobody in danger is asked for consent";

  Press(Hear("Is that all right with you?", Say("/start")), "What is stored?");
  Press(Hear("What I store"), "No, thanks");
  Hear("That is fine.");
  Hear(kCard, Say("I want to die"));
}

TEST_F(SafetyTest, DangerWhileItIsPaused) {
  BeginOnboarding();
  Hear("Paused", Say("/pause"));
  const Message card = Hear(kCard, Say(kDanger));
  AwaitSaid();
  EXPECT_EQ(Count("I did not take this down"), 0);
  Press(card, "I am safe");
  Hear("everything else can wait");
  Hear("I did not take this down", Say("Where my books are."));
}

TEST_F(SafetyTest, TheCoachDoesNotSpeakInDanger) {
  BeginChat();
  Say("I want to paint again, but I never find the time.");
  AwaitPublished<UserMessageReceived>();
  AwaitPublished<CoachMessageReady>();
  const int64_t danger = Say(kDanger);
  Hear(kCard, danger);
  // A reply that was long in coming.
  CoachMessageReady late;
  late.set_user_id(ann_);
  late.set_message_text("What would painting give you?");
  Publish(late);
  AwaitSaid();
  EXPECT_EQ(Count("What would painting give you?"), 0) << Transcript();
  EXPECT_THAT(Published<UserMessageReceived>(), SizeIs(1)) << "the coach has not heard of it";
  // Whoever says that they are safe is asked once more, and then it is over.
  Hear("Shall we leave it at that for now?", Say("I'm safe now, my brother is here"));
  Hear("everything else can wait", Say("yes"));
  Say("I want to paint again, but I never find the time.");
  AwaitPublished<UserMessageReceived>(2);
}

TEST_F(SafetyTest, SosShowsNumbersAtAnyTime) {
  const Message lines = Hear("findahelpline.com", Say("/sos"));
  EXPECT_TRUE(absl::StrContains(lines.text, "112")) << lines.text;
  Press(lines, "🌍 Choose my country");
  Press(Hear("Which country are you in?"), "🇬🇧 GB");
  Hear("116 123");
  BeginOnboarding();
  Hear("116 123", Say("/sos"));
  Hear("/sos shows where people answer", Say("/help"));
}

TEST_F(SafetyTest, WhileTheGateIsAwayItsCardIsShownAndNobodyHearsTheWords) {
  BeginOnboarding();
  StopMesh();
  Start(/*with_gate=*/false);
  Hear("I can't read you right now", Say(kDanger));
  EXPECT_THAT(Published<UserAnswerSubmitted>(), IsEmpty());
  StopMesh();
  Start();
  Hear(kCard);
  EXPECT_THAT(Published<UserAnswerSubmitted>(), IsEmpty());
}

}  // namespace
}  // namespace selfology
