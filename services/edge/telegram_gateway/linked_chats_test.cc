// A chat whose person has a web account's id: docs/decisions/0003-one-person-one-id.md.
#include <string>

#include "selfology/events/v1/user.pb.h"
#include "services/edge/telegram_gateway/gateway_fixture_test.h"
#include "services/edge/telegram_gateway/person_store.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::SizeIs;

constexpr int64_t kWeb = store::kEndOfTelegramIds + 7;

class LinkedChatsTest : public GatewayTest {
 protected:
  void Link(int64_t kept, int64_t former) {
    events::v1::UserAccountsLinked event;
    event.set_user_id(kept);
    event.set_telegram_id(ann());
    event.set_former_user_id(former);
    Publish(event);
  }
  // Ann's chat is the web account's from then on.
  void LinkToWeb() {
    Link(kWeb, ann());
    MeshTest::Await("the link", [&] { return Rows("SELECT count(*) FROM linked_chats") == 1; });
  }
  void Erase(int64_t user_id) {
    v1::DeleteUserDataRequest request;
    request.set_user_id(user_id);
    const auto response = gateway().DeleteUserData(Deadline(), request);
    ASSERT_TRUE(response.ok()) << response.status();
  }
  int64_t LastPerson() { return garden().Reacted().back().user_id(); }
};

TEST_F(LinkedChatsTest, DialogsHearThePersonThatWasKept) {
  Start();
  Meet();
  EXPECT_EQ(LastPerson(), ann());
  LinkToWeb();
  Await("garden heard: It rains.", Say("It rains."));
  EXPECT_EQ(LastPerson(), kWeb);
}

TEST_F(LinkedChatsTest, WhatIsForThatPersonReachesTheChat) {
  Start();
  Meet();
  LinkToWeb();
  Tell("garden.changed", "It rains.", kWeb);
  Await("It rains.");
  EXPECT_EQ(garden().Do([](FakeDialog& d) { return d.rendered.back().user_id(); }), kWeb);
  Request("It pours.", "", kWeb);
  Await("It pours.");
  v1::SendMessageRequest request;
  request.set_user_id(kWeb);
  request.set_message_text("It clears up.");
  request.set_idempotency_key("k1");
  const auto sent = gateway().SendMessage(Deadline(), request);
  ASSERT_TRUE(sent.ok()) << sent.status();
  Await("It clears up.");
}

TEST_F(LinkedChatsTest, TheDialogsThatRenderItTellThePerson) {
  garden().description.add_event_types("user.accounts.linked");
  garden().render = [](const v1::RenderEventRequest&) {
    return Answering<v1::RenderEventResponse>({Saying("You are linked.")});
  };
  Start();
  Meet();
  Link(kWeb, ann());
  Await("You are linked.");
  EXPECT_EQ(garden().Do([](FakeDialog& d) { return d.rendered.back().user_id(); }), kWeb);
}

TEST_F(LinkedChatsTest, WhoKeepsTheTelegramIdStaysWhoTheyWere) {
  Start();
  Meet();
  Link(ann(), kWeb);
  Request("The end.");
  Await("The end.");
  Await("garden heard: It rains.", Say("It rains."));
  EXPECT_EQ(LastPerson(), ann());
  EXPECT_EQ(Rows("SELECT count(*) FROM linked_chats"), 0);
}

TEST_F(LinkedChatsTest, WhoHasNoChatIsNotWrittenTo) {
  Start();
  Meet();
  Tell("garden.changed", "It rains.", kWeb);
  Request("It pours.", "", kWeb);
  v1::SendMessageRequest request;
  request.set_user_id(kWeb);
  request.set_message_text("It clears up.");
  request.set_idempotency_key("k1");
  EXPECT_EQ(status::Reason(gateway().SendMessage(Deadline(), request).status()),
            "USER_UNREACHABLE");
  Request("The end.");
  Await("The end.");
  EXPECT_EQ(Rows("SELECT count(*) FROM outgoing_messages WHERE user_id >= 1::bigint << 52"), 0);
  EXPECT_EQ(DeadLetters(), 0);
}

TEST_F(LinkedChatsTest, ErasingTheIdThatGoesLeavesTheChat) {
  Start();
  Meet();
  AwaitQuiet();
  MoveClock(absl::Seconds(1));
  LinkToWeb();
  MoveClock(absl::Seconds(2));
  Request("You are linked.", "", kWeb);
  Await("You are linked.");
  Erase(ann());
  EXPECT_EQ(Count("You are linked."), 1);
  EXPECT_EQ(Rows("SELECT count(*) FROM outgoing_messages"), 1) << "what was said before is gone";
  Await("garden heard: It rains.", Say("It rains."));
  EXPECT_EQ(LastPerson(), kWeb);
}

TEST_F(LinkedChatsTest, ErasingWhoHasNoChatErasesTheirMedia) {
  Start();
  v1::CreateMediaRequest request;
  request.set_user_id(kWeb);
  request.set_kind(v1::CONTENT_KIND_DOCUMENT);
  request.set_file_name("diary.txt");
  request.set_size(1);
  request.set_idempotency_key("m1");
  const auto made = gateway().CreateMedia(Deadline(), request);
  ASSERT_TRUE(made.ok()) << made.status();
  Erase(kWeb);
  EXPECT_EQ(Rows("SELECT count(*) FROM media"), 0);
}

TEST_F(LinkedChatsTest, ErasingThePersonErasesTheChat) {
  Start();
  Meet();
  LinkToWeb();
  AwaitQuiet();
  Erase(kWeb);
  for (const char* table : {"linked_chats", "outgoing_messages", "bot_focus"}) {
    EXPECT_EQ(Rows(absl::StrCat("SELECT count(*) FROM ", table)), 0) << table;
  }
  Await("garden heard: It rains.", Say("It rains."));
  EXPECT_EQ(LastPerson(), ann()) << "somebody new";
}

}  // namespace
}  // namespace selfology::telegram_gateway
