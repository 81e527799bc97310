// What the tests of delivery share: a gateway whose dialog says what a test wants, and messages that
// a process left behind.
#pragma once

#include <functional>
#include <string>

#include "services/edge/telegram_gateway/delivery/delivery.h"
#include "services/edge/telegram_gateway/gateway_fixture_test.h"
#include "services/edge/telegram_gateway/gateway_store.h"

namespace selfology::telegram_gateway {

class DeliveryTest : public GatewayTest {
 protected:
  // As if a process had died after it took a message to be sent, a while ago.
  void LeaveBehind(std::string text, bool expendable) {
    const v1::DialogMessage body = Saying(text);
    const auto left =
        DatabaseAs("selfology_telegram_gateway").Write(Deadline(), [&](postgres::Transaction& tx) {
          return tx.Execute(
              "INSERT INTO outgoing_messages (user_id, key, kind, body, expendable, traceparent,"
              " status, place_at, due_at, created_at)"
              " VALUES ($1, $2, 'reply', $3, $4, '', 'sending', now(), now(), now())",
              ann(), text, postgres::Bytes{body.SerializeAsString()}, expendable);
        });
    ASSERT_TRUE(left.ok()) << left.status();
  }

  // The garden renders its events so from now on.
  void Render(std::function<v1::DialogMessage(std::string payload)> say) {
    garden().Do([&](FakeDialog& d) {
      d.render = [say](const v1::RenderEventRequest& request) {
        return Answering<v1::RenderEventResponse>({say(request.payload())});
      };
    });
  }

  void AwaitDropped(int64_t messages) {
    MeshTest::Await("messages to be dropped", [&] {
      return Rows(
                 "SELECT count(*) FROM outgoing_messages"
                 " WHERE status = 'dropped' AND body IS NULL") == messages;
    });
  }
};

}  // namespace selfology::telegram_gateway
