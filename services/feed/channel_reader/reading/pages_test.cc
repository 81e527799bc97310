// The preview parser against pages that are written as Telegram's are: every case that is known to trip
// parsers, and random posts, which come out as they went in.
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/feed/channel_reader/reading/html_tree.h"
#include "services/feed/channel_reader/reading/preview_page.h"
#include "testing/telegram_channels/preview_html.h"
#include "testing/telegram_channels/preview_post_html.h"
#include "testing/telegram_channels/public_channel.h"

namespace selfology::channel_reader {
namespace {

using ::selfology::telegram_channels::NamePageHtml;
using ::selfology::telegram_channels::PreviewPageHtml;
using ::selfology::telegram_channels::PublicChannel;
using ::selfology::telegram_channels::PublicMedia;
using ::selfology::telegram_channels::PublicPost;
using ::selfology::telegram_channels::ShellHtml;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kDay = absl::FromUnixSeconds(1'705'314'600);  // 2024-01-15T10:30:00Z

PublicChannel Tea() {
  return {.username = "Daily_Tea",
          .title = "Tea & <cups>",
          .about = "All about tea",
          .picture_url = "https://cdn.example/tea.jpg",
          .telegram_id = -1'001'234'567'890,
          .subscribers = 1'530'000};
}

PreviewPage Parsed(const std::string& html) {
  const absl::StatusOr<PreviewPage> page = ParsePreviewPage(html);
  EXPECT_TRUE(page.ok()) << page.status();
  return page.ok() ? *page : PreviewPage();
}

v1::Post Only(const PublicPost& post) {
  PublicChannel channel = Tea();
  channel.Add(post);
  const PreviewPage page = Parsed(PreviewPageHtml(channel, {}));
  EXPECT_THAT(page.posts, SizeIs(1));
  if (page.posts.empty()) return {};
  EXPECT_THAT(page.posts[0].missing, IsEmpty());
  return page.posts[0].post;
}

TEST(PagesTest, ReadsTheChannel) {
  PublicChannel channel = Tea();
  channel.Add({.at = kDay, .text = "one"});
  const PreviewPage page = Parsed(PreviewPageHtml(channel, {}));
  EXPECT_TRUE(page.is_channel);
  EXPECT_EQ(page.handle, "Daily_Tea");
  EXPECT_EQ(page.title, "Tea & <cups>");
  EXPECT_EQ(page.about, "All about tea");
  EXPECT_EQ(page.picture_url, "https://cdn.example/tea.jpg");
  EXPECT_EQ(page.subscribers, 1'500'000);
  EXPECT_EQ(page.telegram_id, -1'001'234'567'890);
}

TEST(PagesTest, ReadsAPost) {
  const v1::Post post = Only({.id = 123,
                              .at = kDay,
                              .text = "First line\nsecond",
                              .author = "Ann",
                              .views = 12'345,
                              .reactions = {{"👍", 1200}, {"paid", 5}, {"custom:5432", 7}}});
  EXPECT_EQ(post.post_number(), 123);
  EXPECT_EQ(post.source_key(), "Daily_Tea/123");
  EXPECT_EQ(post.link(), "https://t.me/Daily_Tea/123");
  EXPECT_EQ(post.text(), "First line\nsecond");
  EXPECT_EQ(post.text_html(), "First line<br>second");
  EXPECT_EQ(post.author(), "Ann");
  EXPECT_EQ(post.views(), 12'300);
  EXPECT_EQ(timestamps::FromProto(post.posted_at()), kDay);
  ASSERT_THAT(post.reactions(), SizeIs(3));
  EXPECT_EQ(post.reactions(0).emoji(), "👍");
  EXPECT_EQ(post.reactions(0).count(), 1200);
  EXPECT_EQ(post.reactions(1).emoji(), "paid");
  EXPECT_EQ(post.reactions(2).emoji(), "custom:5432");
  EXPECT_EQ(post.reactions(2).count(), 7);
}

TEST(PagesTest, TakesThePostsOwnTextOnly) {
  PublicChannel channel = Tea();
  channel.Add({.at = kDay, .text = "the question"});
  channel.Add({.at = kDay,
               .text = "the answer",
               .reply_to = 1,
               .preview_url = "https://example.org/a",
               .preview_site = "Example",
               .preview_title = "A title",
               .preview_text = "not the post's words",
               .preview_picture = "https://cdn.example/p.jpg"});
  const PreviewPage page = Parsed(PreviewPageHtml(channel, {}));
  ASSERT_THAT(page.posts, SizeIs(2));
  const v1::Post& post = page.posts[1].post;
  EXPECT_EQ(post.text(), "the answer");
  EXPECT_EQ(post.reply_to_number(), 1);
  EXPECT_EQ(post.link_preview().url(), "https://example.org/a");
  EXPECT_EQ(post.link_preview().title(), "A title");
  EXPECT_EQ(post.link_preview().description(), "not the post's words");
  EXPECT_EQ(post.link_preview().picture_url(), "https://cdn.example/p.jpg");
  EXPECT_THAT(post.media(), IsEmpty());
}

TEST(PagesTest, AReplyWithoutWordsOfItsOwnHasNone) {
  PublicChannel channel = Tea();
  channel.Add({.at = kDay, .text = "the question"});
  channel.Add({.at = kDay, .media = {{.url = "https://cdn.example/1.jpg"}}, .reply_to = 1});
  const PreviewPage page = Parsed(PreviewPageHtml(channel, {}));
  ASSERT_THAT(page.posts, SizeIs(2));
  EXPECT_EQ(page.posts[1].post.text(), "");
  EXPECT_THAT(page.posts[1].post.media(), SizeIs(1));
}

TEST(PagesTest, AnAlbumIsOnePostWithItsNumbers) {
  PublicChannel channel = Tea();
  channel.Add({.at = kDay,
               .text = "three",
               .media = {{.url = "https://cdn.example/1.jpg"},
                         {.kind = "video", .url = "https://cdn.example/2.mp4", .seconds = 39},
                         {.url = "https://cdn.example/3.jpg"}}});
  channel.Add({.at = kDay, .text = "next"});
  const PreviewPage page = Parsed(PreviewPageHtml(channel, {}));
  ASSERT_THAT(page.posts, SizeIs(2));
  const v1::Post& album = page.posts[0].post;
  EXPECT_EQ(album.post_number(), 1);
  EXPECT_THAT(album.album_numbers(), ElementsAre(1, 2, 3));
  ASSERT_THAT(album.media(), SizeIs(3));
  EXPECT_EQ(album.media(0).url(), "https://cdn.example/1.jpg");
  EXPECT_EQ(album.media(1).kind(), v1::MEDIA_KIND_VIDEO);
  EXPECT_EQ(album.media(1).url(), "https://cdn.example/2.mp4");
  EXPECT_EQ(album.media(1).duration().seconds(), 39);
  EXPECT_EQ(album.media(2).url(), "https://cdn.example/3.jpg");
  EXPECT_EQ(page.posts[1].post.post_number(), 4);
  EXPECT_EQ(page.highest, 4);
}

TEST(PagesTest, ReadsEveryKindOfMedia) {
  const auto only = [](PublicMedia media) {
    const v1::Post post = Only({.at = kDay, .media = {std::move(media)}});
    EXPECT_THAT(post.media(), SizeIs(1));
    return post.media_size() == 1 ? post.media(0) : v1::PostMedia();
  };
  const v1::PostMedia photo =
      only({.url = "https://cdn.example/1.jpg", .width = 800, .height = 600});
  EXPECT_EQ(photo.kind(), v1::MEDIA_KIND_PHOTO);
  EXPECT_EQ(photo.width(), 800);
  EXPECT_EQ(photo.height(), 600);
  const v1::PostMedia large =
      only({.kind = "large_video", .url = "https://cdn.example/v", .seconds = 3723});
  EXPECT_EQ(large.kind(), v1::MEDIA_KIND_VIDEO);
  EXPECT_EQ(large.url(), "");
  EXPECT_EQ(large.preview_url(), "https://cdn.example/v.thumb");
  EXPECT_EQ(large.duration().seconds(), 3723);
  EXPECT_EQ(only({.kind = "round", .url = "https://cdn.example/r.mp4", .seconds = 9}).kind(),
            v1::MEDIA_KIND_VIDEO_NOTE);
  const v1::PostMedia voice =
      only({.kind = "voice", .url = "https://cdn.example/v.ogg", .seconds = 15});
  EXPECT_EQ(voice.kind(), v1::MEDIA_KIND_VOICE);
  EXPECT_EQ(voice.url(), "https://cdn.example/v.ogg");
  EXPECT_EQ(voice.duration().seconds(), 15);
  const v1::PostMedia file =
      only({.kind = "document", .file_name = "tea.pdf", .file_size = "1.5 MB"});
  EXPECT_EQ(file.kind(), v1::MEDIA_KIND_DOCUMENT);
  EXPECT_EQ(file.file_name(), "tea.pdf");
  EXPECT_EQ(file.size(), 1'572'864);
  EXPECT_EQ(only({.kind = "audio", .file_name = "song"}).kind(), v1::MEDIA_KIND_AUDIO);
  const v1::PostMedia sticker = only({.kind = "sticker", .url = "https://cdn.example/s.webp"});
  EXPECT_EQ(sticker.kind(), v1::MEDIA_KIND_STICKER);
  EXPECT_EQ(sticker.url(), "https://cdn.example/s.webp");
  EXPECT_EQ(only({.kind = "location", .url = "https://cdn.example/m.png"}).kind(),
            v1::MEDIA_KIND_LOCATION);
}

TEST(PagesTest, ReadsPollsForwardsServiceAndUnsupportedPosts) {
  const v1::Post poll =
      Only({.at = kDay, .poll = "Green or black?", .options = {"Green", "Black"}});
  EXPECT_EQ(poll.media_kind(), v1::MEDIA_KIND_POLL);
  EXPECT_EQ(poll.text(), "Green or black?\n– Green\n– Black");
  const v1::Post forward = Only({.at = kDay,
                                 .text = "news",
                                 .forwarded_from = "Coffee",
                                 .forwarded_link = "https://t.me/coffee/7"});
  EXPECT_EQ(forward.forwarded_from().title(), "Coffee");
  EXPECT_EQ(forward.forwarded_from().link(), "https://t.me/coffee/7");
  const v1::Post service = Only({.at = kDay, .text = "Channel created", .service = true});
  EXPECT_TRUE(service.is_service_message());
  EXPECT_EQ(service.text(), "Channel created");
  EXPECT_EQ(Only({.at = kDay, .unsupported = true}).media_kind(), v1::MEDIA_KIND_UNSUPPORTED);
}

TEST(PagesTest, AnEditedPostSaysSoAndItsAuthorDoesNot) {
  PublicChannel channel = Tea();
  channel.Add({.at = kDay, .text = "new", .edited = true});
  channel.Add({.at = kDay, .text = "old", .author = "edited by nobody"});
  const PreviewPage page = Parsed(PreviewPageHtml(channel, {}));
  ASSERT_THAT(page.posts, SizeIs(2));
  EXPECT_TRUE(page.posts[0].is_edited);
  EXPECT_FALSE(page.posts[1].is_edited);
}

TEST(PagesTest, LinksWhoseAmpersandsAreEscapedTwiceComeOutRight) {
  const v1::Post post = Only({.at = kDay, .text = "see https://example.org/?a=1&b=2 now"});
  EXPECT_EQ(post.text(), "see https://example.org/?a=1&b=2 now");
  EXPECT_THAT(post.links(), ElementsAre("https://example.org/?a=1&b=2"));
}

TEST(PagesTest, TextKeepsItsMarkupAndEmojiHaveNone) {
  const v1::Post post = Only(
      {.at = kDay,
       .html =
           "<b>Bold</b> <i class=\"emoji\" style=\"background-image:url('//t.me/1.png')\"><b>😀</b>"
           "</i> <i>slanted</i> <tg-spoiler>hidden</tg-spoiler> <code>a&lt;b</code><br/>"
           "<pre>x\n  y</pre><a href=\"?q=%23tea\">#tea</a> <a href=\"https://t.me/ann\">@ann</a>"
           "<a href=\"javascript:alert(1)\">no</a>"});
  EXPECT_EQ(post.text(), "Bold 😀 slanted hidden a<b\nx\n  y\n#tea @annno");
  EXPECT_EQ(
      post.text_html(),
      "<b>Bold</b> 😀 <i>slanted</i> hidden <code>a&lt;b</code><br><pre>x<br>  y</pre><br>#tea "
      "<a href=\"https://t.me/ann\">@ann</a>no");
  EXPECT_THAT(post.links(), ElementsAre("https://t.me/ann"));
}

TEST(PagesTest, ReadsTextFromRightToLeft) {
  const std::string words = "שלום עולם, مرحبا بالعالم";
  EXPECT_EQ(Only({.at = kDay, .text = words}).text(), words);
}

TEST(PagesTest, PagesGoBackToTheFirstPost) {
  PublicChannel channel = Tea();
  for (int i = 0; i < 45; ++i) channel.Add({.at = kDay + absl::Minutes(i), .text = "p"});
  const PreviewPage newest = Parsed(PreviewPageHtml(channel, {}));
  EXPECT_THAT(newest.posts, SizeIs(20));
  EXPECT_EQ(newest.lowest, 26);
  EXPECT_EQ(newest.highest, 45);
  EXPECT_EQ(newest.before, 26);
  const PreviewPage last = Parsed(PreviewPageHtml(channel, {.before = 6}));
  EXPECT_EQ(last.lowest, 1);
  EXPECT_EQ(last.before, 0);
  const PreviewPage none = Parsed(PreviewPageHtml(channel, {.before = 1}));
  EXPECT_TRUE(none.is_channel);
  EXPECT_THAT(none.posts, IsEmpty());
  EXPECT_EQ(Parsed(PreviewPageHtml(channel, {.before = 26, .without_more = true})).before, 0);
}

TEST(PagesTest, TellsWhyThereIsNoPreview) {
  EXPECT_FALSE(Parsed(ShellHtml()).is_channel);
  PublicChannel channel = Tea();
  EXPECT_FALSE(Parsed(NamePageHtml(&channel, "")).is_channel);
  EXPECT_EQ(*ParseNamePage(NamePageHtml(&channel, "")), NamePage::kChannel);
  channel.kind = "group";
  EXPECT_EQ(*ParseNamePage(NamePageHtml(&channel, "")), NamePage::kGroup);
  channel.kind = "person";
  EXPECT_EQ(*ParseNamePage(NamePageHtml(&channel, "")), NamePage::kPerson);
  EXPECT_EQ(*ParseNamePage(NamePageHtml(nullptr, "nobody")), NamePage::kNothing);
  EXPECT_EQ(*ParseNamePage(ShellHtml()), NamePage::kUnknown);
}

TEST(PagesTest, APageThatWasCutOffIsNoPage) {
  PublicChannel channel = Tea();
  for (int i = 0; i < 5; ++i) channel.Add({.at = kDay, .text = "words that go on"});
  const std::string html = PreviewPageHtml(channel, {});
  for (const double part : {0.5, 0.7, 0.9}) {
    EXPECT_FALSE(ParsePreviewPage(html.substr(0, static_cast<size_t>(html.size() * part))).ok());
  }
}

TEST(PagesTest, OtherMarkupIsNoticed) {
  PublicChannel channel = Tea();
  for (int i = 0; i < 5; ++i) channel.Add({.at = kDay, .text = "words"});
  for (const FoundPost& found : Parsed(PreviewPageHtml(channel, {.other_markup = true})).posts) {
    EXPECT_THAT(found.missing, ElementsAre("views", "text_or_media"));
  }
}

TEST(PagesTest, HostilePagesCostLittle) {
  std::string deep;
  for (int i = 0; i < kMaxTags - 1; ++i) deep += "<div>";
  EXPECT_FALSE(Parsed(deep).is_channel);
  EXPECT_FALSE(ParsePreviewPage(deep + "<div><div>").ok());
  EXPECT_FALSE(ParsePreviewPage(std::string(kMaxPageBytes + 1, ' ')).ok());
}

// Random posts come out as they went in.
TEST(PagesTest, WhatIsWrittenIsRead) {
  std::mt19937 random(22);
  const auto pick = [&](int limit) { return static_cast<int>(random() % limit); };
  static const std::vector<std::string> kWords = {"tea", "чай",  "<b>",   "a&b", "😀🏽",    "\"q\"",
                                                  "'",   "שלום", "&amp;", "x;y", "e\u0301", "日本"};
  for (int round = 0; round < 200; ++round) {
    PublicChannel channel = Tea();
    channel.page_size = 50;
    const int count = 1 + pick(15);
    for (int i = 0; i < count; ++i) {
      PublicPost post;
      post.id = channel.posts.empty() ? 1 + pick(9) : channel.posts.back().last_id() + 1 + pick(4);
      post.at = kDay + absl::Minutes(i);
      for (int word = pick(12); word >= 0; --word) {
        absl::StrAppend(&post.text,
                        post.text.empty() ? ""
                        : pick(6) == 0    ? "\n"
                                          : " ",
                        kWords[pick(static_cast<int>(kWords.size()))]);
      }
      post.edited = pick(4) == 0;
      post.views = pick(999);
      if (pick(3) == 0) post.author = kWords[pick(static_cast<int>(kWords.size()))];
      if (pick(3) == 0) post.reactions = {{"❤", pick(900)}};
      if (pick(4) == 0 && i > 0) post.reply_to = channel.posts.front().id;
      for (int media = pick(4); media > 0; --media) {
        post.media.push_back({.url = absl::StrCat("https://cdn.example/", random(), ".jpg")});
      }
      channel.Add(post);
    }
    const PreviewPage page = Parsed(PreviewPageHtml(channel, {}));
    ASSERT_THAT(page.posts, SizeIs(channel.posts.size()));
    for (size_t i = 0; i < page.posts.size(); ++i) {
      const PublicPost& in = channel.posts[i];
      const v1::Post& out = page.posts[i].post;
      EXPECT_EQ(out.post_number(), in.id);
      EXPECT_EQ(out.text(), in.text);
      EXPECT_EQ(page.posts[i].is_edited, in.edited);
      EXPECT_EQ(out.views(), in.views);
      EXPECT_EQ(out.author(), in.author);
      EXPECT_EQ(out.reply_to_number(), in.reply_to);
      EXPECT_EQ(timestamps::FromProto(out.posted_at()), in.at);
      ASSERT_THAT(out.media(), SizeIs(in.media.size()));
      for (size_t m = 0; m < in.media.size(); ++m) {
        EXPECT_EQ(out.media(static_cast<int>(m)).url(), in.media[m].url);
      }
      EXPECT_EQ(out.album_numbers_size(), in.is_album() ? static_cast<int>(in.media.size()) : 0);
      EXPECT_THAT(page.posts[i].missing, IsEmpty());
    }
  }
}

}  // namespace
}  // namespace selfology::channel_reader
