// What the tests of messages' lifecycles share: a garden that says what its events tell it to, and
// what is in the chat then.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/edge/telegram_gateway/gateway_fixture_test.h"

namespace selfology::telegram_gateway {

class LifecycleTest : public GatewayTest {
 protected:
  static v1::DialogMessage Ephemeral(std::string text, int64_t seconds = 3600) {
    v1::DialogMessage message = Asking(std::move(text), "OK", "garden:ok");
    message.set_lifecycle(v1::MESSAGE_LIFECYCLE_EPHEMERAL);
    message.mutable_lifetime()->set_seconds(seconds);
    return message;
  }
  static v1::DialogMessage System(std::string text, std::string tag, std::string label = "OK") {
    const std::string data = absl::StrCat("garden:", label);
    v1::DialogMessage message = Asking(std::move(text), std::move(label), data);
    message.set_lifecycle(v1::MESSAGE_LIFECYCLE_SYSTEM);
    message.set_tag(std::move(tag));
    return message;
  }
  static v1::DialogMessage Keyed(v1::DialogMessage message, std::string key) {
    message.set_key(std::move(key));
    return message;
  }

  // Ann has met the garden, which answers presses with nothing.
  void Begin() {
    Start();
    Meet();
    AwaitQuiet();
    ReactTo([](const v1::ReactRequest&) { return v1::DialogReaction(); });
  }

  // The garden says this, as of an event.
  void Says(v1::DialogReaction reaction) {
    const std::string name = absl::StrCat("reaction ", ++told_);
    garden().Do([&](FakeDialog& d) {
      reactions_[name] = std::move(reaction);
      d.render = [this](const v1::RenderEventRequest& request) {
        v1::RenderEventResponse response;
        *response.mutable_reaction() = reactions_[request.payload()];
        return response;
      };
    });
    Tell("garden.changed", name);
  }
  void Says(v1::DialogMessage message) {
    v1::DialogReaction reaction;
    *reaction.add_messages() = std::move(message);
    Says(std::move(reaction));
  }
  // Says it and waits until it is in the chat.
  Message Shows(v1::DialogMessage message) {
    const std::string text = message.message_text();
    Says(std::move(message));
    Message shown = Await(text);
    AwaitQuiet();
    return shown;
  }

  void ReactTo(std::function<v1::DialogReaction(const v1::ReactRequest&)> react) {
    garden().Do([&](FakeDialog& d) {
      d.react = [react = std::move(react)](const v1::ReactRequest& request) {
        v1::ReactResponse response;
        *response.mutable_reaction() = react(request);
        return response;
      };
    });
  }

  bool IsThere(int64_t message_id) {
    const std::vector<Message> chat = telegram().Messages(ann());
    return std::any_of(chat.begin(), chat.end(),
                       [&](const Message& m) { return m.id == message_id; });
  }
  bool HasButtons(int64_t message_id) {
    for (const Message& m : telegram().Messages(ann())) {
      if (m.id == message_id) return !m.markup.is_null() && !m.markup.empty();
    }
    return false;
  }
  void AwaitGone(int64_t message_id) {
    MeshTest::Await("a message to go", [&] { return !IsThere(message_id); });
  }
  void AwaitWithoutButtons(int64_t message_id) {
    MeshTest::Await("buttons to go", [&] { return !HasButtons(message_id); });
    EXPECT_TRUE(IsThere(message_id)) << Transcript();
  }
  int Calls(std::string_view method) {
    const std::vector<ApiCall> log = telegram().Log();
    return static_cast<int>(std::count_if(
        log.begin(), log.end(), [&](const ApiCall& call) { return call.method == method; }));
  }

 private:
  int told_ = 0;
  std::map<std::string, v1::DialogReaction> reactions_;  // Under the garden's lock.
};

}  // namespace selfology::telegram_gateway
