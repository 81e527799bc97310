#include "services/studio/content/content_service.h"

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/http/client.h"
#include "common/status/status.h"
#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/content/v1/content_service_client.h"
#include "selfology/events/v1/content.pb.h"
#include "selfology/events/v1/social.pb.h"
#include "services/studio/content/fake_social_test.h"
#include "services/studio/content/settings.h"
#include "testing/mesh_test.h"
#include "testing/proto_matchers.h"

namespace selfology::content {
namespace {

using events::v1::ContentPostFinished;
using events::v1::ContentPostReviewed;
using events::v1::ContentPostScheduled;
using events::v1::ContentPublicationRequested;
using ::selfology::testing::EqualsProto;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kUser = 123456;

class ContentServiceTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    ContentSettings settings;
    settings.works_jobs = false;
    settings.listening = [this](uint16_t port) {
      page_port_ = port;
      listening_.Notify();
    };
    StartMesh(
        ::selfology::testing::Modules(MakeModule(settings), std::make_unique<FakeSocialModule>()),
        [this](service::Settings& kernel) { kernel.clock = [this] { return Now(); }; });
    client_.emplace(Peer("content"));
  }
  void TearDown() override { StopMesh(); }

  absl::Time Now() const { return absl::Now() + absl::Minutes(skew_minutes_.load()); }

