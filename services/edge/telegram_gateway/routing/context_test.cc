#include "services/edge/telegram_gateway/routing/context.h"

#include <string>

#include "services/edge/telegram_gateway/gateway_fixture_test.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Update Reply() {
  Update update;
  update.kind = UpdateKind::kMessage;
  update.message_id = 9;
  update.replied_to = {.message_id = 3, .words = "A tip.", .quote = "tip"};
  return update;
}

v1::DialogUpdate Told(const Update& update, const store::Reference& about) {
  v1::DialogUpdate told;
  if (update.kind == UpdateKind::kReaction) {
    told.mutable_reaction();
  } else {
    told.set_words("Yes.");
  }
  AddContext(update, about, "garden", told);
  return told;
}

TEST(AddContextTest, WhatIsRepliedTo) {
  const v1::DialogUpdate told = Told(Reply(), {.dialog = "garden", .key = "garden:tip-7"});
  EXPECT_EQ(told.message_id(), 9);
  EXPECT_EQ(told.replied_to().message_id(), 3);
  EXPECT_EQ(told.replied_to().key(), "tip-7");
  EXPECT_EQ(told.replied_to().words(), "A tip.");
  EXPECT_EQ(told.replied_to().quote(), "tip");
  EXPECT_EQ(told.gathered(), 0);
}

TEST(AddContextTest, NobodyLearnsOthersKeys) {
  EXPECT_EQ(Told(Reply(), {.dialog = "pond", .key = "pond:x"}).replied_to().key(), "");
  EXPECT_EQ(Told(Reply(), {}).replied_to().key(), "");
  // One that was made of the update.
  EXPECT_EQ(Told(Reply(), {.dialog = "garden", .key = "update:7:0"}).replied_to().key(),
            "update:7:0");
}

TEST(AddContextTest, Reactions) {
  Update update;
  update.kind = UpdateKind::kReaction;
  update.message_id = 3;
  EXPECT_EQ(MessageReferredTo(update), 3);
  const v1::DialogUpdate told = Told(update, {.dialog = "garden", .key = "garden:tip-7"});
  EXPECT_EQ(told.message_id(), 3);
  EXPECT_EQ(told.reaction().key(), "tip-7");
  EXPECT_FALSE(told.has_replied_to());
}

TEST(AddContextTest, HowManyWereGathered) {
  Update update = Reply();
  update.gathered = {5, 6};
  EXPECT_EQ(Told(update, {}).gathered(), 2);
}

class ContextTest : public GatewayTest {
 protected:
  // Answers all words with a message of this key.
  static void Tip(FakeDialog& dialog, const std::string& key) {
    dialog.Do([&](FakeDialog& d) {
      d.react = [key](const v1::ReactRequest& request) {
        v1::DialogMessage message = Saying(absl::StrCat("A tip of the ", request.dialog()));
        message.set_key(absl::StrCat(key, request.update_number()));
        return Answering({message});
      };
    });
  }
};

TEST_F(ContextTest, ADialogHearsOfReactionsToItsMessages) {
  Tip(garden(), "tip-");
  Start();
  const Message tip = Await("A tip of the garden", Say("/start"));
  const int64_t number = garden().Reacted().back().update_number();
  AwaitQuiet();
  ASSERT_TRUE(telegram().React(ann(), tip.id, {"👍"}).ok());
  MeshTest::Await("the reaction",
                  [&] { return garden().Reacted().back().update().has_reaction(); });
  const v1::DialogUpdate told = garden().Reacted().back().update();
  EXPECT_EQ(told.message_id(), tip.id);
  EXPECT_THAT(told.reaction().emoji(), ElementsAre("👍"));
  EXPECT_EQ(told.reaction().key(), absl::StrCat("tip-", number));
  ASSERT_TRUE(telegram().React(ann(), tip.id, {}).ok());
  MeshTest::Await("it to be taken back", [&] {
    const v1::DialogUpdate last = garden().Reacted().back().update();
    return last.has_reaction() && last.reaction().emoji().empty();
  });
}

TEST_F(ContextTest, WhatRefersToADialogsMessageGoesToThatDialog) {
  FakeDialog& orchard = AddDialog("orchard");
  Tip(garden(), "tip-");
  Start();
  const Message tip = Await("A tip of the garden", Say("/garden"));
  const int64_t number = garden().Reacted().back().update_number();
  Await("Welcome to the orchard", Say("/start orchard"));
  AwaitQuiet();
  ASSERT_TRUE(telegram().SendQuote(ann(), "Tell me more.", tip.id, "tip").ok());
  MeshTest::Await("the reply", [&] { return !garden().Heard().empty(); });
  const v1::DialogUpdate told = garden().Reacted().back().update();
  EXPECT_EQ(told.words(), "Tell me more.");
  EXPECT_EQ(told.replied_to().message_id(), tip.id);
  EXPECT_EQ(told.replied_to().key(), absl::StrCat("tip-", number));
  EXPECT_EQ(told.replied_to().words(), "A tip of the garden");
  EXPECT_EQ(told.replied_to().quote(), "tip");
  EXPECT_THAT(orchard.Heard(), IsEmpty());
  // They still talk with the other one.
  Await("orchard heard: And now?", Say("And now?"));
  ASSERT_TRUE(telegram().React(ann(), tip.id, {"👍"}).ok());
  MeshTest::Await("the reaction",
                  [&] { return garden().Reacted().back().update().has_reaction(); });
}

TEST_F(ContextTest, EveryDialogIsToldWhoLeaves) {
  FakeDialog& orchard = AddDialog("orchard");
  FakeDialog& lighthouse = AddGuard("lighthouse");
  orchard.Do([](FakeDialog& d) {
    d.react = [](const v1::ReactRequest& request) -> absl::StatusOr<v1::ReactResponse> {
      if (request.update().left()) return absl::InvalidArgumentError("what is that?");
      return v1::ReactResponse();
    };
  });
  Start();
  Await("garden: /garden", Say("/garden"));
  AwaitQuiet();
  ASSERT_TRUE(telegram().Block(ann()).ok());
  AwaitQuiet();
  EXPECT_TRUE(garden().Reacted().back().update().left());
  EXPECT_TRUE(orchard.Reacted().back().update().left());
  EXPECT_THAT(lighthouse.Reacted(), IsEmpty());
  EXPECT_EQ(Rows("SELECT count(*) FROM held_updates"), 0) << "a dialog need not know of it";
}

}  // namespace
}  // namespace selfology::telegram_gateway
