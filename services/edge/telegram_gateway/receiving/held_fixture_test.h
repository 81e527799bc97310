// What the tests of held updates share: words that the garden refuses, what it answered in which
// order, and the operators' view.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/edge/telegram_gateway/bot_api/lenient_json.h"
#include "services/edge/telegram_gateway/gateway_fixture_test.h"

namespace selfology::telegram_gateway {

class HeldTest : public GatewayTest {
 protected:
  void Answer(FakeDialog& dialog,
              std::function<absl::StatusOr<v1::ReactResponse>(const v1::ReactRequest&)> answer) {
    dialog.Do([&](FakeDialog& d) { d.react = std::move(answer); });
  }
  // The garden cannot bear these words.
  void Poison(const std::string& words) {
    Answer(garden(), [words](const v1::ReactRequest& request) -> absl::StatusOr<v1::ReactResponse> {
      if (request.update().words() == words) return absl::InternalError("bad soil");
      return Answering({Saying(absl::StrCat("garden heard: ", request.update().words()))});
    });
  }

  void Send(int64_t user_id, std::string_view words) {
    ASSERT_TRUE(telegram().SendText(user_id, words).ok());
  }
  bool Hears(int64_t user_id, std::string_view words) {
    return telegram()
        .AwaitMessage(
            user_id, [&](const Message& m) { return absl::StrContains(m.text, words); },
            testing::kPatience)
        .ok();
  }
  // What the garden heard and the person was told so, in this order.
  std::vector<std::string> Answered(int64_t user_id) {
    constexpr std::string_view kHeard = "garden heard: ";
    std::vector<std::string> answered;
    for (const Message& m : telegram().Messages(user_id)) {
      if (m.from_bot && absl::StartsWith(m.text, kHeard)) {
        answered.push_back(m.text.substr(kHeard.size()));
      }
    }
    return answered;
  }
  // How often the garden was asked about these words, with an answer or without.
  int Asked(std::string_view words) {
    int asked = 0;
    for (const std::string& heard : garden().Heard()) asked += heard == words;
    return asked;
  }

  // As an update of Ann's.
  std::string FromAnn(int64_t update_id, std::string_view words) {
    return Dump(Json{{"update_id", update_id},
                     {"message",
                      {{"message_id", 1},
                       {"from", {{"id", ann()}, {"language_code", "en"}}},
                       {"chat", {{"id", ann()}, {"type", "private"}}},
                       {"text", words}}}});
  }
  absl::StatusOr<v1::HandleUpdateResponse> Handle(std::string json) {
    v1::HandleUpdateRequest request;
    request.set_update_json(std::move(json));
    return gateway().HandleUpdate(Deadline(), request);
  }

  std::vector<v1::HeldUpdate> List(v1::HeldUpdateState state) {
    v1::ListHeldUpdatesRequest request;
    request.mutable_filter()->set_user_id(ann());
    request.mutable_filter()->set_state(state);
    const auto response = gateway().ListHeldUpdates(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok()) return {};
    return {response->held_updates().begin(), response->held_updates().end()};
  }
  int64_t Replay(const v1::HeldUpdateFilter& filter) {
    v1::ReplayHeldUpdatesRequest request;
    *request.mutable_filter() = filter;
    const auto response = gateway().ReplayHeldUpdates(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->replayed() : -1;
  }
  v1::HeldUpdateFilter OfAnn() {
    v1::HeldUpdateFilter filter;
    filter.set_user_id(ann());
    return filter;
  }
};

}  // namespace selfology::telegram_gateway
