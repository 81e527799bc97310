// The gateway between a Telegram of our own (tools/telegram_emulator) and a dialog that repeats
// what it is told (fake_dialog_test.h), over real gRPC, PostgreSQL, Redis and relay.
//
//   class HandlerTest : public GatewayTest {};
//   TEST_F(HandlerTest, ...) {
//     Start();
//     Await("Welcome to the garden", Say("/start"));
//     Tell("garden.changed", "It rains.");
//     ...
//   }
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/events/outbox.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/gateway.pb.h"
#include "selfology/telegram/v1/telegram_gateway_service_client.h"
#include "services/edge/telegram_gateway/delivery/outgoing.h"
#include "services/edge/telegram_gateway/fake_dialog_test.h"
#include "services/edge/telegram_gateway/settings.h"
#include "testing/mesh_test.h"
#include "testing/servers/binaries.h"
#include "testing/serving_module.h"
#include "tools/telegram_emulator/emulator.h"

namespace selfology::telegram_gateway {

using telegram_emulator::ApiCall;
using telegram_emulator::Emulator;
using telegram_emulator::Message;

inline constexpr char kToken[] = "42:a-token-nobody-may-see";
inline constexpr int64_t kBot = 42;

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
                             .media_folder = media_folder(),
                             .poll = {.wait = absl::Seconds(2),
                                      .grace = absl::Seconds(1),
                                      .conflict_pause = absl::Milliseconds(50)},
                             .patience = {.describe = absl::Milliseconds(200)}};
    testing::ModuleList modules;
    std::map<std::string, std::string> peers;
    for (const auto& [name, dialog] : dialogs_) {
      settings.dialogs.push_back(name);
      if (away_.contains(name)) {
        peers[name] = "127.0.0.1:1";
      } else {
        modules.push_back(testing::ServingModule(name, dialog));
      }
    }
    if (adjust) adjust(settings);
    modules.push_back(MakeModule(settings));
    StartMesh(std::move(modules), [&](service::Settings& mesh) {
      mesh.clock = [this] { return Now(); };
      mesh.peers = peers;
    });
    gateway_.emplace(Peer("telegram_gateway"));
  }

  // The dialog that is always there.
  FakeDialog& garden() { return *dialogs_[0].second; }
  // Another, behind those that are there already; before Start.
  FakeDialog& AddDialog(const std::string& name) {
    dialogs_.emplace_back(name, std::make_shared<FakeDialog>(name));
    return *dialogs_.back().second;
  }
  FakeDialog& AddGuard(const std::string& name) {
    FakeDialog& guard = AddDialog(name);
    *guard.description.mutable_guard()->add_card() = In("en", "<b>One moment</b>, I am reading.");
    return guard;
  }
  // Nothing serves it from the next Start on, and then again something does.
  void SendAway(const std::string& name) { away_.insert(name); }
  void SendBack(const std::string& name) { away_.erase(name); }

  // Something happens that a dialog renders: "garden.changed". Its words are what is said.
  void Tell(const std::string& type, std::string words, int64_t user_id = 0) {
    const events::EventKey key{.partition_key = user_id == 0 ? ann_ : user_id};
    const absl::Status published =
        DatabaseAs("selfology_mesh").Write(Deadline(), [&](postgres::Transaction& tx) {
          return events::PublishEncoded(tx, type, key, words);
        });
    ASSERT_TRUE(published.ok()) << published;
  }

  // Another service has something to say.
  void Request(std::string text, std::string dedup_key = "", int64_t user_id = 0) {
    events::v1::MessageSendRequested event;
    event.set_user_id(user_id == 0 ? ann_ : user_id);
    event.set_message_text(std::move(text));
    event.set_dedup_key(std::move(dedup_key));
    Publish(event);
  }

  std::string media_folder() const { return scratch_.path() + "/media"; }

  Emulator& telegram() { return *telegram_; }
  int64_t ann() const { return ann_; }
  v1::TelegramGatewayServiceClient& gateway() { return *gateway_; }
  void MoveClock(absl::Duration by) { clock_ahead_s_ += absl::ToInt64Seconds(by); }
  void StopClock() { clock_stands_at_us_ = absl::ToUnixMicros(Now()); }
  void StartClock() { clock_stands_at_us_ = 0; }
  std::function<absl::Time()> Clock() {
    return [this] { return Now(); };
  }
  postgres::Database& OfGateway() { return DatabaseAs("selfology_telegram_gateway"); }

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

  // What the bot said with these words in it; user_id 0: to Ann.
  int Count(std::string_view words, int64_t user_id = 0) {
    int count = 0;
    for (const Message& m : telegram_->Messages(user_id == 0 ? ann_ : user_id))
      count += m.from_bot && absl::StrContains(m.text, words);
    return count;
  }

  // Waits until so many updates of all people wait to be handled.
  void AwaitHeld(int64_t updates) {
    MeshTest::Await("held updates", [&] {
      return Rows("SELECT count(*) FROM held_updates WHERE NOT parked") == updates;
    });
  }
  void AwaitParked(int64_t updates) {
    MeshTest::Await("parked updates", [&] {
      return Rows("SELECT count(*) FROM held_updates WHERE parked") == updates;
    });
  }

  // Waits until Telegram has nothing left for the bot, and the bot nothing for Telegram that is due.
  void AwaitQuiet() {
    EXPECT_TRUE(telegram_->AwaitQuiet(testing::kPatience).ok());
    MeshTest::Await("all messages to be sent", [&] {
      return Rows(
                 "SELECT count(*) FROM outgoing_messages WHERE status IN ('waiting', 'sending')") ==
             0;
    });
    MeshTest::Await("all messages to be as they should", [&] {
      return Rows(absl::StrCat("SELECT count(*) FROM chat_messages WHERE due_at <= '",
                               absl::FormatTime(absl::RFC3339_full, Now(), absl::UTCTimeZone()),
                               "'")) == 0;
    });
  }

  int64_t Rows(std::string_view sql) {
    const auto row = OfGateway().Read(
        Deadline(), [&](postgres::Transaction& tx) { return tx.QueryOne<int64_t>(sql); });
    EXPECT_TRUE(row.ok()) << row.status();
    return row.ok() ? std::get<0>(**row) : -1;
  }

  void Execute(std::string_view sql) {
    const auto status =
        OfGateway().Write(Deadline(), [&](postgres::Transaction& tx) { return tx.Execute(sql); });
    EXPECT_TRUE(status.ok()) << status.status();
  }

  // Ann writes to the bot for the first time, so that it may write to her.
  void Meet() { Await("Welcome to the garden", Say("/start")); }

  int64_t DeadLetters() {
    const auto row = DatabaseAs("selfology_mesh").Read(Deadline(), [&](postgres::Transaction& tx) {
      return tx.QueryOne<int64_t>("SELECT count(*) FROM dead_letters");
    });
    return row.ok() ? std::get<0>(**row) : -1;
  }

 private:
  absl::Time Now() const {
    const int64_t stands_at_us = clock_stands_at_us_;
    return stands_at_us != 0 ? absl::FromUnixMicros(stands_at_us)
                             : absl::Now() + absl::Seconds(clock_ahead_s_.load());
  }

  std::vector<std::pair<std::string, std::shared_ptr<FakeDialog>>> dialogs_ = {
      {"garden", std::make_shared<FakeDialog>("garden")}};
  std::set<std::string> away_;
  servers::ScratchFolder scratch_ = *servers::ScratchFolder::Make();
  std::unique_ptr<Emulator> telegram_;
  int64_t ann_ = 0;
  std::atomic<int64_t> clock_ahead_s_ = 0;
  std::atomic<int64_t> clock_stands_at_us_ = 0;  // 0: it goes.
  std::optional<v1::TelegramGatewayServiceClient> gateway_;
};

}  // namespace selfology::telegram_gateway
