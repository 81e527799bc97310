#include "services/coaching/coach/local_model.h"

#include <memory>
#include <string>

#include "common/prompt/quoted.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/ai/v1/local_model_service_endpoints.h"

namespace selfology::coach {
namespace {

using ::testing::HasSubstr;

std::string Complete(ai::v1::Task task, const std::string& message) {
  static const std::shared_ptr<rpc::Endpoints> endpoints =
      MakeLocalModel(std::make_shared<const LocalCoach>(*LocalCoach::Load()));
  ai::v1::CompleteLocallyRequest request;
  ai::v1::CompletionInput& input = *request.mutable_input();
  input.set_task(task);
  input.set_max_tokens(1024);
  input.add_messages()->set_role(ai::v1::ROLE_USER);
  input.mutable_messages(0)->set_content(message);
  const auto response = dynamic_cast<ai::v1::LocalModelServiceEndpoints&>(*endpoints)
                            .CompleteLocally(Call::Background(absl::Seconds(5)), request);
  EXPECT_TRUE(response.ok()) << response.status();
  return response.ok() ? response->text() : "";
}

TEST(LocalModel, RepliesToAMessage) {
  const std::string reply = Complete(ai::v1::TASK_COACH_REPLY, "I am tired of my job.");
  EXPECT_THAT(reply, HasSubstr("?"));
  EXPECT_EQ(Complete(ai::v1::TASK_UNSPECIFIED, "I am tired of my job."), reply);
  EXPECT_EQ(Complete(ai::v1::TASK_COACH_REPLY, prompt::Quote("message", "I am tired of my job.")),
            reply);
}

TEST(LocalModel, TellsAnInsightInItsLanguage) {
  EXPECT_THAT(Complete(ai::v1::TASK_INSIGHT, "You light up when you paint."),
              HasSubstr("You light up when you paint."));
  EXPECT_THAT(Complete(ai::v1::TASK_INSIGHT, "Вы оживаете, когда рисуете."),
              ::testing::ContainsRegex("рисуете\\. [^a-z]+\\?"));
}

}  // namespace
}  // namespace selfology::coach
