// The endpoints about the messages in a chat, and messages to groups and channels.
#include <string>
#include <vector>

#include "common/status/status.h"
#include "services/edge/telegram_gateway/delivery/lifecycle_fixture_test.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class GatewayChatsTest : public LifecycleTest {
 protected:
  v1::ChatMessageFilter OfAnn(std::string tag = "") {
    v1::ChatMessageFilter filter;
    filter.set_chat_id(ann());
    filter.set_tag(std::move(tag));
    return filter;
  }
  v1::SendMessageRequest To(int64_t chat_id, std::string text, std::string key) {
    v1::SendMessageRequest request;
    request.set_chat_id(chat_id);
    request.set_message_text(std::move(text));
    request.set_idempotency_key(std::move(key));
    return request;
  }
  int64_t AddChannel() {
    return *telegram().AddGroup({.type = "channel", .title = "News", .owner_id = ann()});
  }
};

TEST_F(GatewayChatsTest, ListsTheMessagesOfAChatTheNewestFirst) {
  Begin();
  const Message steps = Shows(Keyed(System("Step one.", "steps"), "s1"));
  const Message hint = Shows(Ephemeral("A hint."));
  v1::ListChatMessagesRequest request;
  *request.mutable_filter() = OfAnn();
  request.set_page_size(2);
  const auto page = gateway().ListChatMessages(Deadline(), request);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_THAT(page->messages(), SizeIs(2));
  EXPECT_EQ(page->messages(0).message_id(), hint.id);
  EXPECT_EQ(page->messages(0).lifecycle(), v1::MESSAGE_LIFECYCLE_EPHEMERAL);
  EXPECT_EQ(page->messages(0).expires_at().seconds() - page->messages(0).sent_at().seconds(), 3600);
  const v1::ChatMessage& system = page->messages(1);
  EXPECT_EQ(system.chat_id(), ann());
  EXPECT_EQ(system.message_id(), steps.id);
  EXPECT_EQ(system.lifecycle(), v1::MESSAGE_LIFECYCLE_SYSTEM);
  EXPECT_EQ(system.tag(), "steps");
  EXPECT_EQ(system.dialog(), "garden");
  EXPECT_EQ(system.key(), "s1");
  EXPECT_TRUE(system.has_buttons());
  EXPECT_FALSE(system.has_expires_at());

  request.set_page_token(page->next_page_token());
  const auto rest = gateway().ListChatMessages(Deadline(), request);
  ASSERT_TRUE(rest.ok()) << rest.status();
  ASSERT_THAT(rest->messages(), SizeIs(1)) << "the welcome";
  EXPECT_EQ(rest->messages(0).lifecycle(), v1::MESSAGE_LIFECYCLE_ONETIME);
  EXPECT_EQ(rest->next_page_token(), "");

  v1::GetLatestChatMessageRequest latest;
  *latest.mutable_filter() = OfAnn("steps");
  EXPECT_EQ(gateway().GetLatestChatMessage(Deadline(), latest)->message().message_id(), steps.id);
  *latest.mutable_filter() = OfAnn("nothing");
  EXPECT_TRUE(absl::IsNotFound(gateway().GetLatestChatMessage(Deadline(), latest).status()));
}

TEST_F(GatewayChatsTest, ClearsWhatHasATag) {
  Begin();
  v1::DialogMessage tagged = Saying("A draft.");
  tagged.set_tag("draft");
  const Message first = Shows(tagged);
  const Message second = Shows(tagged);
  const Message other = Shows(Saying("Hello."));
  v1::ClearChatMessagesRequest request;
  *request.mutable_filter() = OfAnn();
  EXPECT_TRUE(absl::IsInvalidArgument(gateway().ClearChatMessages(Deadline(), request).status()));
  *request.mutable_filter() = OfAnn("draft");
  EXPECT_EQ(gateway().ClearChatMessages(Deadline(), request)->cleared(), 2);
  AwaitGone(first.id);
  AwaitGone(second.id);
  EXPECT_TRUE(IsThere(other.id));
  EXPECT_EQ(gateway().ClearChatMessages(Deadline(), request)->cleared(), 0);
}

TEST_F(GatewayChatsTest, NothingIsClearedWithoutAChat) {
  Start();
  v1::ClearChatMessagesRequest request;
  request.mutable_filter()->set_tag("draft");
  EXPECT_TRUE(absl::IsInvalidArgument(gateway().ClearChatMessages(Deadline(), request).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(gateway().ListChatMessages(Deadline(), {}).status()));
}

TEST_F(GatewayChatsTest, WritesToAChannel) {
  const int64_t channel = AddChannel();
  ASSERT_TRUE(telegram().SetBotStatus(channel, "administrator").ok());
  Start();
  const auto sent = gateway().SendMessage(Deadline(), To(channel, "News of today.", "k1"));
  ASSERT_TRUE(sent.ok()) << sent.status();
  const auto post = telegram().AwaitMessage(
      channel, [](const Message& m) { return m.text == "News of today."; }, testing::kPatience);
  ASSERT_TRUE(post.ok()) << post.status();
  EXPECT_THAT(sent->telegram_message_ids(), ElementsAre(post->id));
  v1::ListChatMessagesRequest list;
  list.mutable_filter()->set_chat_id(channel);
  EXPECT_THAT(gateway().ListChatMessages(Deadline(), list)->messages(), SizeIs(1));
}

TEST_F(GatewayChatsTest, SaysThatAChannelCannotBeWrittenTo) {
  const int64_t foreign = AddChannel();
  const int64_t mute = AddChannel();
  ASSERT_TRUE(telegram().SetBotStatus(mute, "administrator", /*may_post=*/false).ok());
  Start();
  for (const int64_t channel : {foreign, mute, int64_t{-100999}}) {
    const auto refused = gateway().SendMessage(Deadline(), To(channel, "News.", "k1"));
    EXPECT_EQ(status::Reason(refused.status()), "USER_UNREACHABLE") << refused.status();
  }
  v1::SendMessageRequest both = To(mute, "News.", "k2");
  both.set_user_id(ann());
  EXPECT_TRUE(absl::IsInvalidArgument(gateway().SendMessage(Deadline(), both).status()));
  EXPECT_TRUE(
      absl::IsInvalidArgument(gateway().SendMessage(Deadline(), To(7, "News.", "k3")).status()));
}

}  // namespace
}  // namespace selfology::telegram_gateway
