#include "services/feed/feed_dialog/cards.h"

#include <string>

#include "common/text/text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/feed/feed_dialog/panels.h"

namespace selfology::feed_dialog {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

feed::v1::Post Post(std::string text) {
  feed::v1::Post post;
  post.set_id(42);
  post.set_channel_title("Tea <&> cups");
  post.set_text(std::move(text));
  post.set_url("https://t.me/daily_tea/1?a=1&b=2");
  post.set_age_seconds(7200);
  return post;
}

TEST(CardsTest, WhatOthersWroteIsEscapedAndCut) {
  const std::string text = PostText(Post("<b>words</b> & more"), Language::kEnglish);
  EXPECT_EQ(
      text,
      "<b><a href=\"https://t.me/daily_tea/1?a=1&amp;b=2\">Tea &lt;&amp;&gt; cups</a></b> · 2 h\n\n"
      "&lt;b&gt;words&lt;/b&gt; &amp; more");
  std::string lengthy;
  for (int i = 0; i < 5000; ++i) lengthy += "ж";
  const std::string cut = PostText(Post(lengthy), Language::kRussian);
  EXPECT_LT(text::Characters(cut), 1100);
  EXPECT_THAT(cut, HasSubstr("ж…"));
  feed::v1::Post picture = Post("");
  picture.set_media_type(feed::v1::MEDIA_TYPE_PHOTO);
  EXPECT_THAT(PostText(picture, Language::kEnglish), HasSubstr("picture"));
  EXPECT_THAT(PostText(Post(""), Language::kEnglish), HasSubstr("(no text)"));
}

TEST(CardsTest, EveryButtonFitsIntoTelegram) {
  feed::v1::Post post = Post("x");
  post.set_id(INT64_MAX);
  for (const Language language : language::kLanguages) {
    for (const auto& message :
         {FeedCard(post, language), NudgeCard(post, language),
          TrainingCard(post, {.number = 5, .of = 21, .previous = INT64_MAX}, language),
          SettingsPanel({}, language), WelcomePanel(language), MenuPanel("x", language)}) {
      for (const auto& row : message.button_rows()) {
        EXPECT_LE(row.buttons_size(), 8);
        EXPECT_GE(row.buttons_size(), 1);
        for (const auto& button : row.buttons()) {
          EXPECT_LE(button.callback_data().size(), 64);
          EXPECT_LE(text::Characters(button.text()), 64);
        }
      }
    }
  }
}

TEST(CardsTest, TheReasonFitsThePost) {
  feed::v1::Post post;
  post.add_reasons()->set_kind(feed::v1::REASON_KIND_MEDIA);
  EXPECT_THAT(ReasonsText(post, Language::kEnglish), HasSubstr("without pictures"));
  post.set_media_type(feed::v1::MEDIA_TYPE_PHOTO);
  EXPECT_THAT(ReasonsText(post, Language::kEnglish), HasSubstr("such pictures"));
}

TEST(CardsTest, AnAddressThatIsNoneGetsNoButton) {
  feed::v1::Post post = Post("x");
  post.set_url("javascript:alert(1)");
  const telegram::v1::DialogMessage card = FeedCard(post, Language::kEnglish);
  for (const auto& row : card.button_rows()) {
    for (const auto& button : row.buttons()) EXPECT_FALSE(button.has_url());
  }
}

TEST(CardsTest, ReadsButtons) {
  const Press press = ReadPress("tlike:42");
  EXPECT_EQ(press.verb, "tlike");
  EXPECT_EQ(press.number, 42);
  EXPECT_EQ(ReadPress("more").argument, "");
  EXPECT_EQ(ReadPress("set:nudges=off").argument, "nudges=off");
  EXPECT_EQ(ReadPress("like:x").number, 0);
  EXPECT_EQ(ReadPress("").verb, "");
}

TEST(CardsTest, SaysHowOldAPostIs) {
  EXPECT_EQ(AgeText(59, Language::kEnglish), "0 min");
  EXPECT_EQ(AgeText(3600 * 47, Language::kRussian), "47 ч");
  EXPECT_EQ(AgeText(86'400 * 3, Language::kEnglish), "3 days");
  EXPECT_EQ(AgeText(86'400 * 21, Language::kRussian), "21 день");
  EXPECT_EQ(AgeText(-5, Language::kRussian), "0 мин");
}

TEST(PanelsTest, SettingsGoRoundAndTakeOnlyWhatTheyKnow) {
  feed::v1::FeedSettings settings;
  for (const char* what : {"nudges=off", "digest=8", "explore=0", "language=ru", "digest=99",
                           "explore=-1", "language=xx", "colour=red", ""}) {
    ChangeSettings(what, settings);
  }
  EXPECT_TRUE(settings.nudges_off());
  EXPECT_EQ(settings.digest_hour(), 8);
  EXPECT_TRUE(settings.has_exploration_percent());
  EXPECT_EQ(settings.exploration_percent(), 0);
  EXPECT_EQ(settings.language(), "ru");
}

TEST(PanelsTest, ManyChannelsFitIntoOneMessage) {
  std::vector<feed::v1::UserChannel> channels(100);
  std::vector<channel_reader::v1::Channel> readers(100);
  for (int i = 0; i < 100; ++i) {
    channels[i].mutable_channel()->set_id(i + 1);
    channels[i].mutable_channel()->set_username("channel_" + std::to_string(i));
    channels[i].mutable_channel()->set_title(std::string(256, 'x'));
    readers[i].set_handle("Channel_" + std::to_string(i));
    readers[i].set_advice(i == 0 ? "advice & more" : "");
  }
  const auto panel = ChannelsPanel(channels, readers, Language::kEnglish);
  EXPECT_LT(text::Characters(panel.message_text()), 4096);
  EXPECT_THAT(panel.message_text(), HasSubstr("advice &amp; more"));
  EXPECT_THAT(panel.message_text(), HasSubstr("+80"));
  EXPECT_THAT(ChannelsPanel({}, {}, Language::kRussian).message_text(), Not(HasSubstr("+")));
}

}  // namespace
}  // namespace selfology::feed_dialog
