#include "services/edge/telegram_gateway/routing/groups.h"

#include <string_view>

#include "services/edge/telegram_gateway/gateway_fixture_test.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::IsEmpty;

class GroupsTest : public GatewayTest {
 protected:
  int64_t AddGroup(int64_t owner) {
    const auto group =
        telegram().AddGroup({.type = "supergroup", .title = "Friends", .owner_id = owner});
    EXPECT_TRUE(group.ok()) << group.status();
    return group.value_or(0);
  }
  bool Hears(int64_t group, std::string_view words) {
    return telegram()
        .AwaitMessage(
            group, [&](const Message& m) { return m.from_bot && absl::StrContains(m.text, words); },
            testing::kPatience)
        .ok();
  }
};

TEST_F(GroupsTest, OnePoliteSentenceWhenItIsAdded) {
  Start();
  Meet();
  const int64_t group = AddGroup(ann());
  ASSERT_TRUE(telegram().SetBotStatus(group, "member").ok());
  EXPECT_TRUE(Hears(group, "in private only"));
  // Whatever happens there later.
  ASSERT_TRUE(telegram().SendText(ann(), "/start", 0, group).ok());
  ASSERT_TRUE(telegram().SendText(ann(), "Are you there?", 0, group).ok());
  ASSERT_TRUE(telegram().SetBotStatus(group, "left").ok());
  ASSERT_TRUE(telegram().SetBotStatus(group, "member").ok());
  AwaitQuiet();
  EXPECT_EQ(Count("in private only", group), 1);
  EXPECT_EQ(Count("", group), 1) << "nothing else";
  EXPECT_THAT(garden().Heard(), IsEmpty());
  // Each group by itself.
  const int64_t other = AddGroup(ann());
  ASSERT_TRUE(telegram().SetBotStatus(other, "member").ok());
  EXPECT_TRUE(Hears(other, "in private only"));
}

TEST_F(GroupsTest, InTheLanguageOfWhoeverAddedIt) {
  Start();
  const int64_t boris = *telegram().AddUser({.first_name = "Борис", .language_code = "ru"});
  const int64_t group = AddGroup(boris);
  ASSERT_TRUE(telegram().SetBotStatus(group, "member").ok());
  EXPECT_TRUE(Hears(group, "в личной переписке"));
}

TEST_F(GroupsTest, WhoSpeaksToItInAGroupFromBeforeIsToldOnce) {
  Start();
  Meet();
  const int64_t group = AddGroup(ann());
  ASSERT_TRUE(telegram().SetBotStatus(group, "member").ok());
  EXPECT_TRUE(Hears(group, "in private only"));
  AwaitQuiet();
  Execute("DELETE FROM known_groups");
  Execute("DELETE FROM outgoing_messages WHERE user_id < 0");
  ASSERT_TRUE(telegram().SendText(ann(), "Hello, all of you.", 0, group).ok());
  AwaitQuiet();
  EXPECT_EQ(Count("in private only", group), 1) << "nobody spoke to it";
  ASSERT_TRUE(telegram().SendText(ann(), "/start", 0, group).ok());
  MeshTest::Await("the sentence", [&] { return Count("in private only", group) == 2; });
}

}  // namespace
}  // namespace selfology::telegram_gateway
