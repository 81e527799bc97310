#include "services/platform/ai/embedding_router.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/observe/log.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/platform/ai/router_fixture_test.h"

namespace selfology::ai {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class EmbeddingRouterTest : public RouterTest {
 protected:
  void SetUp() override {
    embeddings_ = std::make_unique<EmbeddingRouter>(
        *ParseModel("openai,text-embedding-3-small,0.02,0", v1::TIER_SIMPLE), OpenAi(),
        WidthRule::kProject, options());
  }
  std::shared_ptr<OpenAiProvider> OpenAi() {
    return std::make_shared<OpenAiProvider>(http_, OpenAiProvider::Options{fake_.openai_url(), ""});
  }
  static constexpr char kEmbedding[] = "text-embedding-3-small";
  std::unique_ptr<EmbeddingRouter> embeddings_;
};

TEST_F(EmbeddingRouterTest, EmbedsAndCounts) {
  fake_.Always(kEmbedding, FakeModels::Embeds());
  const auto response = embeddings_->Embed(Patient(), {"a", "b"}, 16);
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_EQ(response->embeddings_size(), 2);
  EXPECT_EQ(response->embeddings(1).values_size(), 16);
  EXPECT_FLOAT_EQ(response->embeddings(1).values(1), 1);
  EXPECT_DOUBLE_EQ(response->cost_usd(), 0.00002);
  EXPECT_EQ(fake_.last_headers().Get("authorization"), std::nullopt)
      << "a server of one's own, without key";
}

class FlakyEmbedder final : public Embedder {
 public:
  bool down = true;
  absl::StatusOr<Embeddings> Embed(const Call&, const Model&, const std::vector<std::string>& texts,
                                   int dimensions) override {
    if (down) return absl::UnavailableError("down");
    return Embeddings{.vectors = {texts.size(), std::vector<float>(dimensions, 0.0F)}};
  }
};

TEST_F(EmbeddingRouterTest, ARoomThatWasDownIsAskedAsSoonAsItIsBack) {
  const auto room = std::make_shared<FlakyEmbedder>();
  EmbeddingRouter local(LocalProvider::ModelOf("analysis"), room, WidthRule::kRefuse, options());
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(local.Embed(Patient(), {"a"}, 16).ok());
  room->down = false;
  EXPECT_TRUE(local.Embed(Patient(), {"a"}, 16).ok());
}

TEST_F(EmbeddingRouterTest, FitsWhatServersGive) {
  for (const int width : {384, 512, 1024, 1536}) {
    fake_.Always(kEmbedding, FakeModels::Embeds(width));
    const auto response = embeddings_->Embed(Patient(), {"a", "b"}, 512);
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->embeddings(1).values_size(), 512);
    EXPECT_EQ(response->model_dimensions(), width);
    double squares = 0;
    for (const double x : response->embeddings(1).values()) squares += x * x;
    EXPECT_NEAR(squares, 1, 1e-5);
  }
}

TEST_F(EmbeddingRouterTest, RefusesAnotherWidthIfItIsToldSoAndSaysItOnce) {
  EmbeddingRouter strict(*ParseModel("openai,text-embedding-3-small,0.02,0", v1::TIER_SIMPLE),
                         OpenAi(), WidthRule::kRefuse, options());
  fake_.Always(kEmbedding, FakeModels::Embeds(384));
  ::testing::internal::CaptureStderr();
  for (int i = 0; i < 3; ++i) {
    const absl::Status failure = strict.Embed(Patient(), {"a"}, 512).status();
    EXPECT_EQ(status::ErrorMetadata(failure).at("attempts"),
              "text-embedding-3-small: EMBEDDING_WIDTH");
  }
  observe::FlushLog();
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("384 components, not 512"));
  EXPECT_EQ(log.find("model failed"), log.rfind("model failed")) << log;
  EXPECT_THAT(fake_.asked(), SizeIs(3)) << "asking again does not help";
}

// What is kept could not be compared with it.
TEST_F(EmbeddingRouterTest, RefusesAnotherWidthThanIsSet) {
  EmbeddingRouter set(*ParseModel("openai,own,0,0,width=1024", v1::TIER_SIMPLE), OpenAi(),
                      WidthRule::kProject, options());
  fake_.Always("own", FakeModels::Embeds(1024));
  EXPECT_TRUE(set.Embed(Patient(), {"a"}, 512).ok());
  EXPECT_FALSE(fake_.last_body().contains("dimensions"));
  fake_.Always("own", FakeModels::Embeds(384));
  EXPECT_EQ(status::ErrorMetadata(set.Embed(Patient(), {"a"}, 512).status()).at("attempts"),
            "own: EMBEDDING_WIDTH");
}

TEST_F(EmbeddingRouterTest, AsksForSoManyAtOnceAsTheModelBears) {
  EmbeddingRouter own(*ParseModel("openai,own,0.02,0,batch=2", v1::TIER_SIMPLE), OpenAi(),
                      WidthRule::kProject, options());
  fake_.Always("own", FakeModels::Embeds());
  const auto response = own.Embed(Patient(), {"a", "b", "c"}, 16);
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_EQ(response->embeddings_size(), 3);
  EXPECT_EQ(response->embeddings(1).values(1), 1);
  EXPECT_EQ(response->embeddings(2).values(0), 1) << "the first one of its request";
  EXPECT_EQ(response->tokens_used(), 2000);
  ASSERT_THAT(fake_.bodies(), SizeIs(2));
  EXPECT_THAT(fake_.bodies()[0]["input"], ElementsAre("a", "b"));
  EXPECT_THAT(fake_.bodies()[1]["input"], ElementsAre("c"));
}

TEST_F(EmbeddingRouterTest, TriesAgainAndGivesUp) {
  fake_.Always(kEmbedding, FakeModels::Status(503));
  const absl::Status failure = embeddings_->Embed(Patient(), {"a"}, 16).status();
  EXPECT_EQ(status::Reason(failure), "FALLBACK_CHAIN_EXHAUSTED");
  EXPECT_THAT(fake_.asked(), SizeIs(3));
}

}  // namespace
}  // namespace selfology::ai
