// Two bots of one gateway, with a person who talks with both.
//
//   StartBoth();                    // the first bot has the garden, the other one the orchard
//   MeetBoth();
//   AwaitOther("orchard heard: Apples.", SayToOther("Apples."));
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "services/edge/telegram_gateway/gateway_fixture_test.h"

namespace selfology::telegram_gateway {

inline constexpr char kOtherToken[] = "43:another-token-nobody-may-see";
inline constexpr int64_t kOtherBot = 43;

class BotsTest : public GatewayTest {
 protected:
  void SetUp() override {
    GatewayTest::SetUp();
    auto other = telegram().AddBot(kOtherToken);
    ASSERT_TRUE(other.ok()) << other.status();
    other_.emplace(*other);
    orchard_ = &AddDialog("orchard");
  }

  // The first bot has the garden and all else, the other one the orchard and what is listed.
  void StartBoth(std::string_view more_dialogs = "",
                 const std::function<void(GatewaySettings&)>& adjust = nullptr) {
    Start([&](GatewaySettings& settings) {
      settings.more_bots = absl::StrCat(kOtherToken, "=orchard", more_dialogs);
      if (adjust) adjust(settings);
    });
  }
  void MeetBoth() {
    Meet();
    AwaitOther("Welcome to the orchard", SayToOther("/start"));
  }

  FakeDialog& orchard() { return *orchard_; }
  telegram_emulator::Conversations& other() { return *other_; }

  int64_t SayToOther(std::string_view text) {
    const auto message = other().SendText(ann(), text);
    EXPECT_TRUE(message.ok()) << message.status();
    return message.ok() ? message->id : 0;
  }
  Message AwaitOther(std::string_view words, int64_t after = 0) {
    const auto message = other().AwaitMessage(
        ann(), [&](const Message& m) { return absl::StrContains(m.text, words); },
        testing::kPatience, after);
    EXPECT_TRUE(message.ok()) << "no \"" << words << "\" of the other bot";
    return message.value_or(Message());
  }
  int CountOther(std::string_view words) {
    int count = 0;
    for (const Message& m : other().Messages(ann())) {
      count += m.from_bot && absl::StrContains(m.text, words);
    }
    return count;
  }

  absl::StatusOr<v1::HandleUpdateResponse> Handle(int64_t bot_id, int64_t update_id,
                                                  std::string_view words) {
    v1::HandleUpdateRequest request;
    request.set_bot_id(bot_id);
    request.set_update_json(absl::StrCat(R"({"update_id": )", update_id,
                                         R"(, "message": {"message_id": 1, "text": ")", words,
                                         R"(", "from": {"id": )", ann(), R"(}, "chat": {"id": )",
                                         ann(), R"(, "type": "private"}}})"));
    return gateway().HandleUpdate(Deadline(), request);
  }
  absl::StatusOr<v1::SendMessageResponse> Send(std::string text, std::string key,
                                               int64_t bot_id = 0) {
    v1::SendMessageRequest request;
    request.set_user_id(ann());
    request.set_message_text(std::move(text));
    request.set_idempotency_key(std::move(key));
    request.set_bot_id(bot_id);
    return gateway().SendMessage(Deadline(), request);
  }
  absl::StatusOr<v1::GetBotInfoResponse> Info(int64_t bot_id) {
    v1::GetBotInfoRequest request;
    request.set_bot_id(bot_id);
    return gateway().GetBotInfo(Deadline(), request);
  }
  int64_t RowsOf(std::string_view table, int64_t bot_id) {
    return Rows(absl::StrCat("SELECT count(*) FROM ", table, " WHERE bot_id = ", bot_id));
  }

 private:
  std::optional<telegram_emulator::Conversations> other_;
  FakeDialog* orchard_ = nullptr;
};

}  // namespace selfology::telegram_gateway
