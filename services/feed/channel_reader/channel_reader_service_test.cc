#include "services/feed/channel_reader/channel_reader_service.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/http/server.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/channel_reader/v1/channel_reader_service_client.h"
#include "selfology/events/v1/channel_reader.pb.h"
#include "services/feed/channel_reader/module.h"
#include "services/feed/channel_reader/store/post_store.h"
#include "testing/mesh_test.h"
#include "testing/proto_matchers.h"
#include "testing/telegram_channels/preview_html.h"
#include "testing/telegram_channels/public_channel.h"

ABSL_DECLARE_FLAG(std::string, channel_reader_telegram_base);
ABSL_DECLARE_FLAG(std::string, channel_reader_bluesky_base);
ABSL_DECLARE_FLAG(std::string, channel_reader_mastodon_base);
ABSL_DECLARE_FLAG(absl::Duration, channel_reader_spacing);
ABSL_DECLARE_FLAG(bool, channel_reader_private_addresses);

namespace selfology::channel_reader {
namespace {

using events::v1::ChannelChanged;
using events::v1::ChannelFollowed;
using events::v1::ChannelOwnerChanged;
using events::v1::ChannelPostDeleted;
using events::v1::ChannelPostEdited;
using events::v1::ChannelPostPublished;
using events::v1::ChannelSourceDrifted;
using ::selfology::telegram_channels::PublicChannel;
using ::selfology::telegram_channels::PublicPost;
using ::selfology::testing::EqualsProto;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kUser = 123456;
constexpr int64_t kOwner = 777;

// t.me, a site with a feed, Bluesky and Mastodon, in one server of the test's.
class Web {
 public:
  Web() {
    const auto handler = [this](const http::Request& request) -> absl::StatusOr<http::Response> {
      return Answer(request);
    };
    auto server = http::Server::Start({}, {{.method = "GET", .path = "/*", .handler = handler}});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  std::string base() const { return absl::StrCat("http://127.0.0.1:", server_->port()); }

  // With the channels of Telegram.
  template <typename Work>
  void Do(Work work) {
    absl::MutexLock lock(&mutex_);
    work(channels_);
  }
  void SetPage(const std::string& path, http::Response response) {
    absl::MutexLock lock(&mutex_);
    pages_[path] = std::move(response);
  }
  void SetQuery(telegram_channels::PreviewQuery query) {
    absl::MutexLock lock(&mutex_);
    faults_ = std::move(query);
  }
  std::vector<std::string> asked() {
    absl::MutexLock lock(&mutex_);
    return asked_;
  }

 private:
  http::Response Answer(const http::Request& request) {
    absl::MutexLock lock(&mutex_);
    std::string asked = request.path;
    if (const auto before = request.Parameter("before"); before.has_value()) {
      absl::StrAppend(&asked, "?before=", *before);
    }
    asked_.push_back(asked);
    if (const auto page = pages_.find(request.path); page != pages_.end()) return page->second;
    const bool is_preview = request.path.starts_with("/s/");
    // Names are the same in any case.
    const std::string name = absl::AsciiStrToLower(request.path.substr(is_preview ? 3 : 1));
    const auto channel = channels_.find(name);
    if (!is_preview) {
      return Html(telegram_channels::NamePageHtml(
          channel == channels_.end() ? nullptr : &channel->second, name));
    }
    if (channel == channels_.end() || channel->second.kind != "channel") {
      http::Response moved = Html("");
      moved.status = 302;
      moved.headers.Set("Location", "/" + name);
      return moved;
    }
    telegram_channels::PreviewQuery query = faults_;
    (void)absl::SimpleAtoi(std::string(request.Parameter("before").value_or("0")), &query.before);
    return Html(telegram_channels::PreviewPageHtml(channel->second, query));
  }
  static http::Response Html(std::string html) {
    http::Response response = http::Response::Text(std::move(html));
    response.headers.Set("Content-Type", "text/html; charset=utf-8");
    return response;
  }

  absl::Mutex mutex_;
  std::map<std::string, PublicChannel> channels_;
  std::map<std::string, http::Response> pages_;
  telegram_channels::PreviewQuery faults_;
  std::vector<std::string> asked_;
  std::unique_ptr<http::Server> server_;
};

class ChannelReaderServiceTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    absl::SetFlag(&FLAGS_channel_reader_telegram_base, web_.base());
    absl::SetFlag(&FLAGS_channel_reader_bluesky_base, web_.base());
    absl::SetFlag(&FLAGS_channel_reader_mastodon_base, web_.base());
    absl::SetFlag(&FLAGS_channel_reader_spacing, absl::ZeroDuration());
    absl::SetFlag(&FLAGS_channel_reader_private_addresses, true);
    StartMesh(::selfology::testing::Modules(MakeModule()));
    client_.emplace(Peer("channel_reader"));
    web_.Do([](auto& channels) {
      PublicChannel tea{
          .username = "daily_tea", .title = "Daily tea", .telegram_id = -1'001'234'567'890};
      for (int i = 1; i <= 45; ++i) {
        tea.Add({.at = absl::Now() - absl::Minutes(100 - i), .text = absl::StrCat("post ", i)});
      }
      channels["daily_tea"] = tea;
    });
  }

