#include "services/feed/feed_dialog/dialog_service.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/channel_reader.pb.h"
#include "selfology/events/v1/feed.pb.h"
#include "selfology/telegram/v1/dialog_service_client.h"
#include "services/feed/feed_dialog/fake_peers_test.h"
#include "services/feed/feed_dialog/module.h"
#include "testing/mesh_test.h"
#include "testing/proto_matchers.h"
#include "testing/serving_module.h"

ABSL_DECLARE_FLAG(std::vector<std::string>, feed_dialog_suggested_channels);

namespace selfology::feed_dialog {
namespace {

using ::selfology::testing::EqualsProto;
using telegram::v1::DialogMessage;
using telegram::v1::DialogReaction;
using telegram::v1::DialogUpdate;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr int64_t kUser = 123456;

class DialogServiceTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    absl::SetFlag(&FLAGS_feed_dialog_suggested_channels, {"@one", "@two"});
    StartMesh(::selfology::testing::Modules(
        MakeModule(), ::selfology::testing::ServingModule("feed", feed_),
        ::selfology::testing::ServingModule("channel_reader", reader_),
        ::selfology::testing::ServingModule("content", studio_)));
    client_.emplace(Peer("feed_dialog"));
  }

  DialogReaction React(DialogUpdate update, const std::string& key = "") {
    telegram::v1::ReactRequest request;
    request.set_dialog("feed_dialog");
    request.set_user_id(user_);
    request.set_update_number(++number_);
    request.set_update_key(key.empty() ? absl::StrCat("42:", number_) : key);
    request.set_language(language_);
    *request.mutable_update() = std::move(update);
    const auto response = client_->React(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->reaction() : DialogReaction();
  }
  DialogReaction Command(const std::string& name, const std::string& argument = "") {
    DialogUpdate update;
    update.mutable_command()->set_name(name);
    update.mutable_command()->set_argument(argument);
    return React(update);
  }
  DialogReaction Words(const std::string& words) {
    DialogUpdate update;
    update.set_words(words);
    return React(update);
  }
  // Of the button with that callback_data in the message: pressed as the gateway tells it.
  DialogReaction Press(const std::string& argument, const std::string& key = "") {
    DialogUpdate update;
    update.mutable_button()->set_action("feed");
    update.mutable_button()->set_argument(argument);
    return React(update, key);
  }
  static std::string Buttons(const DialogMessage& message) {
    return Buttons(message.button_rows());
  }
  static std::string Buttons(const auto& rows) {
    std::string all;
    for (const auto& row : rows) {
      for (const auto& button : row.buttons()) absl::StrAppend(&all, button.callback_data(), " ");
    }
    return all;
  }

  const std::shared_ptr<FakeFeed> feed_ = std::make_shared<FakeFeed>();
  const std::shared_ptr<FakeReader> reader_ = std::make_shared<FakeReader>();
  const std::shared_ptr<FakeStudio> studio_ = std::make_shared<FakeStudio>();
  std::optional<telegram::v1::DialogServiceClient> client_;
  int64_t user_ = kUser;
  std::string language_ = "en";
  int64_t number_ = 0;
};

TEST_F(DialogServiceTest, ANewPersonIsWelcomedAndTheirWordsAreChannels) {
  const DialogReaction welcome = Command("feed");
  ASSERT_THAT(welcome.messages(), SizeIs(1));
  EXPECT_THAT(welcome.messages(0).message_text(), HasSubstr("three steps"));
  EXPECT_EQ(welcome.messages(0).lifecycle(), telegram::v1::MESSAGE_LIFECYCLE_SYSTEM);
  EXPECT_EQ(welcome.focus(), telegram::v1::FOCUS_CHANGE_TAKE);
  EXPECT_EQ(welcome.question(), telegram::v1::DIALOG_QUESTION_WAITS);
  EXPECT_EQ(welcome.question_worth().seconds(), 3600);
  EXPECT_TRUE(welcome.transition());
  EXPECT_THAT(Words("hello?").messages(0).message_text(), HasSubstr("I see no channel"));

  const DialogReaction added =
      Words("@daily_tea and https://t.me/s/night_sky/7. Also t.me/+AbCd and @hidden");
  ASSERT_THAT(added.messages(), SizeIs(1));
  const std::string& text = added.messages(0).message_text();
  EXPECT_THAT(text, HasSubstr("✅ <b>&lt;daily_tea&gt;</b>"));
  EXPECT_THAT(text, HasSubstr("I cannot take <b>t.me/+AbCd</b>"));
  EXPECT_THAT(text, HasSubstr("add me &amp; wait"));
  EXPECT_EQ(added.messages(0).lifecycle(), telegram::v1::MESSAGE_LIFECYCLE_EPHEMERAL);
  EXPECT_EQ(added.question(), telegram::v1::DIALOG_QUESTION_NONE);
  EXPECT_THAT(feed_->Do([](auto& state) { return state.channels; }), SizeIs(3));
  const std::string listed = Words("@daily_tea small_code technews").messages(0).message_text();
  EXPECT_THAT(listed, HasSubstr("small_code"));
  EXPECT_THAT(listed, HasSubstr("Not understood: technews."));
  EXPECT_THAT(Words("hello there, how are you").messages(0).message_text(),
              HasSubstr("I see no channel"));
}

TEST_F(DialogServiceTest, TrainingCardsFollowEachOtherInPlaceUntilTheModelIsTrained) {
  Words("@daily_tea @night_sky");
  DialogReaction card = Command("train");
  ASSERT_THAT(card.messages(), SizeIs(1));
  EXPECT_THAT(card.messages(0).message_text(), HasSubstr("Post 1 of 4"));
  EXPECT_THAT(card.messages(0).message_text(), HasSubstr("post &lt;11&gt;"));
  EXPECT_EQ(card.messages(0).lifecycle(), telegram::v1::MESSAGE_LIFECYCLE_SYSTEM);
  EXPECT_EQ(card.messages(0).tag(), "training");
  EXPECT_THAT(Buttons(card.messages(0)), HasSubstr("feed:tlike:11 feed:tdislike:11 feed:tskip:11"));
  EXPECT_THAT(Buttons(card.messages(0)), Not(HasSubstr("tundo")));

  card = Press("tlike:11", "same");
  EXPECT_THAT(card.messages(0).message_text(), HasSubstr("Post 2 of 4"));
  EXPECT_THAT(Buttons(card.messages(0)), HasSubstr("feed:tundo:11"));
  // The gateway was cut off, and asks again.
  EXPECT_THAT(Press("tlike:11", "same"), EqualsProto(card));
  EXPECT_THAT(feed_->Do([](auto& state) { return state.keys; }), SizeIs(1));

  card = Press("tundo:11");
  EXPECT_THAT(card.messages(0).message_text(), HasSubstr("Post 1 of 4"));
  Press("tdislike:11");
  EXPECT_THAT(Buttons(Press("tskip:12").messages(0)), HasSubstr("feed:stop"));
  const DialogReaction enough = Press("tlike:21");
  EXPECT_THAT(enough.messages(0).message_text(), HasSubstr("Post 4 of 4"));
  EXPECT_THAT(Buttons(enough.messages(0)), HasSubstr("feed:enough"));
  const DialogReaction done = Press("tlike:22");
  EXPECT_THAT(done.messages(0).message_text(), HasSubstr("knows your taste from 4 posts"));
  EXPECT_TRUE(done.transition());
  EXPECT_TRUE(feed_->Do([](auto& state) { return state.trained; }));
}

TEST_F(DialogServiceTest, WhoHasRatedEnoughMayEndTheTraining) {
  Words("@daily_tea @night_sky");
  Command("train");
  EXPECT_THAT(Press("enough").messages(0).message_text(), HasSubstr("rated 0 posts, and I need 3"));
  for (const char* press : {"tlike:11", "tlike:12", "tlike:21"}) Press(press);
  EXPECT_THAT(Press("enough").messages(0).message_text(), HasSubstr("from 3 posts"));
}

TEST_F(DialogServiceTest, SaysWhichChannelsAreStillBeingReadAndSendsACardWhenThereAreEnough) {
  Words("@daily_tea");
  feed_->Do([](auto& state) { state.unread = {"slow", "hidden"}; });
  const DialogReaction waits = Command("train");
  EXPECT_THAT(waits.messages(0).message_text(), HasSubstr("Still reading: slow."))
      << "hidden cannot be read, and is not waited for";
  EXPECT_THAT(Buttons(waits.messages(0)), HasSubstr("feed:train"));
  Words("@night_sky");
  EXPECT_THAT(Command("train").messages(0).message_text(), HasSubstr("Still reading: slow"));
  EXPECT_THAT(Command("train").messages(0).message_text(), HasSubstr("Post 1 of 4"));

  events::v1::FeedTrainingReady ready;
  ready.set_user_id(kUser);
  ready.set_post_count(4);
  ready.set_language("ru");
  telegram::v1::RenderEventRequest request;
  request.set_dialog("feed_dialog");
  request.set_user_id(kUser);
  request.set_event_id("e1");
  request.set_event_type("feed.training.ready");
  request.set_payload(ready.SerializeAsString());
  const auto card = client_->RenderEvent(Deadline(), request);
  ASSERT_TRUE(card.ok()) << card.status();
  EXPECT_THAT(card->reaction().messages(0).message_text(), HasSubstr("Пост 1 из 4"));
}

TEST_F(DialogServiceTest, PostsOfTheFeedAreRatedInPlace) {
  Words("@daily_tea @night_sky");
  feed_->Do([](auto& state) { return state.trained = true; });
  const DialogReaction page = Command("feed");
  ASSERT_THAT(page.messages(), SizeIs(4));
  EXPECT_EQ(page.messages(0).lifecycle(), telegram::v1::MESSAGE_LIFECYCLE_ONETIME);
  EXPECT_TRUE(page.messages(0).keep_buttons());
  EXPECT_EQ(page.messages(3).lifecycle(), telegram::v1::MESSAGE_LIFECYCLE_EPHEMERAL);
  EXPECT_THAT(Buttons(page.messages(3)), HasSubstr("feed:more"));

  const DialogReaction liked = Press("like:11");
  EXPECT_THAT(liked.replacement(), HasSubstr("post &lt;11&gt;"));
  EXPECT_THAT(liked.replacement(), HasSubstr("👍 More of this"));
  EXPECT_THAT(liked.messages(), IsEmpty());
  EXPECT_THAT(Press("dislike:11").replacement(), HasSubstr("👎 Less of this"));
  EXPECT_EQ(feed_->Do([](auto& state) { return state.ratings[11]; }),
            feed::v1::INTERACTION_TYPE_DISLIKE);
  EXPECT_THAT(Press("why:11").replacement(), HasSubstr("• you like this channel\nPlace 2 of 9."));
  EXPECT_THAT(Press("save:12").notice(), HasSubstr("/saved"));
  EXPECT_THAT(Command("saved").messages(0).message_text(), HasSubstr("post &lt;12&gt;"));
  EXPECT_THAT(Press("like:999").notice(), HasSubstr("not there any more"));

  EXPECT_THAT(Press("more").messages(), SizeIs(2));
  EXPECT_THAT(Press("more").messages(0).message_text(), HasSubstr("Nothing new"));

  DialogUpdate emoji;
  emoji.mutable_reaction()->add_emoji("❤");
  emoji.mutable_reaction()->set_key("post-21");
  React(emoji);
  EXPECT_EQ(feed_->Do([](auto& state) { return state.ratings[21]; }),
            feed::v1::INTERACTION_TYPE_LIKE);
}

TEST_F(DialogServiceTest, ARatedPostKeepsItsButtonsAndShowsTheChoice) {
  Words("@daily_tea");
  const auto label = [](const DialogReaction& reaction, std::string_view data) {
    for (const auto& row : reaction.replacement_rows()) {
      for (const auto& button : row.buttons()) {
        if (button.callback_data() == data) return button.text();
      }
    }
    return std::string();
  };
  const DialogReaction why = Press("why:11");
  EXPECT_THAT(Buttons(why.replacement_rows()),
              HasSubstr("feed:like:11 feed:dislike:11 feed:skip:11 feed:save:11 feed:why:11"));
  EXPECT_THAT(Buttons(why.replacement_rows()), Not(HasSubstr("undo")));
  EXPECT_EQ(label(why, "feed:like:11"), "👍");

  const DialogReaction liked = Press("like:11");
  EXPECT_EQ(label(liked, "feed:like:11"), "✅ 👍");
  EXPECT_EQ(label(liked, "feed:dislike:11"), "👎");
  EXPECT_THAT(Buttons(liked.replacement_rows()), HasSubstr("feed:why:11"));
  EXPECT_THAT(Buttons(liked.replacement_rows()), HasSubstr("feed:undo:11 feed:more"));
  EXPECT_EQ(label(Press("why:11"), "feed:like:11"), "✅ 👍");

  const DialogReaction undone = Press("undo:11");
  EXPECT_EQ(label(undone, "feed:like:11"), "👍");
  EXPECT_THAT(Buttons(undone.replacement_rows()), Not(HasSubstr("undo")));
  EXPECT_EQ(label(Press("save:12"), "feed:save:12"), "✅ 🔖");
}

TEST_F(DialogServiceTest, APostBecomesADraftOfTheStudio) {
  Words("@daily_tea");
  const DialogReaction drafted = Press("draft:11", "same");
  EXPECT_THAT(drafted.notice(), HasSubstr("/studio"));
  EXPECT_THAT(drafted.replacement(), IsEmpty()) << "the card stays as it is";
  Press("draft:11", "same");
  const auto drafts = studio_->drafts();
  ASSERT_THAT(drafts, SizeIs(1));
  EXPECT_EQ(drafts[0].user_id(), kUser);
  EXPECT_EQ(drafts[0].text(), "post <11>\n\nhttps://t.me/x/1");
  EXPECT_THAT(Press("draft:999").notice(), HasSubstr("not there any more"));
}

TEST_F(DialogServiceTest, WhoHasRatedEnoughGetsTheFeedAlthoughNobodyEndedTheTraining) {
  Words("@daily_tea @night_sky");
  for (const char* press : {"tlike:11", "tlike:12"}) Press(press);
  EXPECT_THAT(Command("feed").messages(0).message_text(),
              HasSubstr("you have rated 2 posts of the 3"));
  Press("tlike:21");
  const DialogReaction page = Command("feed");
  EXPECT_EQ(page.messages(0).kind(), "post") << page.messages(0).message_text();
  EXPECT_TRUE(feed_->Do([](auto& state) { return state.trained; }));
}

TEST_F(DialogServiceTest, StartShowsWhatTheFeedIsLikeAndTheWayToOtherDialogs) {
  const DialogReaction fresh = Command("start");
  EXPECT_THAT(fresh.messages(0).message_text(), HasSubstr("three steps"));
  EXPECT_EQ(fresh.question(), telegram::v1::DIALOG_QUESTION_WAITS);
  EXPECT_THAT(Buttons(fresh.messages(0)), HasSubstr("open:"));
  Words("@daily_tea @night_sky");
  EXPECT_THAT(Command("start").messages(0).message_text(), HasSubstr("rated 0 posts of the 3"));
  feed_->Do([](auto& state) { return state.trained = true; });
  const DialogReaction again = Command("start");
  ASSERT_THAT(again.messages(), SizeIs(1)) << "posts come with /feed";
  EXPECT_EQ(again.messages(0).tag(), "menu");
  EXPECT_THAT(Buttons(again.messages(0)), HasSubstr("feed:feed"));
  EXPECT_THAT(Buttons(again.messages(0)), HasSubstr("open:"));
}

TEST_F(DialogServiceTest, ChannelsAreListedProposedAndRemoved) {
  Words("@daily_tea");
  const DialogReaction list = Command("channels");
  EXPECT_THAT(list.messages(0).message_text(), HasSubstr("1. daily_tea"));
  EXPECT_THAT(Buttons(list.messages(0)), HasSubstr("feed:drop:1"));
  EXPECT_THAT(Buttons(Press("propose").messages(0)), HasSubstr("feed:take:77"));
  EXPECT_THAT(Press("drop:1").messages(0).message_text(), HasSubstr("no channels yet"));
  EXPECT_THAT(feed_->Do([](auto& state) { return state.channels; }), IsEmpty());
}

TEST_F(DialogServiceTest, SuggestsChannelsWhereTheFeedKnowsNone) {
  feed_->Do([](auto& state) { return state.proposes_nothing = true; });
  const DialogReaction reaction = Press("propose");
  EXPECT_THAT(reaction.messages(0).message_text(), HasSubstr("@one\n@two"));
  EXPECT_EQ(reaction.focus(), telegram::v1::FOCUS_CHANGE_TAKE) << "names may follow";
}

TEST_F(DialogServiceTest, SettingsChangeInPlaceAndOnceHoweverOftenPressed) {
  EXPECT_THAT(Command("feedsettings").messages(0).message_text(), HasSubstr("Nudges: on"));
  EXPECT_THAT(Press("set:nudges=off").messages(0).message_text(), HasSubstr("Nudges: off"));
  EXPECT_THAT(Press("set:nudges=off").messages(0).message_text(), HasSubstr("Nudges: off"));
  EXPECT_THAT(Press("set:digest=13").messages(0).message_text(), HasSubstr("Digest: 13:00"));
  const DialogReaction russian = Press("set:language=ru");
  EXPECT_THAT(russian.messages(0).message_text(), HasSubstr("Напоминания: выключены"));
  EXPECT_EQ(russian.language(), "ru");
  EXPECT_THAT(Command("mute", "футбол").messages(0).message_text(), HasSubstr("«футбол»"));
  EXPECT_THAT(Command("mute").messages(0).message_text(), HasSubstr("футбол"));
  Command("unmute", "футбол");
  EXPECT_THAT(feed_->Do([](auto& state) { return state.settings; }).muted_words(), IsEmpty());
}

TEST_F(DialogServiceTest, NudgesAndDigestsComeByEvents) {
  telegram::v1::RenderEventRequest request;
  request.set_dialog("feed_dialog");
  request.set_user_id(kUser);
  request.set_event_id("e1");
  request.set_event_type("feed.nudge.due");
  events::v1::FeedNudgeDue nudge;
  nudge.set_user_id(kUser);
  nudge.set_nudge_id(3);
  nudge.set_language("ru");
  nudge.mutable_post()->set_id(11);
  nudge.mutable_post()->set_text("words");
  nudge.mutable_expires_at()->set_seconds(absl::ToUnixSeconds(absl::Now() + absl::Hours(1)));
  request.set_payload(nudge.SerializeAsString());
  const auto due = client_->RenderEvent(Deadline(), request);
  ASSERT_TRUE(due.ok()) << due.status();
  ASSERT_THAT(due->reaction().messages(), SizeIs(1));
  EXPECT_THAT(due->reaction().messages(0).message_text(), HasSubstr("это для вас"));
  EXPECT_EQ(due->reaction().messages(0).key(), "nudge-3");
  EXPECT_LE(due->reaction().messages(0).worth().seconds(), 3600);

  nudge.mutable_expires_at()->set_seconds(1'700'000'000);
  request.set_payload(nudge.SerializeAsString());
  EXPECT_THAT(client_->RenderEvent(Deadline(), request)->reaction().messages(), IsEmpty());
  request.set_payload("no event");
  EXPECT_FALSE(client_->RenderEvent(Deadline(), request).ok());

  events::v1::FeedDigestReady digest;
  digest.add_posts()->set_text("one\ntwo");
  request.set_event_type("feed.digest.ready");
  request.set_payload(digest.SerializeAsString());
  EXPECT_THAT(client_->RenderEvent(Deadline(), request)->reaction().messages(0).message_text(),
              HasSubstr("• one two"));
}

TEST_F(DialogServiceTest, WhoAddsTheBotToAChannelDecidesWhatMayBeDone) {
  events::v1::ChannelOwnerChanged event;
  event.set_user_id(777);
  event.set_bot_is_there(true);
  event.mutable_channel()->set_channel_id(5);
  event.mutable_channel()->set_title("Owned & mine");
  telegram::v1::RenderEventRequest request;
  request.set_dialog("feed_dialog");
  request.set_user_id(777);
  request.set_event_id("e1");
  request.set_event_type("channel.owner.changed");
  request.set_payload(event.SerializeAsString());
  const auto asked = client_->RenderEvent(Deadline(), request);
  ASSERT_TRUE(asked.ok()) << asked.status();
  EXPECT_THAT(asked->reaction().messages(0).message_text(), HasSubstr("Owned &amp; mine"));
  EXPECT_THAT(Buttons(asked->reaction().messages(0)), HasSubstr("feed:learn:5"));
  EXPECT_THAT(Press("learn:5").notice(), HasSubstr("not yours"));
  user_ = 777;
  EXPECT_THAT(Press("learn:5").messages(0).message_text(),
              HasSubstr("show, keep, learn from their text"));
  EXPECT_THAT(Press("nothing:5").messages(0).message_text(), HasSubstr("nothing"));
}

TEST_F(DialogServiceTest, PassesOnWhatTelegramPushesAboutChannels) {
  telegram::v1::TakeChannelUpdateRequest request;
  request.set_dialog("feed_dialog");
  request.set_update_key("42:9");
  request.set_update_number(9);
  request.mutable_update()->set_chat_id(-1001);
  request.mutable_update()->mutable_post()->set_message_id(4);
  ASSERT_TRUE(client_->TakeChannelUpdate(Deadline(), request).ok());
  ASSERT_THAT(reader_->updates(), SizeIs(1));
  EXPECT_EQ(reader_->updates()[0].update_number(), 9);
  EXPECT_THAT(reader_->updates()[0].update(), EqualsProto(request.update()));
}

TEST_F(DialogServiceTest, WhileTheFeedIsAwayItSaysSoAndAsksAgainLater) {
  feed_->Do([](auto& state) { return state.away = true; });
  language_ = "ru";
  EXPECT_THAT(Press("tlike:11", "key").messages(0).message_text(), HasSubstr("не отвечает"));
  feed_->Do([](auto& state) { return state.away = false; });
  EXPECT_THAT(Press("tlike:11", "key").messages(0).message_text(), Not(HasSubstr("не отвечает")));
}

TEST_F(DialogServiceTest, NamesWhatIsWrongWithARequest) {
  telegram::v1::ReactRequest request;
  EXPECT_EQ(client_->React(Deadline(), request).status().code(),
            absl::StatusCode::kInvalidArgument);
  request.set_dialog("feed_dialog");
  EXPECT_THAT(status::Violations(client_->React(Deadline(), request).status()), SizeIs(4));
  telegram::v1::DescribeDialogRequest describe;
  describe.set_dialog("feed_dialog");
  const auto description = client_->DescribeDialog(Deadline(), describe);
  ASSERT_TRUE(description.ok());
  EXPECT_EQ(description->description().commands_size(), 8);
}

}  // namespace
}  // namespace selfology::feed_dialog
