// What others write, heard at stand-ins of platforms, and answered there.
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "selfology/events/v1/notification.pb.h"
#include "selfology/events/v1/social.pb.h"
#include "selfology/events/v1/webhook.pb.h"
#include "services/studio/social/studio_fixture_test.h"
#include "testing/proto_matchers.h"

namespace selfology::social {
namespace {

using events::v1::NotificationRequested;
using events::v1::SocialCommentReceived;
using events::v1::SocialReplyPublished;
using events::v1::SocialReplyRefused;
using ::selfology::testing::EqualsProto;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CommentsTest : public StudioTest {
 protected:
  std::vector<v1::Comment> Comments(bool unanswered = false) {
    v1::ListCommentsRequest request;
    request.set_user_id(kUser);
    request.set_unanswered(unanswered);
    const auto response = comments_->ListComments(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok()) return {};
    return {response->comments().begin(), response->comments().end()};
  }
  // Waits; time goes on meanwhile, so that who was just asked when it was put forward is asked again.
  void AwaitLater(const std::string& what, const std::function<bool()>& condition) {
    Await(what, [&, latest = skew_minutes_ + 180] {
      if (condition()) return true;
      if (skew_minutes_ < latest) skew_minutes_ += 1;
      return false;
    });
  }
  // Newest first, once there are so many.
  std::vector<v1::Comment> AwaitComments(size_t count) {
    AwaitLater(absl::StrCat(count, " comments"), [&] { return Comments().size() >= count; });
    return Comments();
  }
  // Five minutes later platforms are asked again.
  void HearAgain(const std::string& platform) {
    const int before = voices_.questions(platform);
    skew_minutes_ += 6;
    AwaitLater(platform + " to be asked", [&] { return voices_.questions(platform) > before; });
  }
  absl::StatusOr<v1::AnswerCommentResponse> Answer(int64_t comment_id, const std::string& text,
                                                   const std::string& key = "1") {
    v1::AnswerCommentRequest request;
    request.set_user_id(kUser);
    request.set_comment_id(comment_id);
    request.set_text(text);
    request.set_idempotency_key(key);
    return comments_->AnswerComment(Deadline(), request);
  }
};

TEST_F(CommentsTest, EachIsKeptAndToldOfOnce) {
  const int64_t account = Connect(v1::PLATFORM_MASTODON);
  const v1::Publication post = Publish(account, "hello");
  voices_.Say("mastodon", {.id = "900",
                           .author = "ann@b.example",
                           .text = "well <b>said</b>",
                           .below = post.remote_id(),
                           .at = Now()});
  voices_.Say("mastodon",
              {.id = "901", .author = "bob", .text = "@me look", .at = Now() + absl::Seconds(1)});
  HearAgain("mastodon");
  const std::vector<v1::Comment> comments = AwaitComments(2);
  ASSERT_THAT(comments, SizeIs(2));
  EXPECT_EQ(comments[0].kind(), v1::COMMENT_KIND_MENTION);
  EXPECT_THAT(comments[0].author(), HasSubstr("@bob@127.0.0.1"));
  EXPECT_EQ(comments[0].publication_id(), 0);
  EXPECT_EQ(comments[1].kind(), v1::COMMENT_KIND_COMMENT);
  EXPECT_EQ(comments[1].author(), "@ann@b.example");
  EXPECT_EQ(comments[1].text(), "well said");
  EXPECT_EQ(comments[1].url(), "https://b.example/@ann/900");
  EXPECT_EQ(comments[1].publication_id(), post.publication_id());
  const auto received = AwaitPublished<SocialCommentReceived>(2);
  EXPECT_EQ(received[0].text(), "well said");
  EXPECT_EQ(received[0].publication_id(), post.publication_id());
  EXPECT_EQ(received[1].kind(), v1::COMMENT_KIND_MENTION);
  const auto told = AwaitPublished<NotificationRequested>(2);
  EXPECT_EQ(told[0].kind(), "social.comment");
  EXPECT_EQ(told[1].kind(), "social.mention");
  EXPECT_EQ(told[1].parameters().at("platform"), "Mastodon");

  // Also when all of it is told anew, as after a crash before it was written down how far it was read.
  ASSERT_TRUE(DatabaseAs("selfology_social")
                  .Write(Deadline(),
                         [](postgres::Transaction& tx) {
                           return tx.Execute("UPDATE social_accounts SET heard_to = ''");
                         })
                  .ok());
  HearAgain("mastodon");
  voices_.Say("mastodon", {.id = "902", .author = "eve", .text = "third", .at = Now()});
  HearAgain("mastodon");
  EXPECT_THAT(AwaitComments(3), SizeIs(3));
  EXPECT_THAT(AwaitPublished<SocialCommentReceived>(3), SizeIs(3));
}

TEST_F(CommentsTest, NobodyIsToldOfWhatWasThereBefore) {
  voices_.Say("mastodon",
              {.id = "1", .author = "ann", .text = "old", .at = Now() - absl::Hours(9)});
  Connect(v1::PLATFORM_MASTODON);
  EXPECT_THAT(AwaitComments(1), SizeIs(1));
  voices_.Say("mastodon",
              {.id = "2", .author = "ann", .text = "new", .at = Now() + absl::Hours(1)});
  skew_minutes_ += 60;
  HearAgain("mastodon");
  AwaitComments(2);
  const auto received = AwaitPublished<SocialCommentReceived>();
  ASSERT_THAT(received, SizeIs(1));
  EXPECT_EQ(received[0].text(), "new");
}

TEST_F(CommentsTest, MoreThanAPageIsReadWhole) {
  Connect(v1::PLATFORM_MASTODON);
  Connect(v1::PLATFORM_BLUESKY);
  Await("both to be asked",
        [&] { return voices_.questions("mastodon") > 0 && voices_.questions("bluesky") > 0; });
  for (const char* platform : {"mastodon", "bluesky"}) {
    voices_.Say(platform, {.id = "0", .author = "ann", .text = "first", .at = Now()});
  }
  HearAgain("mastodon");
  AwaitComments(2);
  for (int i = 1; i <= 95; ++i) {
    const absl::Time at = Now() + absl::Milliseconds(i);
    voices_.Say("mastodon", {.id = absl::StrCat(i), .author = "ann", .text = "m", .at = at});
    if (i <= 9) {
      voices_.Say("bluesky", {.id = absl::StrCat(i), .author = "ann", .text = "b", .at = at});
    }
  }
  AwaitLater("all of them", [&] {
    v1::ListCommentsRequest request;
    request.set_user_id(kUser);
    request.set_page_size(200);
    const auto response = comments_->ListComments(Deadline(), request);
    return response.ok() && response->comments_size() == 2 + 95 + 9;
  });
  v1::ListCommentsRequest request;
  request.set_user_id(kUser);
  std::set<int64_t> ids;
  do {
    const auto page = comments_->ListComments(Deadline(), request);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_LE(page->comments_size(), 50);
    for (const v1::Comment& comment : page->comments()) ids.insert(comment.comment_id());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(ids, SizeIs(2 + 95 + 9));
  // Who was written to by so many at once gets one message of it.
  const auto told = AwaitPublished<NotificationRequested>(2 + 95 + 9);
  EXPECT_FALSE(told.front().digest());
  EXPECT_TRUE(told.back().digest());
}

TEST_F(CommentsTest, AnAnswerIsThereOnceWhateverBreaks) {
  const int64_t mastodon = Connect(v1::PLATFORM_MASTODON);
  const int64_t bluesky = Connect(v1::PLATFORM_BLUESKY);
  const v1::Publication below = Publish(bluesky, "hello");
  voices_.Say("mastodon", {.id = "900",
                           .author = "ann@b.example",
                           .text = "@me in private",
                           .at = Now(),
                           .visibility = "direct"});
  voices_.Say("bluesky", {.id = "3kann",
                          .author = "ann.example",
                          .text = "well said",
                          .below = below.remote_id(),
                          .at = Now()});
  HearAgain("mastodon");
  int key = 0;
  for (const v1::Comment& comment : AwaitComments(2)) {
    const bool at_mastodon = comment.platform() == v1::PLATFORM_MASTODON;
    EXPECT_EQ(comment.account_id(), at_mastodon ? mastodon : bluesky);
    const std::string name = at_mastodon ? "mastodon" : "bluesky";
    for (const Fault fault :
         {Fault::kNone, Fault::kDropAfter, Fault::k502After, Fault::kDropBefore}) {
      const size_t before = platforms_.posts(name).size();
      platforms_.Fail(name, {fault});
      const std::string text = absl::StrCat("thank you ", ++key);
      const auto sent = Answer(comment.comment_id(), text, text);
      ASSERT_TRUE(sent.ok()) << sent.status();
      EXPECT_THAT(*Answer(comment.comment_id(), text, text), EqualsProto(*sent));
      const v1::Publication answer = Settled(sent->publication().publication_id());
      EXPECT_EQ(answer.state(), v1::PUBLICATION_STATE_PUBLISHED) << answer.reason();
      EXPECT_EQ(answer.comment_id(), comment.comment_id());
      const std::vector<FakePlatforms::Post> posts = platforms_.posts(name);
      ASSERT_THAT(posts, SizeIs(before + 1)) << name << key;
      EXPECT_EQ(posts.back().text, at_mastodon ? "@ann@b.example " + text : text);
      // Bluesky's stand-in keeps the parent's digest, without its first three letters.
      EXPECT_EQ(posts.back().reply_to, at_mastodon ? "900" : "3kann");
      EXPECT_EQ(posts.back().audience, at_mastodon ? "direct" : "");
    }
  }
  EXPECT_THAT(AwaitPublished<SocialReplyPublished>(8), SizeIs(8));
  // Answers are no posts.
  EXPECT_THAT(AwaitPublished<events::v1::SocialPostPublished>(), SizeIs(1));
  v1::GetMetricsRequest metrics;
  metrics.set_user_id(kUser);
  const auto sums = client_->GetMetrics(Deadline(), metrics);
  ASSERT_TRUE(sums.ok());
  ASSERT_THAT(sums->accounts(), SizeIs(1));
  EXPECT_EQ(sums->accounts(0).publications(), 1);
}

TEST_F(CommentsTest, FacebookSaysByWebhookThatThereIsSomething) {
  const int64_t account = Connect(v1::PLATFORM_FACEBOOK);
  const v1::Publication post = Publish(account, "hello");
  // It was asked when it was connected, and is not due for five minutes.
  Await("the first answer", [&] {
    const auto heard =
        DatabaseAs("selfology_social").Read(Deadline(), [&](postgres::Transaction& tx) {
          return tx.QueryOne<int64_t>("SELECT count(*) FROM social_accounts WHERE hear_at > $1",
                                      Now() + absl::Minutes(4));
        });
    return heard.ok() && std::get<0>(**heard) == 1;
  });
  sites_.Say({.id = "17_1_5", .post = post.remote_id(), .text = "well said"});
  sites_.Say({.id = "17_1_6", .post = post.remote_id(), .text = "indeed", .parent = "17_1_5"});
  sites_.Say({.id = "17_1_7", .post = post.remote_id(), .text = "my own", .from = "17"});
  sites_.Say({.id = "9_3", .post = "", .text = "with my page"});
  // No time passes: it is the webhook that makes it be asked.
  events::v1::WebhookReceived webhook;
  webhook.set_endpoint_id("e");
  webhook.set_user_id(kUser);
  webhook.set_provider("facebook");
  webhook.set_event_kind("feed");
  webhook.set_body(
      R"({"object": "page", "entry": [{"id": "17", "changes": [{"field": "feed"}]}]})");
  Publish(webhook);
  Await("what it told", [&] { return Comments().size() >= 3; });
  const std::vector<v1::Comment> comments = Comments();
  ASSERT_THAT(comments, SizeIs(3));
  std::set<std::string> texts;
  int64_t indeed = 0;
  for (const v1::Comment& comment : comments) {
    texts.insert(comment.text());
    const bool is_mention = comment.text() == "with my page";
    EXPECT_EQ(comment.kind(), is_mention ? v1::COMMENT_KIND_MENTION : v1::COMMENT_KIND_COMMENT);
    EXPECT_EQ(comment.publication_id(), is_mention ? 0 : post.publication_id());
    if (comment.text() == "indeed") indeed = comment.comment_id();
  }
  EXPECT_THAT(texts, ElementsAre("indeed", "well said", "with my page"));
  sites_.Fail("facebook", {{.status = 502, .happens = true}});
  const auto sent = Answer(indeed, "thank you");
  ASSERT_TRUE(sent.ok()) << sent.status();
  EXPECT_EQ(Settled(sent->publication().publication_id()).state(), v1::PUBLICATION_STATE_PUBLISHED);
  ASSERT_THAT(sites_.posts("facebook"), SizeIs(2));
  EXPECT_EQ(sites_.posts("facebook")[1].below, "17_1_5") << "below the first comment";
  EXPECT_EQ(sites_.calls("facebook"), 2);
}

TEST_F(CommentsTest, ListsWhatHasNoAnswer) {
  Connect(v1::PLATFORM_MASTODON);
  voices_.Say("mastodon", {.id = "1", .author = "ann@b.example", .text = "one", .at = Now()});
  voices_.Say("mastodon", {.id = "2", .author = "bob@b.example", .text = "two", .at = Now()});
  HearAgain("mastodon");
  const int64_t first = AwaitComments(2)[1].comment_id();
  EXPECT_THAT(Comments(/*unanswered=*/true), SizeIs(2));
  platforms_.Fail("mastodon", {Fault::k422});
  const auto refused = Answer(first, "no", "1");
  ASSERT_TRUE(refused.ok()) << refused.status();
  EXPECT_EQ(Settled(refused->publication().publication_id()).state(),
            v1::PUBLICATION_STATE_REFUSED);
  const auto told = AwaitPublished<SocialReplyRefused>();
  EXPECT_EQ(told[0].comment_id(), first);
  EXPECT_THAT(told[0].reason(), HasSubstr("422"));
  EXPECT_THAT(Comments(/*unanswered=*/true), SizeIs(2)) << "a refused answer is none";
  const auto sent = Answer(first, "yes", "2");
  ASSERT_TRUE(sent.ok()) << sent.status();
  Settled(sent->publication().publication_id());
  const std::vector<v1::Comment> open = Comments(/*unanswered=*/true);
  ASSERT_THAT(open, SizeIs(1));
  EXPECT_EQ(open[0].text(), "two");
  EXPECT_EQ(Comments()[1].answer().text(), "@ann@b.example yes");
  EXPECT_FALSE(Comments()[0].has_answer());
}

TEST_F(CommentsTest, AnAnswerThatWaitsIsRefusedWithItsAccountWhateverElseWaits) {
  const int64_t account = Connect(v1::PLATFORM_MASTODON);
  voices_.Say("mastodon", {.id = "1", .author = "ann@b.example", .text = "one", .at = Now()});
  HearAgain("mastodon");
  const int64_t comment = AwaitComments(1)[0].comment_id();
  v1::PublishRequest later;
  later.set_user_id(kUser);
  later.add_account_ids(account);
  later.set_text("tomorrow");
  later.set_idempotency_key("tomorrow");
  later.mutable_publish_at()->set_seconds(absl::ToUnixSeconds(Now() + absl::Hours(24)));
  ASSERT_TRUE(client_->Publish(Deadline(), later).ok());
  platforms_.Fail("mastodon", std::vector<Fault>(1000, Fault::kDropBefore));
  const auto sent = Answer(comment, "thank you");
  ASSERT_TRUE(sent.ok()) << sent.status();
  v1::DisconnectAccountRequest disconnect;
  disconnect.set_user_id(kUser);
  disconnect.set_account_id(account);
  ASSERT_TRUE(client_->DisconnectAccount(Deadline(), disconnect).ok());
  const v1::Publication answer = Get(sent->publication().publication_id()).publication();
  EXPECT_EQ(answer.state(), v1::PUBLICATION_STATE_REFUSED);
  EXPECT_EQ(answer.reason(), "the account was disconnected");
  EXPECT_THAT(AwaitPublished<SocialReplyRefused>(), SizeIs(1));
}

TEST_F(CommentsTest, NamesWhatIsWrongAndForgets) {
  const int64_t account = Connect(v1::PLATFORM_MASTODON);
  voices_.Say("mastodon", {.id = "1", .author = "ann", .text = "one", .at = Now()});
  HearAgain("mastodon");
  const int64_t comment = AwaitComments(1)[0].comment_id();
  EXPECT_EQ(Answer(comment, " ").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Answer(comment, std::string(1001, 'a')).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Answer(comment + 1, "a").status().code(), absl::StatusCode::kNotFound);
  v1::AnswerCommentRequest others;
  others.set_user_id(kUser + 1);
  others.set_comment_id(comment);
  others.set_text("a");
  others.set_idempotency_key("1");
  EXPECT_EQ(comments_->AnswerComment(Deadline(), others).status().code(),
            absl::StatusCode::kNotFound);
  v1::DisconnectAccountRequest disconnect;
  disconnect.set_user_id(kUser);
  disconnect.set_account_id(account);
  ASSERT_TRUE(client_->DisconnectAccount(Deadline(), disconnect).ok());
  EXPECT_THAT(Comments(), IsEmpty());
}

TEST_F(CommentsTest, NothingOfWhatTheyWereToldIsLeftOfWhoIsErased) {
  Connect(v1::PLATFORM_MASTODON);
  voices_.Say("mastodon", {.id = "1", .author = "ann", .text = "one", .at = Now()});
  HearAgain("mastodon");
  AwaitComments(1);
  v1::DeleteUserDataRequest erase;
  erase.set_user_id(kUser);
  const auto erased = client_->DeleteUserData(Deadline(), erase);
  ASSERT_TRUE(erased.ok()) << erased.status();
  const auto left = DatabaseAs("selfology_social").Read(Deadline(), [](postgres::Transaction& tx) {
    return tx.QueryOne<int64_t>("SELECT count(*) FROM social_comments");
  });
  ASSERT_TRUE(left.ok()) << left.status();
  EXPECT_EQ(std::get<0>(**left), 0);
}

}  // namespace
}  // namespace selfology::social