  v1::ScrapeResponse Scrape(const std::string& name, int limit = 20,
                            const std::string& language = "") {
    v1::ScrapeRequest request;
    request.set_channel_username(name);
    request.set_limit(limit);
    request.set_language(language);
    const auto response = client_->Scrape(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : v1::ScrapeResponse();
  }
  absl::StatusOr<v1::FollowChannelResponse> Follow(int64_t user_id, const std::string& address) {
    v1::FollowChannelRequest request;
    request.set_user_id(user_id);
    request.set_channel_address(address);
    return client_->FollowChannel(Deadline(), request);
  }
  v1::Channel Push(telegram::v1::ChannelUpdate update, int64_t number) {
    v1::TakeChannelUpdateRequest request;
    request.set_update_key(absl::StrCat("42:", number));
    request.set_update_number(number);
    update.set_chat_id(-1'009'999);
    update.set_title("Owned");
    *request.mutable_update() = std::move(update);
    const auto response = client_->TakeChannelUpdate(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->channel() : v1::Channel();
  }
  static telegram::v1::ChannelUpdate Membership(telegram::v1::ChannelRole role) {
    telegram::v1::ChannelUpdate update;
    update.mutable_membership()->set_role(role);
    update.mutable_membership()->set_changed_by_user_id(kOwner);
    return update;
  }
  std::vector<int64_t> PublishedNumbers() {
    std::vector<int64_t> numbers;
    for (const ChannelPostPublished& event : Published<ChannelPostPublished>()) {
      numbers.push_back(event.post().post_number());
    }
    return numbers;
  }

  Web web_;
  std::optional<v1::ChannelReaderServiceClient> client_;
};

TEST_F(ChannelReaderServiceTest, ScrapesAChannelAndPublishesItsPostsOnceInOrder) {
  const v1::ScrapeResponse first = Scrape("@Daily_Tea", 30);
  EXPECT_TRUE(first.success());
  EXPECT_EQ(first.stored(), 40);
  EXPECT_EQ(first.message(), "40 new posts.");
  EXPECT_EQ(first.channel().title(), "Daily tea");
  EXPECT_EQ(first.channel().telegram_id(), -1'001'234'567'890);
  EXPECT_EQ(first.channel().state(), v1::CHANNEL_STATE_READABLE);
  ASSERT_THAT(first.posts(), SizeIs(30));
  EXPECT_EQ(first.posts(0).text(), "post 45");
  EXPECT_FALSE(first.channel().scope().learn_from_text());

  const v1::ScrapeResponse again = Scrape("https://t.me/daily_tea/7", 30);
  EXPECT_EQ(again.stored(), 0);
  EXPECT_EQ(again.message(), "Nothing new.");
  std::vector<int64_t> expected;
  for (int64_t number = 6; number <= 45; ++number) expected.push_back(number);
  EXPECT_EQ(PublishedNumbers(), expected);
  EXPECT_EQ(Published<ChannelPostPublished>()[0].channel().handle(), "daily_tea");
}

TEST_F(ChannelReaderServiceTest, TextsThatMayNotBeKeptAreForgottenSomeAtATime) {
  Scrape("daily_tea", 30);
  const auto forget = [&](absl::Time before, int64_t limit) {
    const auto forgotten =
        DatabaseAs("selfology_channel_reader").Write(Deadline(), [&](postgres::Transaction& tx) {
          return store::ForgetContents(tx, before, limit);
        });
    EXPECT_TRUE(forgotten.ok()) << forgotten.status();
    return forgotten.value_or(-1);
  };
  const absl::Time later = absl::Now() + absl::Hours(1);
  EXPECT_EQ(forget(absl::Now() - absl::Hours(1), 100), 0) << "they were seen just now";
  EXPECT_EQ(forget(later, 30), 30);
  EXPECT_EQ(forget(later, 30), 10);
  EXPECT_EQ(forget(later, 30), 0);
}

TEST_F(ChannelReaderServiceTest, EditsAndDeletionsAreEventsOnce) {
  Scrape("daily_tea");
  web_.Do([](auto& channels) {
    PublicChannel& tea = channels["daily_tea"];
    tea.Find(44)->text = "post 44, corrected";
    tea.Find(44)->edited = true;
    tea.Remove(43);
    tea.Add({.at = absl::Now(), .text = "post 46"});
  });
  const v1::ScrapeResponse second = Scrape("daily_tea");
  EXPECT_EQ(second.stored(), 1);
  EXPECT_EQ(second.edited(), 1);
  EXPECT_EQ(second.deleted(), 0);  // One reading may be wrong.
  EXPECT_EQ(Scrape("daily_tea").deleted(), 1);
  const v1::ScrapeResponse last = Scrape("daily_tea");
  EXPECT_EQ(last.stored() + last.edited() + last.deleted(), 0);
  const auto edited = Published<ChannelPostEdited>();
  ASSERT_THAT(edited, SizeIs(1));
  EXPECT_EQ(edited[0].post().text(), "post 44, corrected");
  EXPECT_EQ(edited[0].post().revision(), 2);
  EXPECT_TRUE(edited[0].post().has_edited_at());
  const auto deleted = Published<ChannelPostDeleted>();
  ASSERT_THAT(deleted, SizeIs(1));
  EXPECT_EQ(deleted[0].post_number(), 43);
}

TEST_F(ChannelReaderServiceTest, ReadsBackOverAGapAndNeverInCircles) {
  Scrape("daily_tea", 20);
  web_.Do([](auto& channels) {
    for (int i = 46; i <= 100; ++i) {
      channels["daily_tea"].Add({.at = absl::Now(), .text = absl::StrCat("post ", i)});
    }
  });
  web_.SetQuery({.without_more = true});
  EXPECT_EQ(Scrape("daily_tea", 1).stored(), 55);
  web_.SetQuery({.repeats = true});
  const size_t before = web_.asked().size();
  EXPECT_TRUE(Scrape("daily_tea", 100).success());
  EXPECT_EQ(web_.asked().size(), before + 2);
}

TEST_F(ChannelReaderServiceTest, SaysWhyAChannelCannotBeReadAndWhatToDo) {
  web_.Do([](auto& channels) {
    channels["hidden_one"] = {.username = "hidden_one", .title = "Hidden", .kind = "hidden"};
    channels["some_group"] = {.username = "some_group", .title = "Group", .kind = "group"};
  });
  const auto reason = [&](const std::string& name) {
    const v1::ScrapeResponse response = Scrape(name);
    EXPECT_FALSE(response.success());
    EXPECT_FALSE(response.message().empty());
    return response.channel().reason();
  };
  EXPECT_EQ(reason("nobody_here"), v1::UNREADABLE_REASON_NO_SUCH_CHANNEL);
  EXPECT_EQ(reason("hidden_one"), v1::UNREADABLE_REASON_NO_PREVIEW);
  EXPECT_EQ(reason("some_group"), v1::UNREADABLE_REASON_NO_CHANNEL);
  EXPECT_THAT(Scrape("hidden_one", 5, "ru").message(), HasSubstr("администратором"));
  EXPECT_THAT(Scrape("https://t.me/+AbCdEf").message(), HasSubstr("private"));
  EXPECT_THAT(Scrape("not a channel at all").message(), HasSubstr("I do not see a channel"));
  // A page with status 200 that is none.
  web_.SetPage("/s/shelled", http::Response::Text(telegram_channels::ShellHtml()));
  EXPECT_EQ(reason("shelled"), v1::UNREADABLE_REASON_NO_SUCH_CHANNEL);
}

TEST_F(ChannelReaderServiceTest, LeavesAHostAloneThatRefuses) {
  http::Response refusal = http::Response::Text("", 429);
  refusal.headers.Set("Retry-After", "600");
  web_.SetPage("/s/daily_tea", refusal);
  EXPECT_FALSE(Scrape("daily_tea").success());
  const size_t asked = web_.asked().size();
  web_.Do([](auto& channels) { channels["other_tea"] = {.username = "other_tea"}; });
  const v1::ScrapeResponse other = Scrape("other_tea");
  EXPECT_FALSE(other.success());
  EXPECT_THAT(other.message(), HasSubstr("less often"));
  EXPECT_EQ(web_.asked().size(), asked);
}

TEST_F(ChannelReaderServiceTest, APageThatIsCutOffChangesNothing) {
  Scrape("daily_tea");
  std::string html;
  web_.Do([&](auto& channels) {
    html = telegram_channels::PreviewPageHtml(channels["daily_tea"], {});
  });
  web_.SetPage("/s/daily_tea", http::Response::Text(html.substr(0, html.size() / 2)));
  EXPECT_FALSE(Scrape("daily_tea").success());
  EXPECT_FALSE(Scrape("daily_tea").success());
  EXPECT_THAT(Published<ChannelPostEdited>(), IsEmpty());
  EXPECT_THAT(Published<ChannelPostDeleted>(), IsEmpty());
}

TEST_F(ChannelReaderServiceTest, OtherMarkupRaisesTheAlarmAndChangesNoPosts) {
  Scrape("daily_tea");
  web_.SetQuery({.other_markup = true});
  for (int i = 0; i < 6; ++i) {
    const v1::ScrapeResponse response = Scrape("daily_tea");
    EXPECT_EQ(response.channel().reason(), v1::UNREADABLE_REASON_MARKUP_CHANGED);
  }
  EXPECT_THAT(Published<ChannelPostEdited>(), IsEmpty());
  const auto alarms = Published<ChannelSourceDrifted>();
  ASSERT_THAT(alarms, SizeIs(1));
  EXPECT_EQ(alarms[0].source_kind(), "telegram_preview");
  EXPECT_THAT(alarms[0].health().missing_fields(), ElementsAre("text_or_media", "views"));
  const auto sources = client_->GetSources(Deadline(), {});
  ASSERT_TRUE(sources.ok());
  EXPECT_TRUE(sources->sources(0).drifting());
  EXPECT_LT(sources->sources(0).complete_share(), 0.8);
}

TEST_F(ChannelReaderServiceTest, WhoFollowsAChannelHasItReadFromThenOn) {
  const auto followed = Follow(kUser, "@daily_tea");
  ASSERT_TRUE(followed.ok()) << followed.status();
  EXPECT_TRUE(followed->is_new());
  EXPECT_EQ(followed->channel().state(), v1::CHANNEL_STATE_READABLE);
  EXPECT_EQ(followed->channel().followers(), 1);
  EXPECT_TRUE(followed->channel().has_next_read_at());
  const auto again = Follow(kUser, "t.me/daily_tea");
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->is_new());
  EXPECT_THAT(Published<ChannelFollowed>(), SizeIs(1));

  v1::ListFollowedChannelsRequest list;
  list.set_user_id(kUser);
  ASSERT_TRUE(Follow(kUser, "example.invalid/feed").ok());
  list.set_page_size(1);
  auto page = client_->ListFollowedChannels(Deadline(), list);
  ASSERT_TRUE(page.ok());
  ASSERT_THAT(page->channels(), SizeIs(1));
  EXPECT_EQ(page->channels(0).handle(), "daily_tea");
  list.set_page_token(page->next_page_token());
  page = client_->ListFollowedChannels(Deadline(), list);
  ASSERT_TRUE(page.ok());
  ASSERT_THAT(page->channels(), SizeIs(1));
  EXPECT_NE(page->channels(0).advice(), "");
  EXPECT_EQ(page->next_page_token(), "");

  v1::UnfollowChannelRequest unfollow;
  unfollow.set_user_id(kUser);
  unfollow.set_channel_id(followed->channel().channel_id());
  EXPECT_TRUE(client_->UnfollowChannel(Deadline(), unfollow)->was_followed());
  EXPECT_FALSE(client_->UnfollowChannel(Deadline(), unfollow)->was_followed());
  v1::GetChannelRequest get;
  get.set_channel_address("@daily_tea");
  const auto channel = client_->GetChannel(Deadline(), get);
  ASSERT_TRUE(channel.ok());
  EXPECT_EQ(channel->channel().state(), v1::CHANNEL_STATE_IDLE);
  EXPECT_FALSE(channel->channel().has_next_read_at());
}

TEST_F(ChannelReaderServiceTest, WhatIsDueIsReadByItself) {
  v1::FollowChannelRequest request;
  request.set_user_id(kUser);
  request.set_channel_address("@daily_tea");
  request.set_do_not_wait(true);
  const auto followed = client_->FollowChannel(Deadline(), request);
  ASSERT_TRUE(followed.ok()) << followed.status();
  EXPECT_EQ(followed->channel().state(), v1::CHANNEL_STATE_WAITING);
  Await("the channel's posts", [&] { return PublishedNumbers().size() == 20; });
}

TEST_F(ChannelReaderServiceTest, ReadsWebFeedsAndThePagesThatNameThem) {
  web_.SetPage("/blog",
               http::Response::Text("<html><head><link rel=alternate type=application/atom+xml "
                                    "href=/feed.atom></head></html>"));
  web_.SetPage("/feed.atom", http::Response::Text(
                                 "<feed><title>Blog</title><entry><id>b</id><title>Second</title>"
                                 "</entry><entry><id>a</id><title>First</title></entry></feed>"));
  const v1::ScrapeResponse response = Scrape(web_.base() + "/blog");
  EXPECT_TRUE(response.success()) << response.message();
  EXPECT_EQ(response.channel().title(), "Blog");
  EXPECT_TRUE(response.channel().scope().learn_from_text());
  ASSERT_THAT(response.posts(), SizeIs(2));
  EXPECT_EQ(response.posts(0).text(), "Second");
  EXPECT_EQ(response.posts(0).post_number(), 2);
  EXPECT_EQ(Scrape(web_.base() + "/blog").stored(), 0);
}

TEST_F(ChannelReaderServiceTest, ReadsBlueskyAndMastodon) {
  web_.SetPage(
      "/xrpc/app.bsky.actor.getProfile",
      http::Response::Json(R"json({"handle":"alice.bsky.social","displayName":"Alice"})json"));
  web_.SetPage("/xrpc/app.bsky.feed.getAuthorFeed",
               http::Response::Json(R"json({"feed":[{"post":{"uri":"at://x/y/z",
      "author":{"handle":"alice.bsky.social"},"record":{"text":"hi","createdAt":"2024-01-15T10:30:00Z"}}}]})json"));
  web_.SetPage("/api/v1/accounts/lookup",
               http::Response::Json(R"json({"id":"9","acct":"bob","display_name":"Bob"})json"));
  web_.SetPage("/api/v1/accounts/9/statuses",
               http::Response::Json(R"json([{"id":"1","uri":"u1","url":"https://m.example/1",
      "created_at":"2024-01-15T10:30:00Z","content":"<p>hello</p>"}])json"));
  const v1::ScrapeResponse alice = Scrape("alice.bsky.social");
  ASSERT_THAT(alice.posts(), SizeIs(1)) << alice.message();
  EXPECT_EQ(alice.posts(0).text(), "hi");
  const v1::ScrapeResponse bob = Scrape("@bob@m.example");
  ASSERT_THAT(bob.posts(), SizeIs(1)) << bob.message();
  EXPECT_EQ(bob.posts(0).text(), "hello");
}

