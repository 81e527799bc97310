#include "services/coaching/analysis/local_model.h"

#include <memory>
#include <string>

#include "common/json/json.h"
#include "common/prompt/quoted.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/ai/v1/local_model_service_endpoints.h"
#include "selfology/analysis/v1/analysis.pb.h"

namespace selfology::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class LocalModelTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    endpoints_ =
        MakeLocalModel(std::make_shared<const lexicon::Lexicon>(*lexicon::Lexicon::BuiltIn()));
  }
  static void TearDownTestSuite() { endpoints_.reset(); }

  static ai::v1::CompletionInput Asking(ai::v1::Task task, std::string_view message) {
    ai::v1::CompletionInput input;
    input.set_task(task);
    input.set_max_tokens(1024);
    input.add_messages()->set_role(ai::v1::ROLE_USER);
    input.mutable_messages(0)->set_content(std::string(message));
    return input;
  }
  static std::string Complete(const ai::v1::CompletionInput& input) {
    ai::v1::CompleteLocallyRequest request;
    *request.mutable_input() = input;
    const auto response = local().CompleteLocally(Call::Background(absl::Seconds(5)), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->text() : "";
  }
  static ai::v1::LocalModelServiceEndpoints& local() {
    return dynamic_cast<ai::v1::LocalModelServiceEndpoints&>(*endpoints_);
  }

  static std::shared_ptr<rpc::Endpoints> endpoints_;
};
std::shared_ptr<rpc::Endpoints> LocalModelTest::endpoints_;

TEST_F(LocalModelTest, AnalysesTheQuotedAnswerInTheFormOfTheContract) {
  const std::string prompt =
      prompt::Quote("question", "What makes you sad?") + "\n" +
      prompt::Quote("answer",
                    "Mornings in my studio. I feel most alive when creating art and helping others "
                    "grow.");
  ai::v1::CompletionInput input = Asking(ai::v1::TASK_INSTANT_ANALYSIS, prompt);
  input.set_response_format(ai::v1::RESPONSE_FORMAT_JSON);
  v1::InstantAnalysis instant;
  ASSERT_TRUE(json::Parse(Complete(input), instant).ok());
  EXPECT_EQ(instant.sentiment(), v1::SENTIMENT_POSITIVE);
  EXPECT_EQ(instant.key_themes(0), "creativity");

  input.set_task(ai::v1::TASK_DEEP_ANALYSIS);
  v1::DeepAnalysis deep;
  ASSERT_TRUE(json::Parse(Complete(input), deep).ok());
  EXPECT_TRUE(deep.traits().empty()) << "the analyst finds them, who has the question, too";
  EXPECT_FALSE(deep.patterns().empty());
  EXPECT_THAT(
      deep.insights(),
      ElementsAre("Mornings in your studio. You feel most alive when creating art and helping "
                  "others grow."));
  EXPECT_EQ(deep.summary(),
            "Writes: “I feel most alive when creating art and helping others grow.”");
}

TEST_F(LocalModelTest, AnalysesInTheLanguageAskedForOrTheTextsOwn) {
  ai::v1::CompletionInput input =
      Asking(ai::v1::TASK_INSTANT_ANALYSIS, prompt::Quote("answer", "I love painting"));
  EXPECT_THAT(Complete(input), HasSubstr("creativity"));
  input.set_language("ru");
  EXPECT_THAT(Complete(input), HasSubstr("творчество"));
  EXPECT_THAT(Complete(Asking(ai::v1::TASK_INSTANT_ANALYSIS, "Люблю рисовать")),
              HasSubstr("творчество"));
}

TEST_F(LocalModelTest, SummarisesInASentence) {
  const std::string summary = Complete(Asking(ai::v1::TASK_SUMMARY, "I worry about money."));
  EXPECT_THAT(summary, HasSubstr("money"));
  EXPECT_EQ(summary, "Writes: “I worry about money.”");
  EXPECT_EQ(Complete(Asking(ai::v1::TASK_SUMMARY, "Hi")), "Writes: “Hi.”");
}

}  // namespace
}  // namespace selfology::analysis
