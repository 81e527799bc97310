#include "services/platform/ai/embedding_router.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/platform/ai/router_fixture_test.h"

namespace selfology::ai {
namespace {

using ::testing::SizeIs;

class EmbeddingRouterTest : public RouterTest {
 protected:
  void SetUp() override {
    embeddings_ = std::make_unique<EmbeddingRouter>(
        *ParseModel("openai,text-embedding-3-small,0.02,0", v1::TIER_SIMPLE),
        std::make_shared<OpenAiProvider>(http_, OpenAiProvider::Options{fake_.openai_url(), ""}),
        options());
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
  EmbeddingRouter local(LocalProvider::ModelOf("analysis"), room, options());
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(local.Embed(Patient(), {"a"}, 16).ok());
  room->down = false;
  EXPECT_TRUE(local.Embed(Patient(), {"a"}, 16).ok());
}

TEST_F(EmbeddingRouterTest, TriesAgainAndGivesUp) {
  fake_.Always(kEmbedding, FakeModels::Status(503));
  const absl::Status failure = embeddings_->Embed(Patient(), {"a"}, 16).status();
  EXPECT_EQ(status::Reason(failure), "FALLBACK_CHAIN_EXHAUSTED");
  EXPECT_THAT(fake_.asked(), SizeIs(3));
}

}  // namespace
}  // namespace selfology::ai
