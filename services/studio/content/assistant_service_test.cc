#include "services/studio/content/assistant_service.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/status/status.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/ai/v1/ai_service_endpoints.h"
#include "selfology/content/v1/assistant_service_client.h"
#include "selfology/content/v1/content_service_client.h"
#include "services/studio/content/fake_social_test.h"
#include "services/studio/content/settings.h"
#include "testing/mesh_test.h"
#include "testing/serving_module.h"

namespace selfology::content {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kUser = 123456;

// A model that answers as it is told, or only the local one.
class FakeAi final : public ai::v1::AiServiceEndpoints {
 public:
  void Answer(std::string text) {
    absl::MutexLock lock(&mutex_);
    text_ = std::move(text);
  }
  int asked() const { return asked_; }
  std::string prompt() {
    absl::MutexLock lock(&mutex_);
    return prompt_;
  }

  absl::StatusOr<ai::v1::CompleteResponse> Complete(
      const Call&, const ai::v1::CompleteRequest& request) override {
    absl::MutexLock lock(&mutex_);
    ++asked_;
    prompt_ = request.input().system_prompt();
    ai::v1::CompleteResponse response;
    ai::v1::Completion& completion = *response.mutable_completion();
    completion.set_text(text_.empty() ? "Tell me more." : text_);
    completion.set_provider(text_.empty() ? "local" : "openai");
    completion.set_model_used("gpt-4o");
    completion.set_cost_usd(0.01);
    return response;
  }
  absl::StatusOr<ai::v1::EmbedResponse> Embed(const Call&, const ai::v1::EmbedRequest&) override {
    return absl::UnimplementedError("not asked of it");
  }
  absl::StatusOr<ai::v1::ListModelsResponse> ListModels(const Call&,
                                                        const ai::v1::ListModelsRequest&) override {
    return absl::UnimplementedError("not asked of it");
  }
  absl::Status StreamComplete(const Call&, const ai::v1::StreamCompleteRequest&,
                              rpc::Writer<ai::v1::StreamCompleteResponse>&) override {
    return absl::UnimplementedError("not asked of it");
  }

 private:
  absl::Mutex mutex_;
  std::string text_ ABSL_GUARDED_BY(mutex_);
  std::string prompt_ ABSL_GUARDED_BY(mutex_);
  std::atomic<int> asked_ = 0;
};

class AssistantServiceTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    ContentSettings settings;
    settings.works_jobs = false;
    StartMesh(
        ::selfology::testing::Modules(MakeModule(settings), std::make_unique<FakeSocialModule>(),
                                      ::selfology::testing::ServingModule("ai", ai_)),
        [this](service::Settings& kernel) {
          kernel.clock = [this] { return absl::Now() + absl::Hours(hours_.load()); };
        });
    client_.emplace(Peer("content"));
  }
  void TearDown() override { StopMesh(); }

  static v1::GenerateContentRequest About(const std::string& brief) {
    v1::GenerateContentRequest request;
    request.set_user_id(kUser);
    request.set_brief(brief);
    request.add_platforms(social_v1::PLATFORM_MASTODON);
    request.add_platforms(social_v1::PLATFORM_BLUESKY);
    return request;
  }
  static v1::RewriteContentRequest Rewriting(v1::Rewriting how, const std::string& text) {
    v1::RewriteContentRequest request;
    request.set_user_id(kUser);
    request.set_rewriting(how);
    request.set_text(text);
    request.set_platform(social_v1::PLATFORM_MASTODON);
    return request;
  }

  const std::shared_ptr<FakeAi> ai_ = std::make_shared<FakeAi>();
  std::atomic<int> hours_ = 0;
  std::optional<v1::AssistantServiceClient> client_;
};

TEST_F(AssistantServiceTest, AModelWritesForEachPlatformAndWhatIsTooLongIsShortened) {
  std::string text = "Our garden opens in May.";
  for (int i = 0; i < 20; ++i) text += " Here is a sentence that says little.";
  ai_->Answer(absl::StrCat(R"({"mastodon": "Short.", "bluesky": ")", text, "\"}"));
  const auto made = client_->GenerateContent(Deadline(), About("the garden opens"));
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_THAT(made->drafts(), SizeIs(2));
  EXPECT_EQ(made->drafts(0).text(), "Short.");
  EXPECT_LE(text::Characters(made->drafts(1).text()), 300);
  EXPECT_THAT(made->drafts(1).text(), HasSubstr("Our garden opens in May."));
  EXPECT_EQ(made->model_used(), "gpt-4o");
  EXPECT_EQ(made->cost_usd(), 0.01);
  EXPECT_FALSE(made->cached());
  EXPECT_THAT(ai_->prompt(), HasSubstr("\"bluesky\""));
}