  v1::Post Create(const std::string& text, std::vector<int64_t> accounts = {1, 2},
                  const std::string& key = "1", bool needs_approval = false) {
    v1::CreatePostRequest request;
    request.set_user_id(kUser);
    request.set_text(text);
    for (const int64_t account : accounts) request.add_account_ids(account);
    request.set_needs_approval(needs_approval);
    request.set_idempotency_key(key);
    const auto response = client_->CreatePost(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->post() : v1::Post();
  }

  v1::Post Get(int64_t post_id) {
    v1::GetPostRequest request;
    request.set_user_id(kUser);
    request.set_post_id(post_id);
    const auto response = client_->GetPost(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->post() : v1::Post();
  }

  template <typename Request>
  static Request About(const v1::Post& post) {
    Request request;
    request.set_user_id(kUser);
    request.set_post_id(post.post_id());
    return request;
  }

  absl::StatusOr<v1::SchedulePostResponse> Schedule(const v1::Post& post,
                                                    std::optional<absl::Time> at) {
    auto request = About<v1::SchedulePostRequest>(post);
    request.set_expected_revision(post.revision());
    if (at.has_value()) {
      *request.mutable_publish_at() = timestamps::ToProto(*at);
    } else {
      request.set_now(true);
    }
    return client_->SchedulePost(Deadline(), request);
  }

  template <typename Event>
  Event FromSocial(int64_t post_id, int64_t account_id) {
    Event event;
    event.set_user_id(kUser);
    event.set_post_id(post_id);
    event.set_account_id(account_id);
    event.set_publication_id(10 + account_id);
    return event;
  }

  std::atomic<int> skew_minutes_ = 0;
  absl::Notification listening_;
  std::atomic<uint16_t> page_port_ = 0;
  std::optional<v1::ContentServiceClient> client_;
};

TEST_F(ContentServiceTest, AThreadItsCommentAndItsPicturesGoAlongAndWhatIsMissingIsSaid) {
  v1::CreatePostRequest request;
  request.set_user_id(kUser);
  request.set_text("one");
  request.add_account_ids(1);
  request.add_thread("two");
  request.set_first_comment("comment");
  request.add_media()->set_file_id("00000000-0000-4000-8000-000000000001");
  request.set_idempotency_key("thread");
  const auto made = client_->CreatePost(Deadline(), request);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_THAT(made->post().thread(), ElementsAre("two"));
  v1::SchedulePostRequest schedule;
  schedule.set_user_id(kUser);
  schedule.set_post_id(made->post().post_id());
  schedule.set_expected_revision(1);
  schedule.set_now(true);
  ASSERT_TRUE(client_->SchedulePost(Deadline(), schedule).ok());
  const auto due = AwaitPublished<ContentPublicationRequested>()[0];
  EXPECT_THAT(due.thread(), ElementsAre("two"));
  EXPECT_EQ(due.first_comment(), "comment");
  EXPECT_THAT(due.media(), SizeIs(1));
  events::v1::SocialThreadStopped stopped;
  stopped.set_user_id(kUser);
  stopped.set_post_id(made->post().post_id());
  stopped.set_account_id(1);
  stopped.set_part(1);
  stopped.set_reason("too long");
  Publish(stopped);
  v1::GetPostRequest get;
  get.set_user_id(kUser);
  get.set_post_id(made->post().post_id());
  Await("what is missing", [&] {
    const auto now = client_->GetPost(Deadline(), get);
    return now.ok() && now->post().results_size() == 1 &&
           now->post().results(0).reason() == "part 2 is missing: too long";
  });
  request.set_idempotency_key("wrong");
  request.add_thread(" ");
  request.add_media()->set_file_id("../etc/passwd");
  EXPECT_THAT(status::Violations(client_->CreatePost(Deadline(), request).status()), SizeIs(2));
}

TEST_F(ContentServiceTest, ServesTheStudiosPage) {
  ASSERT_TRUE(listening_.WaitForNotificationWithTimeout(absl::Minutes(1)));
  http::Client client{{}};
  const auto page = client.Send(
      Deadline(),
      {.method = "GET", .url = absl::StrCat("http://127.0.0.1:", page_port_.load(), "/")});
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->status, 307);
  EXPECT_EQ(page->headers.Get("Location"), "/studio/");
}

TEST_F(ContentServiceTest, ADueGoesToEachAccountOnceWithItsVersion) {
  v1::CreatePostRequest create;
  create.set_user_id(kUser);
  create.set_text("for all");
  create.add_account_ids(1);
  create.add_account_ids(2);
  v1::Version* version = create.add_versions();
  version->set_platform(social::v1::PLATFORM_BLUESKY);
  version->set_text("for Bluesky");
  create.set_idempotency_key("1");
  const auto created = client_->CreatePost(Deadline(), create);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_THAT(*client_->CreatePost(Deadline(), create), EqualsProto(*created));
  const v1::Post post = created->post();
  ASSERT_TRUE(Schedule(post, Now() + absl::Hours(1)).ok());
  EXPECT_THAT(Published<ContentPostScheduled>(), SizeIs(1));
  EXPECT_THAT(Published<ContentPublicationRequested>(), IsEmpty());
  skew_minutes_ = 61;
  const auto due = AwaitPublished<ContentPublicationRequested>(2);
  EXPECT_EQ(due[0].text(), "for all");
  EXPECT_EQ(due[1].text(), "for Bluesky");
  EXPECT_EQ(Get(post.post_id()).state(), v1::POST_STATE_PUBLISHING);
  auto published = FromSocial<events::v1::SocialPostPublished>(post.post_id(), 1);
  published.set_url("https://mastodon.example/1");
  Publish(published);
  auto refused = FromSocial<events::v1::SocialPostRefused>(post.post_id(), 2);
  refused.set_reason("too long");
  Publish(refused);
  const auto finished = AwaitPublished<ContentPostFinished>();
  EXPECT_EQ(finished[0].published(), 1);
  EXPECT_EQ(finished[0].refused(), 1);
  v1::Post now = Get(post.post_id());
  EXPECT_EQ(now.state(), v1::POST_STATE_PARTLY_PUBLISHED);
  ASSERT_THAT(now.results(), SizeIs(2));
  EXPECT_EQ(now.results(0).url(), "https://mastodon.example/1");
  EXPECT_EQ(now.results(1).reason(), "too long");
  // Tried again, only the account without it gets it.
  ASSERT_TRUE(Schedule(now, std::nullopt).ok());
  const auto again = AwaitPublished<ContentPublicationRequested>(3);
  EXPECT_EQ(again[2].account_id(), 2);
  Publish(FromSocial<events::v1::SocialPostPublished>(post.post_id(), 2));
  AwaitPublished<ContentPostFinished>(2);
  EXPECT_EQ(Get(post.post_id()).state(), v1::POST_STATE_PUBLISHED);
  EXPECT_THAT(Published<ContentPublicationRequested>(), SizeIs(3));
}

TEST_F(ContentServiceTest, WhatDoesNotFitIsNotScheduled) {
  const v1::Post post = Create(std::string(301, 'a'));
  const auto issues = client_->CheckPost(Deadline(), About<v1::CheckPostRequest>(post));
  ASSERT_TRUE(issues.ok()) << issues.status();
  EXPECT_THAT(issues->issues(), SizeIs(2));
  const absl::Status refused = Schedule(post, std::nullopt).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("too long: 301"));
  EXPECT_EQ(Schedule(Create("no account", {}, "2"), std::nullopt).status().code(),
            absl::StatusCode::kFailedPrecondition);
  v1::CreatePostRequest foreign;
  foreign.set_user_id(kUser);
  foreign.set_text("x");
  foreign.add_account_ids(99);
  foreign.set_idempotency_key("3");
  EXPECT_EQ(client_->CreatePost(Deadline(), foreign).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ContentServiceTest, ApprovalComesBeforeSchedulingAndEndsWithAChange) {
  const v1::Post post = Create("hello", {1}, "1", /*needs_approval=*/true);
  EXPECT_EQ(Schedule(post, std::nullopt).status().code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(client_->SubmitPost(Deadline(), About<v1::SubmitPostRequest>(post)).ok());
  auto review = About<v1::ReviewPostRequest>(post);
  review.set_expected_revision(1);
  review.set_approved(false);
  review.set_note("shorter, please");
  ASSERT_TRUE(client_->ReviewPost(Deadline(), review).ok());
  EXPECT_EQ(Get(post.post_id()).state(), v1::POST_STATE_DRAFT);
  EXPECT_EQ(Get(post.post_id()).review_note(), "shorter, please");
  ASSERT_TRUE(client_->SubmitPost(Deadline(), About<v1::SubmitPostRequest>(post)).ok());
  review.set_approved(true);
  review.clear_note();
  ASSERT_TRUE(client_->ReviewPost(Deadline(), review).ok());
  ASSERT_TRUE(client_->ReviewPost(Deadline(), review).ok());  // The same again.
  EXPECT_THAT(Published<ContentPostReviewed>(), SizeIs(2));
  ASSERT_TRUE(Schedule(post, Now() + absl::Hours(1)).ok());
  auto update = About<v1::UpdatePostRequest>(post);
  update.set_text("changed");
  update.add_account_ids(1);
  update.set_needs_approval(true);
  update.set_expected_revision(1);
  const auto updated = client_->UpdatePost(Deadline(), update);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->post().state(), v1::POST_STATE_DRAFT);
  EXPECT_EQ(updated->post().revision(), 2);
  EXPECT_FALSE(updated->post().has_publish_at());
  EXPECT_THAT(*client_->UpdatePost(Deadline(), update), EqualsProto(*updated));
  update.set_text("changed otherwise");
  EXPECT_EQ(client_->UpdatePost(Deadline(), update).status().code(), absl::StatusCode::kAborted);
  const auto revisions = client_->GetRevisions(Deadline(), About<v1::GetRevisionsRequest>(post));
  ASSERT_THAT(revisions->revisions(), SizeIs(2));
  EXPECT_EQ(revisions->revisions(1).text(), "hello");
}

TEST_F(ContentServiceTest, QueuedPostsTakeTheNextFreeSlots) {
  v1::SetSlotsRequest slots;
  slots.set_user_id(kUser);
  slots.set_time_zone("Europe/Berlin");
  for (int weekday = 1; weekday <= 7; ++weekday) {
    v1::Slot* slot = slots.add_slots();
    slot->set_weekday(weekday);
    slot->set_minute(18 * 60);
  }
  ASSERT_TRUE(client_->SetSlots(Deadline(), slots).ok());
  v1::GetSlotsRequest get;
  get.set_user_id(kUser);
  const auto before = client_->GetSlots(Deadline(), get);
  ASSERT_TRUE(before.ok()) << before.status();
  ASSERT_THAT(before->next(), SizeIs(5));
  for (int i = 0; i < 2; ++i) {
    const v1::Post post = Create(absl::StrCat("queued ", i), {1}, absl::StrCat(i));
    auto request = About<v1::SchedulePostRequest>(post);
    request.set_expected_revision(1);
    request.set_next_slot(true);
    const auto planned = client_->SchedulePost(Deadline(), request);
    ASSERT_TRUE(planned.ok()) << planned.status();
    EXPECT_THAT(planned->post().publish_at(), EqualsProto(before->next(i)));
    EXPECT_THAT(client_->SchedulePost(Deadline(), request)->post().publish_at(),
                EqualsProto(before->next(i)));
  }
  EXPECT_THAT(client_->GetSlots(Deadline(), get)->next(0), EqualsProto(before->next(2)));
}

TEST_F(ContentServiceTest, TheCalendarHasDaysOfTheTimeZone) {
  absl::TimeZone berlin;
  ASSERT_TRUE(absl::LoadTimeZone("Europe/Berlin", &berlin));
  const absl::CivilDay day = absl::ToCivilDay(Now(), berlin) + 2;
  // Half past midnight in Berlin is the day before in UTC.
  const absl::Time at = absl::FromCivil(absl::CivilMinute(day) + 30, berlin);
  ASSERT_TRUE(Schedule(Create("night", {1}), at).ok());
  v1::GetCalendarRequest request;
  request.set_user_id(kUser);
  request.set_from_day(absl::FormatCivilTime(day));
  request.set_days(1);
  request.set_time_zone("Europe/Berlin");
  const auto local = client_->GetCalendar(Deadline(), request);
  ASSERT_TRUE(local.ok()) << local.status();
  ASSERT_THAT(local->days(), SizeIs(1));
  EXPECT_EQ(local->days(0).day(), absl::FormatCivilTime(day));
  EXPECT_THAT(local->ics(), HasSubstr("SUMMARY:night"));
  request.set_time_zone("UTC");
  EXPECT_THAT(client_->GetCalendar(Deadline(), request)->days(), IsEmpty());
}

TEST_F(ContentServiceTest, ImportsAllRowsOrNone) {
  v1::ImportPostsRequest request;
  request.set_user_id(kUser);
  request.set_csv("text,publish_at,accounts\none,2099-01-01 10:00,1\ntwo,,\nthree,,7\n");
  request.set_idempotency_key("1");
  auto imported = client_->ImportPosts(Deadline(), request);
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_THAT(imported->post_ids(), IsEmpty());
  ASSERT_THAT(imported->issues(), SizeIs(2));  // Too far ahead; not their account.
  EXPECT_EQ(imported->issues(1).row(), 3);
  request.set_csv(absl::StrCat(
      "text,publish_at,accounts\none,",
      absl::FormatTime(absl::RFC3339_full, Now() + absl::Hours(1), absl::UTCTimeZone()),
      ",1 2\ntwo,,\n"));
  imported = client_->ImportPosts(Deadline(), request);
  ASSERT_TRUE(imported.ok()) << imported.status();
  ASSERT_THAT(imported->post_ids(), SizeIs(2));
  EXPECT_THAT(*client_->ImportPosts(Deadline(), request), EqualsProto(*imported));
  EXPECT_EQ(Get(imported->post_ids(0)).state(), v1::POST_STATE_SCHEDULED);
  EXPECT_EQ(Get(imported->post_ids(1)).state(), v1::POST_STATE_DRAFT);
}

TEST_F(ContentServiceTest, TemplatesAndHashtagSets) {
  v1::SaveTemplateRequest save;
  save.set_user_id(kUser);
  save.mutable_template_()->set_name("News");
  save.mutable_template_()->set_text("News: {{title}}");
  ASSERT_TRUE(client_->SaveTemplate(Deadline(), save).ok());
  save.mutable_template_()->set_text("Newer: {{title}}");
  ASSERT_TRUE(client_->SaveTemplate(Deadline(), save).ok());
  v1::GetTemplatesRequest list;
  list.set_user_id(kUser);
  ASSERT_THAT(client_->GetTemplates(Deadline(), list)->templates(), SizeIs(1));
  v1::SaveHashtagSetRequest set;
  set.set_user_id(kUser);
  set.mutable_set()->set_name("Sea");
  set.mutable_set()->add_hashtags("море");
  set.mutable_set()->add_hashtags("sea");
  ASSERT_TRUE(client_->SaveHashtagSet(Deadline(), set).ok());
  v1::GetHashtagSetsRequest list_sets;
  list_sets.set_user_id(kUser);
  EXPECT_THAT(client_->GetHashtagSets(Deadline(), list_sets)->sets(0).hashtags(),
              ElementsAre("море", "sea"));
  v1::DeleteTemplateRequest remove;
  remove.set_user_id(kUser);
  remove.set_name("News");
  EXPECT_TRUE(client_->DeleteTemplate(Deadline(), remove)->deleted());
  EXPECT_FALSE(client_->DeleteTemplate(Deadline(), remove)->deleted());
}

TEST_F(ContentServiceTest, NumbersOfPostsAreThoseThatSocialTold) {
  const v1::Post post = Create("liked", {1});
  ASSERT_TRUE(Schedule(post, std::nullopt).ok());
  AwaitPublished<ContentPublicationRequested>();
  Publish(FromSocial<events::v1::SocialPostPublished>(post.post_id(), 1));
  AwaitPublished<ContentPostFinished>();
  auto measured = FromSocial<events::v1::SocialPostMeasured>(post.post_id(), 1);
  measured.mutable_metrics()->set_likes(5);
  *measured.mutable_metrics()->mutable_measured_at() = timestamps::ToProto(Now());
  Publish(measured);
  AwaitHandled("content_planning", 2);
  v1::GetContentAnalyticsRequest request;
  request.set_user_id(kUser);
  const auto analytics = client_->GetContentAnalytics(Deadline(), request);
  ASSERT_TRUE(analytics.ok()) << analytics.status();
  ASSERT_THAT(analytics->platforms(), SizeIs(1));
  EXPECT_EQ(analytics->platforms(0).published(), 1);
  EXPECT_EQ(analytics->platforms(0).metrics().likes(), 5);
  ASSERT_THAT(analytics->best(), SizeIs(1));
  EXPECT_EQ(analytics->best(0).post_id(), post.post_id());
}

TEST_F(ContentServiceTest, ListsByStateAndTagPageByPage) {
  for (int i = 0; i < 3; ++i) Create(absl::StrCat("post ", i), {}, absl::StrCat(i));
  v1::ListPostsRequest request;
  request.set_user_id(kUser);
  request.set_state(v1::POST_STATE_DRAFT);
  request.set_page_size(2);
  std::vector<std::string> texts;
  do {
    const auto page = client_->ListPosts(Deadline(), request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& post : page->posts()) texts.push_back(post.text());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(texts, ElementsAre("post 2", "post 1", "post 0"));
  request.set_tag("none");
  EXPECT_THAT(client_->ListPosts(Deadline(), request)->posts(), IsEmpty());
}

TEST_F(ContentServiceTest, NamesAllThatIsWrongAndErasesAPerson) {
  EXPECT_THAT(status::Violations(client_->CreatePost(Deadline(), {}).status()), SizeIs(2));
  EXPECT_THAT(status::Violations(client_->SchedulePost(Deadline(), {}).status()), SizeIs(3));
  const v1::Post post = Create("gone");
  v1::DeleteUserDataRequest erase;
  erase.set_user_id(kUser);
  const auto erased = client_->DeleteUserData(Deadline(), erase);
  ASSERT_TRUE(erased.ok()) << erased.status();
  EXPECT_EQ(client_->GetPost(Deadline(), About<v1::GetPostRequest>(post)).status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace selfology::content
