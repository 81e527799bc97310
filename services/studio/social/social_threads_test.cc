// Threads, first comments, pictures and edits through the whole service, at stand-ins of platforms.
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/social.pb.h"
#include "selfology/file/v1/file_service_endpoints.h"
#include "selfology/social/v1/social_service_client.h"
#include "services/studio/social/fake_platforms_test.h"
#include "services/studio/social/module.h"
#include "services/studio/social/settings.h"
#include "testing/mesh_test.h"
#include "testing/serving_module.h"

namespace selfology::social {
namespace {

using events::v1::SocialPostPublished;
using events::v1::SocialPostRefused;
using events::v1::SocialThreadStopped;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kUser = 123456;
constexpr char kPng[] = "00000000-0000-4000-8000-000000000001";
constexpr char kText[] = "00000000-0000-4000-8000-000000000002";
constexpr char kGone[] = "00000000-0000-4000-8000-000000000003";
constexpr char kAway[] = "00000000-0000-4000-8000-000000000004";
constexpr char kChecked[] = "00000000-0000-4000-8000-000000000005";

// A large PNG, a text, and nothing else; pictures become JPEGs of five bytes.
class FakeFiles final : public file::v1::FileServiceEndpoints {
 public:
  absl::StatusOr<file::v1::GetFileResponse> GetFile(
      const Call&, const file::v1::GetFileRequest& request) override {
    if (request.file_id() == kGone) return absl::NotFoundError("no such file");
    if (request.file_id() == kAway) return absl::UnavailableError("10.0.0.7: refused");
    file::v1::GetFileResponse response;
    file::v1::File& file = *response.mutable_file();
    file.set_name("cat.png");
    file.set_state(request.file_id() == kChecked ? file::v1::FILE_STATE_CHECKING
                                                 : file::v1::FILE_STATE_READY);
    file.set_media_type(request.file_id() == kPng ? "image/png" : "text/plain");
    file.set_size_bytes(9'000'000);
    file.set_width(4000);
    file.set_height(3000);
    return response;
  }
  absl::StatusOr<file::v1::ProcessFileResponse> ProcessFile(
      const Call&, const file::v1::ProcessFileRequest& request) override {
    EXPECT_GT(request.max_bytes(), 0);
    file::v1::ProcessFileResponse response;
    file::v1::Variant& variant = *response.mutable_variant();
    variant.set_variant("small");
    variant.set_media_type("image/jpeg");
    variant.set_width(2048);
    variant.set_height(1536);
    variant.set_size_bytes(5);
    return response;
  }
  absl::StatusOr<file::v1::ReadFileResponse> ReadFile(
      const Call&, const file::v1::ReadFileRequest& request) override {
    EXPECT_EQ(request.variant(), "small");
    file::v1::ReadFileResponse response;
    // In two pieces.
    response.set_content(request.offset_bytes() == 0 ? "abc" : "de");
    response.set_size_bytes(5);
    return response;
  }
#define NOT_ASKED_OF_IT(Method)                                                                    \
  absl::StatusOr<file::v1::Method##Response> Method(const Call&, const file::v1::Method##Request&) \
      override {                                                                                   \
    return absl::UnimplementedError("not asked of it");                                            \
  }
  NOT_ASKED_OF_IT(StoreFile)
  NOT_ASKED_OF_IT(CreateUpload)
  NOT_ASKED_OF_IT(AppendUpload)
  NOT_ASKED_OF_IT(GetUpload)
  NOT_ASKED_OF_IT(ListFiles)
  NOT_ASKED_OF_IT(GetUsage)
  NOT_ASKED_OF_IT(ProcessVideo)
  NOT_ASKED_OF_IT(CreateLink)
  NOT_ASKED_OF_IT(DeleteFile)
  NOT_ASKED_OF_IT(CheckErasures)
#undef NOT_ASKED_OF_IT
};

const std::map<v1::Platform, std::string> kPlatforms = {{v1::PLATFORM_TELEGRAM, "telegram"},
                                                        {v1::PLATFORM_MASTODON, "mastodon"},
                                                        {v1::PLATFORM_BLUESKY, "bluesky"},
                                                        {v1::PLATFORM_WORDPRESS, "wordpress"}};

class SocialThreadsTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    platforms_.clock = [this] { return Now(); };
    StartMesh(::selfology::testing::Modules(
                  MakeModule({.addresses = {.telegram = platforms_.url(),
                                            .telegram_web = platforms_.url(),
                                            .bluesky = platforms_.url()},
                              .private_servers = true,
                              .idle = absl::Milliseconds(20)}),
                  ::selfology::testing::ServingModule("file", std::make_shared<FakeFiles>())),
              [this](service::Settings& kernel) { kernel.clock = [this] { return Now(); }; });
    client_.emplace(Peer("social"));
  }
  void TearDown() override { StopMesh(); }