TEST_F(AssistantServiceTest, TheSameIsKeptForADayAndCostsNothing) {
  ai_->Answer(R"({"mastodon": "One.", "bluesky": "Two."})");
  const v1::GenerateContentRequest request = About("the garden opens");
  ASSERT_TRUE(client_->GenerateContent(Deadline(), request).ok());
  const auto again = client_->GenerateContent(Deadline(), request);
  EXPECT_TRUE(again->cached());
  EXPECT_EQ(again->cost_usd(), 0);
  EXPECT_EQ(again->drafts(1).text(), "Two.");
  EXPECT_EQ(ai_->asked(), 1);
  v1::GenerateContentRequest other = request;
  other.set_user_id(kUser + 1);
  EXPECT_FALSE(client_->GenerateContent(Deadline(), other)->cached());
  other = request;
  other.set_tone(v1::TONE_BOLD);
  EXPECT_FALSE(client_->GenerateContent(Deadline(), other)->cached());
  other = request;
  other.set_anew(true);
  EXPECT_FALSE(client_->GenerateContent(Deadline(), other)->cached());
  hours_ = 25;
  EXPECT_FALSE(client_->GenerateContent(Deadline(), request)->cached());
  EXPECT_EQ(ai_->asked(), 5);
  v1::ContentServiceClient content(Peer("content"));
  v1::DeleteUserDataRequest erase;
  erase.set_user_id(kUser);
  EXPECT_EQ(content.DeleteUserData(Deadline(), erase)->deleted_rows(), 2);
}

TEST_F(AssistantServiceTest, WithoutAModelTheRulesWriteOfTheBriefItself) {
  const auto made =
      client_->GenerateContent(Deadline(), About("Our garden really opens in May. Come and see."));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->model_used(), "rules");
  EXPECT_EQ(made->drafts(0).text(), "Our garden opens in May. Come and see.");
  EXPECT_FALSE(made->cached());
  // What is no JSON, or lacks a platform, is written by the rules, too.
  ai_->Answer(R"({"mastodon": "From the model."})");
  const auto partly = client_->GenerateContent(Deadline(), About("Only the brief."));
  EXPECT_EQ(partly->drafts(0).text(), "From the model.");
  EXPECT_EQ(partly->drafts(1).text(), "Only the brief.");
}

TEST_F(AssistantServiceTest, WithoutAModelTheRulesHaveTheToneAndTheVoice) {
  v1::GenerateContentRequest request =
      About("We do not close in winter. The children are welcome.");
  const auto plain = client_->GenerateContent(Deadline(), request);
  ASSERT_TRUE(plain.ok()) << plain.status();
  request.set_tone(v1::TONE_BOLD);
  const auto bold = client_->GenerateContent(Deadline(), request);
  ASSERT_TRUE(bold.ok()) << bold.status();
  EXPECT_NE(bold->drafts(0).text(), plain->drafts(0).text());
  EXPECT_THAT(bold->drafts(0).text(), HasSubstr("\nWe don't close in winter!\n"));
  for (const char* text :
       {"Hi neighbours! We've baked 🍰 Hugs!", "Hi neighbours! It's warm 🍰 Hugs!"}) {
    request.add_voice(text);
  }
  const auto voiced = client_->GenerateContent(Deadline(), request);
  ASSERT_TRUE(voiced.ok()) << voiced.status();
  EXPECT_EQ(voiced->drafts(0).text(),
            "Hi neighbours! We don't close in winter! The kids are welcome! Hugs! 🍰");
  EXPECT_EQ(voiced->model_used(), "rules");
  // A text that is too long in its voice is shortened, and keeps it.
  std::string text = "Our garden opens in May.";
  for (int i = 0; i < 10; ++i) text += " Here is a sentence that says little.";
  request.set_brief(text);
  const auto shorter = client_->GenerateContent(Deadline(), request);
  ASSERT_THAT(shorter->drafts(), SizeIs(2));
  EXPECT_LE(text::Characters(shorter->drafts(0).text()), 300);
  EXPECT_THAT(shorter->drafts(0).text(), HasSubstr("Hi neighbours! Our garden opens in May"));
}