TEST_F(ChannelReaderServiceTest, TheOwnersChannelIsPushedAndBoundByTheirConsent) {
  const v1::Channel added = Push(Membership(telegram::v1::CHANNEL_ROLE_ADMINISTRATOR), 1);
  EXPECT_EQ(added.source(), v1::SOURCE_KIND_TELEGRAM_BOT);
  EXPECT_EQ(added.owner_user_id(), kOwner);
  EXPECT_TRUE(added.scope().show());
  EXPECT_FALSE(added.scope().learn_from_text());
  const auto owned = Published<ChannelOwnerChanged>();
  ASSERT_THAT(owned, SizeIs(1));
  EXPECT_TRUE(owned[0].bot_is_there());

  telegram::v1::ChannelUpdate update;
  update.mutable_post()->set_message_id(5);
  update.mutable_post()->set_text("first");
  update.mutable_post()->mutable_posted_at()->set_seconds(1'700'000'000);
  Push(update, 2);
  Push(update, 2);  // Told twice.
  telegram::v1::ChannelUpdate edit;
  *edit.mutable_edited_post() = update.post();
  edit.mutable_edited_post()->set_text("second");
  Push(edit, 4);
  edit.mutable_edited_post()->set_text("an older edit");
  Push(edit, 3);
  ASSERT_THAT(Published<ChannelPostPublished>(), SizeIs(1));
  const auto edited = Published<ChannelPostEdited>();
  ASSERT_THAT(edited, SizeIs(1));
  EXPECT_EQ(edited[0].post().text(), "second");

  v1::SetChannelScopeRequest scope;
  scope.set_user_id(kUser);
  scope.set_channel_id(added.channel_id());
  scope.mutable_scope()->set_learn_from_text(true);
  EXPECT_EQ(client_->SetChannelScope(Deadline(), scope).status().code(),
            absl::StatusCode::kFailedPrecondition);
  scope.set_user_id(kOwner);
  const auto changed = client_->SetChannelScope(Deadline(), scope);
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_TRUE(changed->channel().scope().learn_from_text());
  const auto changes = Published<ChannelChanged>();
  EXPECT_TRUE(changes.back().scope_changed());
  // Not to be shown any more.
  v1::ListPostsRequest posts;
  posts.set_channel_id(added.channel_id());
  const auto listed = client_->ListPosts(Deadline(), posts);
  ASSERT_TRUE(listed.ok());
  ASSERT_THAT(listed->posts(), SizeIs(1));
  EXPECT_EQ(listed->posts(0).text(), "");
  EXPECT_EQ(listed->posts(0).text_length(), 6);

  const v1::Channel removed = Push(Membership(telegram::v1::CHANNEL_ROLE_NONE), 5);
  EXPECT_EQ(removed.reason(), v1::UNREADABLE_REASON_BOT_REMOVED);
  EXPECT_EQ(removed.owner_user_id(), 0);
  v1::ListConsentsRequest consents;
  consents.set_channel_id(added.channel_id());
  const auto log = client_->ListConsents(Deadline(), consents);
  ASSERT_TRUE(log.ok());
  ASSERT_THAT(log->consents(), SizeIs(3));
  EXPECT_FALSE(log->consents(0).scope().show());
  EXPECT_EQ(log->consents(2).given_by_user_id(), kOwner);
}

TEST_F(ChannelReaderServiceTest, AnAlbumsPartsBecomeOnePost) {
  Push(Membership(telegram::v1::CHANNEL_ROLE_ADMINISTRATOR), 1);
  for (int part = 0; part < 3; ++part) {
    telegram::v1::ChannelUpdate update;
    telegram::v1::ChannelPost& post = *update.mutable_post();
    post.set_message_id(10 + part);
    post.set_album("a1");
    if (part == 0) post.set_text("three cups");
    post.mutable_posted_at()->set_seconds(1'700'000'000);
    telegram::v1::Media& media = *post.add_media();
    media.set_kind(telegram::v1::CONTENT_KIND_PHOTO);
    media.set_media_id(absl::StrCat("m", part));
    Push(update, 2 + part);
    Push(update, 2 + part);
  }
  ASSERT_THAT(Published<ChannelPostPublished>(), SizeIs(1));
  const auto edited = Published<ChannelPostEdited>();
  ASSERT_THAT(edited, SizeIs(2));
  EXPECT_THAT(edited[1].post().album_numbers(), ElementsAre(10, 11, 12));
  EXPECT_THAT(edited[1].post().media(), SizeIs(3));
  EXPECT_EQ(edited[1].post().text(), "three cups");
  EXPECT_EQ(edited[1].post().post_number(), 10);
}

TEST_F(ChannelReaderServiceTest, AnOperatorSwitchesAKindOfSource) {
  Scrape("daily_tea");
  v1::SetSourceScopeRequest request;
  request.set_source(v1::SOURCE_KIND_TELEGRAM_PREVIEW);
  const auto off = client_->SetSourceScope(Deadline(), request);
  ASSERT_TRUE(off.ok()) << off.status();
  EXPECT_FALSE(off->source().enabled());
  const v1::ScrapeResponse response = Scrape("daily_tea");
  EXPECT_FALSE(response.success());
  EXPECT_EQ(response.channel().reason(), v1::UNREADABLE_REASON_NOT_CONFIGURED);
  ASSERT_FALSE(response.posts().empty());
  EXPECT_EQ(response.posts(0).text(), "");
}

TEST_F(ChannelReaderServiceTest, NothingIsToBeJoinedWithoutAnAccount) {
  v1::JoinRequest request;
  request.set_channel_username("https://t.me/+AbCd");
  const auto response = client_->Join(Deadline(), request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_FALSE(response->success());
  EXPECT_THAT(response->message(), HasSubstr("nothing to join"));
}

TEST_F(ChannelReaderServiceTest, NamesWhatIsWrongWithARequest) {
  EXPECT_THAT(status::Violations(client_->Scrape(Deadline(), {}).status()), SizeIs(1));
  v1::ScrapeRequest many;
  many.set_channel_username("daily_tea");
  many.set_limit(101);
  EXPECT_THAT(status::Violations(client_->Scrape(Deadline(), many).status()), SizeIs(1));
  EXPECT_THAT(status::Violations(Follow(0, "").status()), SizeIs(2));
  EXPECT_THAT(status::Violations(Follow(kUser, "t.me/+AbCd").status()), SizeIs(1));
  EXPECT_THAT(status::Violations(client_->TakeChannelUpdate(Deadline(), {}).status()), SizeIs(4));
}

TEST_F(ChannelReaderServiceTest, ErasesWhatAPersonFollows) {
  ASSERT_TRUE(Follow(kUser, "daily_tea").ok());
  ASSERT_TRUE(Follow(kOwner, "daily_tea").ok());
  v1::DeleteUserDataRequest request;
  request.set_user_id(kUser);
  const auto erased = client_->DeleteUserData(Deadline(), request);
  ASSERT_TRUE(erased.ok()) << erased.status();
  EXPECT_EQ(erased->deleted_rows(), 1);
  v1::GetChannelRequest get;
  get.set_channel_address("daily_tea");
  EXPECT_EQ(client_->GetChannel(Deadline(), get)->channel().followers(), 1);
}

}  // namespace
}  // namespace selfology::channel_reader
