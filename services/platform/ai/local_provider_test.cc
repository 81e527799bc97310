#include "services/platform/ai/local_provider.h"

#include <cmath>
#include <string>
#include <vector>

#include "common/json/json.h"
#include "common/prompt/quoted.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/analysis/v1/analysis.pb.h"
#include "services/platform/ai/completion_input.h"
#include "services/platform/ai/json_fields.h"

namespace selfology::ai {
namespace {

using ::testing::HasSubstr;

class LocalProviderTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    local_ = new std::shared_ptr<LocalProvider>(*LocalProvider::Load());
  }
  static void TearDownTestSuite() { delete local_; }

  static v1::CompletionInput Asking(v1::Task task, std::string_view message) {
    v1::CompletionInput input;
    input.set_task(task);
    input.add_messages()->set_role(v1::ROLE_USER);
    input.mutable_messages(0)->set_content(std::string(message));
    return *Normalise(input);
  }
  static absl::StatusOr<Answer> Complete(const v1::CompletionInput& input) {
    return (*local_)->Complete(Call::Background(absl::Seconds(5)), LocalProvider::TheModel(),
                               input);
  }
  static std::vector<float> Embed(const std::string& text, int dimensions = 512) {
    return (*local_)
        ->Embed(Call::Background(absl::Seconds(5)), LocalProvider::TheModel(), {text}, dimensions)
        ->vectors[0];
  }
  static double Likeness(const std::string& a, const std::string& b) {
    const std::vector<float> x = Embed(a), y = Embed(b);
    double product = 0;
    for (size_t i = 0; i < x.size(); ++i) product += x[i] * y[i];
    return product;
  }

  static std::shared_ptr<LocalProvider>* local_;
};
std::shared_ptr<LocalProvider>* LocalProviderTest::local_ = nullptr;

TEST_F(LocalProviderTest, AnalysesTheQuotedAnswerInTheFormOfTheContract) {
  const std::string prompt =
      prompt::Quote("question", "What makes you sad?") + "\n" +
      prompt::Quote("answer", "I feel most alive when creating art and helping others grow.");
  v1::CompletionInput input = Asking(v1::TASK_INSTANT_ANALYSIS, prompt);
  input.set_response_format(v1::RESPONSE_FORMAT_JSON);
  const auto answer = Complete(input);
  ASSERT_TRUE(answer.ok()) << answer.status();
  analysis::v1::InstantAnalysis instant;
  ASSERT_TRUE(json::Parse(answer->text, instant).ok()) << answer->text;
  EXPECT_EQ(instant.sentiment(), analysis::v1::SENTIMENT_POSITIVE);
  EXPECT_EQ(instant.key_themes(0), "creativity");

  input.set_task(v1::TASK_DEEP_ANALYSIS);
  analysis::v1::DeepAnalysis deep;
  ASSERT_TRUE(json::Parse(Complete(input)->text, deep).ok());
  EXPECT_TRUE(deep.traits().contains("openness"));
  EXPECT_FALSE(deep.patterns().empty());
}

TEST_F(LocalProviderTest, AnalysesInTheLanguageAskedFor) {
  v1::CompletionInput input =
      Asking(v1::TASK_INSTANT_ANALYSIS, prompt::Quote("answer", "I love painting"));
  input.set_language("ru");
  EXPECT_THAT(Complete(input)->text, HasSubstr("творчество"));
}

TEST_F(LocalProviderTest, AnswersEveryTask) {
  for (int task = v1::TASK_UNSPECIFIED; task <= v1::TASK_SUMMARY; ++task) {
    for (const auto format : {v1::RESPONSE_FORMAT_UNSPECIFIED, v1::RESPONSE_FORMAT_JSON}) {
      v1::CompletionInput input = Asking(static_cast<v1::Task>(task), "I worry about money.");
      input.set_response_format(format);
      const auto answer = Complete(input);
      ASSERT_TRUE(answer.ok());
      EXPECT_FALSE(answer->text.empty());
      EXPECT_GT(answer->input_tokens, 0);
      if (format == v1::RESPONSE_FORMAT_JSON) EXPECT_TRUE(ParseJson(answer->text).is_object());
    }
  }
}

TEST_F(LocalProviderTest, KeepsToTheTokensAllowed) {
  v1::CompletionInput input = Asking(v1::TASK_COACH_REPLY, "Мне грустно из-за работы");
  input.set_max_tokens(5);
  const auto answer = Complete(input);
  EXPECT_TRUE(answer->truncated);
  EXPECT_LE(EstimatedTokens(answer->text), 5);
}

TEST_F(LocalProviderTest, StreamsWhatItWouldSay) {
  const v1::CompletionInput input = Asking(v1::TASK_COACH_REPLY, "I am tired of my job.");
  std::string streamed;
  int pieces = 0;
  const auto answer =
      (*local_)->Stream(Call::Background(absl::Seconds(5)), LocalProvider::TheModel(), input,
                        [&](std::string_view text) {
                          streamed += text;
                          ++pieces;
                          return absl::OkStatus();
                        });
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(streamed, answer->text);
  EXPECT_EQ(streamed, Complete(input)->text);
  EXPECT_GT(pieces, 5);
}

TEST_F(LocalProviderTest, StopsStreamingWhenNobodyListens) {
  int pieces = 0;
  const auto answer = (*local_)->Stream(
      Call::Background(absl::Seconds(5)), LocalProvider::TheModel(),
      Asking(v1::TASK_COACH_REPLY, "I am tired of my job."), [&](std::string_view) {
        ++pieces;
        return absl::CancelledError("gone");
      });
  EXPECT_TRUE(absl::IsCancelled(answer.status()));
  EXPECT_EQ(pieces, 1);
}

TEST_F(LocalProviderTest, EmbedsIntoUnitVectorsOfAnyLength) {
  for (const int dimensions : {8, 512, 1536}) {
    for (const char* text : {"I love painting", "...", "я", "zzz", "🙂"}) {
      const std::vector<float> vector = Embed(text, dimensions);
      ASSERT_EQ(vector.size(), static_cast<size_t>(dimensions));
      double squares = 0;
      for (const float x : vector) squares += x * x;
      EXPECT_NEAR(squares, 1, 1e-5);
    }
  }
}

TEST_F(LocalProviderTest, EmbedsLikeThingsNearEachOther) {
  EXPECT_NEAR(Likeness("I love painting", "I love painting"), 1, 1e-6);
  EXPECT_GT(Likeness("I love painting landscapes", "Drawing makes me happy"),
            Likeness("I love painting landscapes", "My debts and the rent"));
  EXPECT_GT(Likeness("Я рисую картины", "Люблю рисовать"),
            Likeness("Я рисую картины", "Ипотека и долги"));
}

// Vectors are stored: another build must make the same ones.
TEST_F(LocalProviderTest, EmbedsTheSameForEver) {
  const std::vector<float> vector = Embed("I love painting", 8);
  const std::vector<float> stored = {0.341192f, 0,         -0.280472f, 0.862681f,
                                     0,         0.220373f, 0,          0.110186f};
  for (size_t i = 0; i < vector.size(); ++i) EXPECT_NEAR(vector[i], stored[i], 1e-5) << i;
}

}  // namespace
}  // namespace selfology::ai