TEST_F(AssistantServiceTest, ShortensWithAndWithoutAModelAndNeverReturnsWhatDoesNotFit) {
  std::string text = "Our garden opens in May. See https://a.example/garden for the way.";
  for (int i = 0; i < 20; ++i) text += " Here is a sentence that says little.";
  for (const char* answer : {"", "Shorter by a model."}) {
    ai_->Answer(answer);
    const auto shorter =
        client_->RewriteContent(Deadline(), Rewriting(v1::REWRITING_SHORTEN, text));
    ASSERT_TRUE(shorter.ok()) << shorter.status();
    EXPECT_LE(text::Characters(shorter->draft().text()), 300);
    if (*answer == 0) {
      EXPECT_THAT(shorter->draft().text(), HasSubstr("https://a.example/garden"));
      EXPECT_EQ(shorter->model_used(), "rules");
    } else {
      EXPECT_EQ(shorter->draft().text(), answer);
    }
  }
  ai_->Answer("");
  EXPECT_EQ(
      client_->RewriteContent(Deadline(), Rewriting(v1::REWRITING_SHORTEN, std::string(400, 'a')))
          .status()
          .code(),
      absl::StatusCode::kFailedPrecondition);
}

TEST_F(AssistantServiceTest, TranslatesByAModelOrSaysThatThereIsNone) {
  v1::RewriteContentRequest request = Rewriting(v1::REWRITING_TRANSLATE, "Hello");
  request.set_language("de");
  const auto none = client_->RewriteContent(Deadline(), request);
  EXPECT_EQ(none.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(none.status().message()), HasSubstr("no model that translates"));
  ai_->Answer("Hallo");
  const auto made = client_->RewriteContent(Deadline(), request);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->draft().text(), "Hallo");
  EXPECT_THAT(ai_->prompt(), HasSubstr("\"de\""));
}

TEST_F(AssistantServiceTest, HashtagsThatWorkedComeFirst) {
  v1::OptimizeHashtagsRequest request;
  request.set_user_id(kUser);
  request.set_account_id(1);
  request.set_text("Winter, winter and snow in the garden");
  const auto known = client_->OptimizeHashtags(Deadline(), request);
  ASSERT_TRUE(known.ok()) << known.status();
  EXPECT_TRUE(known->known());
  ASSERT_THAT(known->hashtags(), SizeIs(3));
  EXPECT_EQ(known->hashtags(0).hashtag(), "garden");
  EXPECT_EQ(known->hashtags(0).posts(), 7);
  EXPECT_EQ(known->hashtags(1).hashtag(), "winter");
  request.set_account_id(2);
  const auto unknown = client_->OptimizeHashtags(Deadline(), request);
  EXPECT_FALSE(unknown->known());
  EXPECT_EQ(unknown->hashtags(0).hashtag(), "winter");
}

TEST_F(AssistantServiceTest, SuggestsForDaysOnWhichNothingIsPlanned) {
  v1::GetContentSuggestionsRequest request;
  request.set_user_id(kUser);
  request.set_account_id(1);
  const auto all = client_->GetContentSuggestions(Deadline(), request);
  ASSERT_TRUE(all.ok()) << all.status();
  ASSERT_GE(all->suggestions_size(), 13);
  const absl::Time at = timestamps::FromProto(all->suggestions(0).publish_at());
  EXPECT_EQ(absl::ToCivilHour(at, absl::UTCTimeZone()).hour(), 18);
  v1::ContentServiceClient content(Peer("content"));
  v1::CreatePostRequest create;
  create.set_user_id(kUser);
  create.set_text("planned");
  create.add_account_ids(1);
  create.set_idempotency_key("1");
  const auto post = content.CreatePost(Deadline(), create);
  ASSERT_TRUE(post.ok()) << post.status();
  v1::SchedulePostRequest schedule;
  schedule.set_user_id(kUser);
  schedule.set_post_id(post->post().post_id());
  schedule.set_expected_revision(1);
  *schedule.mutable_publish_at() = timestamps::ToProto(at + absl::Hours(2));
  ASSERT_TRUE(content.SchedulePost(Deadline(), schedule).ok());
  const auto fewer = client_->GetContentSuggestions(Deadline(), request);
  EXPECT_EQ(fewer->suggestions_size(), all->suggestions_size() - 1);
}

TEST_F(AssistantServiceTest, NamesAllThatIsWrong) {
  EXPECT_THAT(status::Violations(client_->GenerateContent(Deadline(), {}).status()), SizeIs(3));
  EXPECT_THAT(status::Violations(client_->RewriteContent(Deadline(), {}).status()), SizeIs(3));
  v1::RewriteContentRequest translate = Rewriting(v1::REWRITING_TRANSLATE, "a");
  translate.set_language("de\n");
  EXPECT_THAT(status::Violations(client_->RewriteContent(Deadline(), translate).status()),
              SizeIs(1));
  EXPECT_EQ(ai_->asked(), 0);
}

}  // namespace
}  // namespace selfology::content