  absl::Time Now() const { return absl::Now() + absl::Minutes(skew_minutes_.load()); }

  int64_t Connect(v1::Platform platform) {
    v1::ConnectAccountRequest request;
    request.set_user_id(kUser);
    request.set_platform(platform);
    request.set_secret("good");
    if (platform == v1::PLATFORM_TELEGRAM) {
      request.set_target("@channel");
    } else {
      request.set_server(platforms_.url());
    }
    if (platform == v1::PLATFORM_BLUESKY || platform == v1::PLATFORM_WORDPRESS) {
      request.set_login("me");
    }
    const auto account = client_->ConnectAccount(Deadline(), request);
    EXPECT_TRUE(account.ok()) << account.status();
    return account.ok() ? account->account().account_id() : 0;
  }
  static v1::PublishRequest Saying(int64_t account, const std::string& text) {
    v1::PublishRequest request;
    request.set_user_id(kUser);
    request.add_account_ids(account);
    request.set_text(text);
    request.set_idempotency_key(absl::StrCat(account, text));
    return request;
  }
  std::vector<v1::Publication> All() {
    v1::ListPublicationsRequest request;
    request.set_user_id(kUser);
    const auto response = client_->ListPublications(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return {response->publications().rbegin(), response->publications().rend()};
  }
  void AwaitAll(v1::PublicationState state) {
    Await("all publications to be so", [&] {
      for (const v1::Publication& publication : All()) {
        // What is unknown is looked up in a while.
        if (publication.state() == v1::PUBLICATION_STATE_UNKNOWN) skew_minutes_ += 1;
        if (publication.state() != state) return false;
      }
      return true;
    });
  }

  FakePlatforms platforms_;
  std::atomic<int> skew_minutes_ = 0;
  std::optional<v1::SocialServiceClient> client_;
};

TEST_F(SocialThreadsTest, APartAnswersTheOneBeforeItAndTheCommentTheLast) {
  for (const auto& [platform, name] : kPlatforms) {
    if (platform == v1::PLATFORM_WORDPRESS) continue;
    v1::PublishRequest request = Saying(Connect(platform), "one");
    request.add_thread("two");
    request.add_thread("two");  // The same words: still another part.
    request.set_first_comment("comment");
    ASSERT_TRUE(client_->Publish(Deadline(), request).ok());
    AwaitAll(v1::PUBLICATION_STATE_PUBLISHED);
    const std::vector<FakePlatforms::Post> posts = platforms_.posts(name);
    ASSERT_THAT(posts, SizeIs(4)) << name;
    const auto id = [&](int i) {
      return platform == v1::PLATFORM_BLUESKY ? posts[i].key : posts[i].id;
    };
    EXPECT_EQ(posts[0].reply_to, "");
    for (int i = 1; i < 4; ++i) EXPECT_EQ(posts[i].reply_to, id(i - 1)) << name << i;
    EXPECT_EQ(posts[3].text, "comment");
  }
  EXPECT_THAT(Published<SocialPostPublished>(), SizeIs(3));  // One for a thread.
  const std::vector<v1::Publication> all = All();
  EXPECT_EQ(all[3].part(), 3);
  EXPECT_EQ(all[3].thread_id(), all[0].publication_id());
}

TEST_F(SocialThreadsTest, ALostAnswerWithinAThreadMakesNoDouble) {
  for (const auto& [platform, name] : kPlatforms) {
    // At Telegram it takes the page minutes, which social_service_test waits for.
    if (platform == v1::PLATFORM_TELEGRAM) continue;
    v1::PublishRequest request = Saying(Connect(platform), "one " + name);
    if (platform != v1::PLATFORM_WORDPRESS) request.add_thread("one " + name);
    request.set_first_comment("comment");
    platforms_.Fail(name, {Fault::kNone, Fault::kDropAfter, Fault::k502After});
    ASSERT_TRUE(client_->Publish(Deadline(), request).ok());
    AwaitAll(v1::PUBLICATION_STATE_PUBLISHED);
    EXPECT_THAT(platforms_.posts(name), SizeIs(platform == v1::PLATFORM_WORDPRESS ? 2 : 3)) << name;
  }
}

// As most users of WordPress: they see comments as everybody does.
TEST_F(SocialThreadsTest, AnAuthorsCommentIsFoundAgainAndChanged) {
  platforms_.MayNotModerate();
  v1::PublishRequest request = Saying(Connect(v1::PLATFORM_WORDPRESS), "one");
  request.set_first_comment("It's <so> & \"so\"");
  platforms_.Fail("wordpress", {Fault::kNone, Fault::k502After});
  const auto sent = client_->Publish(Deadline(), request);
  ASSERT_TRUE(sent.ok()) << sent.status();
  AwaitAll(v1::PUBLICATION_STATE_PUBLISHED);
  ASSERT_THAT(platforms_.posts("wordpress"), SizeIs(2));
  EXPECT_EQ(platforms_.posts("wordpress")[1].text, "It's &lt;so&gt; &amp; &quot;so&quot;");
  v1::EditPublicationRequest edit;
  edit.set_user_id(kUser);
  edit.set_publication_id(All()[1].publication_id());
  edit.set_text("a <b>");
  const auto edited = client_->EditPublication(Deadline(), edit);
  ASSERT_TRUE(edited.ok()) << edited.status();
  EXPECT_EQ(platforms_.posts("wordpress")[1].text, "a &lt;b&gt;");
}

TEST_F(SocialThreadsTest, WhatMayBeTheCommentIsForAPersonToSay) {
  platforms_.MayNotModerate();
  v1::PublishRequest request = Saying(Connect(v1::PLATFORM_WORDPRESS), "one");
  request.set_first_comment("a smile :D");
  platforms_.Fail("wordpress", {Fault::kNone, Fault::k502After});
  // The page shows a picture instead of the letter.
  platforms_.Shows("a smile :D", "a smile <img alt='smile'>");
  ASSERT_TRUE(client_->Publish(Deadline(), request).ok());
  Await("somebody to be asked", [&] {
    const std::vector<v1::Publication> all = All();
    if (all.size() != 2 || all[1].state() != v1::PUBLICATION_STATE_UNKNOWN) return false;
    skew_minutes_ += 1;
    return absl::StrContains(all[1].reason(), "look, and say so");
  });
  EXPECT_THAT(platforms_.posts("wordpress"), SizeIs(2));
}

TEST_F(SocialThreadsTest, ACommentTooSoonWaits) {
  v1::PublishRequest request = Saying(Connect(v1::PLATFORM_WORDPRESS), "one");
  request.set_first_comment("two");
  platforms_.Fail("wordpress", {Fault::kNone, Fault::kFlood});
  ASSERT_TRUE(client_->Publish(Deadline(), request).ok());
  Await("the site to say that it is too soon", [&] {
    const std::vector<v1::Publication> all = All();
    return all.size() == 2 && absl::StrContains(all[1].reason(), "tried again");
  });
  EXPECT_THAT(platforms_.posts("wordpress"), SizeIs(1));
  skew_minutes_ += 1;
  AwaitAll(v1::PUBLICATION_STATE_PUBLISHED);
}

TEST_F(SocialThreadsTest, WhatFollowsARefusedPartIsNotPublished) {
  const int64_t account = Connect(v1::PLATFORM_MASTODON);
  v1::PublishRequest request = Saying(account, "one");
  request.add_thread("two");
  request.add_thread("three");
  platforms_.Fail("mastodon", {Fault::kNone, Fault::k422});
  ASSERT_TRUE(client_->Publish(Deadline(), request).ok());
  const auto stopped = AwaitPublished<SocialThreadStopped>();
  EXPECT_EQ(stopped[0].part(), 1);
  EXPECT_THAT(stopped[0].reason(), HasSubstr("422"));
  const std::vector<v1::Publication> all = All();
  EXPECT_EQ(all[0].state(), v1::PUBLICATION_STATE_PUBLISHED);
  EXPECT_EQ(all[2].state(), v1::PUBLICATION_STATE_REFUSED);
  EXPECT_THAT(all[2].reason(), HasSubstr("the part before it"));
  EXPECT_THAT(platforms_.posts("mastodon"), SizeIs(1));
  EXPECT_THAT(Published<SocialPostRefused>(), IsEmpty());
}

TEST_F(SocialThreadsTest, PicturesAreMadeForThePlatformAndItSaysHow) {
  for (const auto& [platform, name] : kPlatforms) {
    for (const int pictures : {1, 3}) {
      v1::PublishRequest request = Saying(Connect(platform), absl::StrCat(name, " ", pictures));
      for (int i = 0; i < pictures; ++i) {
        request.add_media()->set_file_id(kPng);
        request.mutable_media(i)->set_alt("a cat");
      }
      ASSERT_TRUE(client_->Publish(Deadline(), request).ok());
      AwaitAll(v1::PUBLICATION_STATE_PUBLISHED);
      EXPECT_EQ(platforms_.posts(name).back().pictures,
                platform == v1::PLATFORM_WORDPRESS ? 1 : pictures)
          << name;
      EXPECT_THAT(
          All().back().renditions(0),
          "cat.png: 2048x1536 image/jpeg, 5 bytes; it was 4000x3000 image/png, 9000000 bytes");
      EXPECT_THAT(All().back().renditions(), SizeIs(pictures));
    }
  }
}

TEST_F(SocialThreadsTest, WhatIsNoPictureOrGoneIsRefusedWithWords) {
  const int64_t account = Connect(v1::PLATFORM_MASTODON);
  for (const char* id : {kText, kGone}) {
    v1::PublishRequest request = Saying(account, id);
    request.add_media()->set_file_id(id);
    ASSERT_TRUE(client_->Publish(Deadline(), request).ok());
  }
  AwaitPublished<SocialPostRefused>(2);
  EXPECT_THAT(All()[0].reason(), HasSubstr("is no picture"));
  EXPECT_THAT(All()[1].reason(), HasSubstr("choose another"));
  EXPECT_THAT(platforms_.posts("mastodon"), IsEmpty());
}

TEST_F(SocialThreadsTest, PicturesThatCannotBeHadForADayRefuseThePost) {
  const int64_t account = Connect(v1::PLATFORM_MASTODON);
  for (const char* id : {kAway, kChecked}) {
    v1::PublishRequest request = Saying(account, id);
    request.add_media()->set_file_id(id);
    ASSERT_TRUE(client_->Publish(Deadline(), request).ok());
  }
  Await("both to be tried", [&] {
    const std::vector<v1::Publication> all = All();
    return all[0].reason() != "" && all[1].reason() != "";
  });
  EXPECT_EQ(All()[0].state(), v1::PUBLICATION_STATE_PENDING);
  EXPECT_EQ(
      All()[0].reason(),
      "its pictures cannot be had: the file service does not hand them out; it is tried again");
  skew_minutes_ += 24 * 60 + 1;
  AwaitPublished<SocialPostRefused>(2);
  EXPECT_EQ(All()[1].state(), v1::PUBLICATION_STATE_REFUSED);
  EXPECT_EQ(All()[1].reason(),
            "its pictures cannot be had: a picture is still being checked; it was given up after a "
            "day");
  EXPECT_THAT(platforms_.posts("mastodon"), IsEmpty());
}

TEST_F(SocialThreadsTest, WordsAreChangedWhereTheyStandAndPicturesStay) {
  for (const auto& [platform, name] : kPlatforms) {
    for (const bool picture : {false, true}) {
      v1::PublishRequest request = Saying(Connect(platform), absl::StrCat("before ", picture));
      if (picture) request.add_media()->set_file_id(kPng);
      const auto sent = client_->Publish(Deadline(), request);
      ASSERT_TRUE(sent.ok()) << sent.status();
      AwaitAll(v1::PUBLICATION_STATE_PUBLISHED);
      v1::EditPublicationRequest edit;
      edit.set_user_id(kUser);
      edit.set_publication_id(sent->publications(0).publication_id());
      edit.set_text("after it");
      const auto edited = client_->EditPublication(Deadline(), edit);
      ASSERT_TRUE(edited.ok()) << name << edited.status();
      EXPECT_EQ(edited->publication().text(), "after it");
      EXPECT_TRUE(edited->publication().has_edited_at());
      EXPECT_THAT(platforms_.posts(name).back().text, HasSubstr("after it")) << name;
      EXPECT_EQ(platforms_.posts(name).back().pictures, picture ? 1 : 0) << name;
      edit.set_text(std::string(70'000, 'a'));
      EXPECT_FALSE(client_->EditPublication(Deadline(), edit).ok());
      edit.set_text(std::string(4'500, 'a'));
      if (platform != v1::PLATFORM_WORDPRESS) {
        EXPECT_EQ(client_->EditPublication(Deadline(), edit).status().code(),
                  absl::StatusCode::kFailedPrecondition);
      }
    }
    EXPECT_THAT(platforms_.posts(name), SizeIs(2)) << name;
  }
}

TEST_F(SocialThreadsTest, WhatDoesNotFitIsRefusedBeforehand) {
  v1::PublishRequest request = Saying(Connect(v1::PLATFORM_WORDPRESS), "one");
  request.add_thread("two");
  EXPECT_THAT(std::string(client_->Publish(Deadline(), request).status().message()),
              HasSubstr("WordPress has no threads"));
  v1::GetInsightsRequest insights;
  insights.set_user_id(kUser);
  insights.set_account_id(request.account_ids(0));
  const auto known = client_->GetInsights(Deadline(), insights);
  ASSERT_TRUE(known.ok()) << known.status();
  EXPECT_FALSE(known->known());
  EXPECT_THAT(known->reason(), HasSubstr("0 posts were measured, and it takes 20"));
  insights.set_account_id(request.account_ids(0) + 1);
  EXPECT_EQ(client_->GetInsights(Deadline(), insights).status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace selfology::social
