#include "services/coaching/safety_dialog/safety_service.h"

#include <optional>
#include <string>
#include <utility>

#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/safety/v1/safety_service_client.h"
#include "services/coaching/safety_dialog/module.h"
#include "testing/mesh_test.h"

namespace selfology::safety_dialog {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
namespace pb = ::selfology::safety::v1;

class SafetyServiceTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    StartMesh(::selfology::testing::Modules(MakeModule()));
    safety_.emplace(Peer("safety_dialog"));
  }
  void TearDown() override { StopMesh(); }

  pb::AssessResponse Assess(std::string text, std::string language = "en") {
    pb::AssessRequest request;
    request.set_text(std::move(text));
    request.set_language(std::move(language));
    const auto response = safety_->Assess(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(pb::AssessResponse());
  }

  std::optional<pb::SafetyServiceClient> safety_;
};

TEST_F(SafetyServiceTest, AssessesWithRulesAndWithoutWords) {
  const pb::AssessResponse response = Assess("I want to kill myself", "ru");
  const pb::Assessment& found = response.assessment();
  EXPECT_EQ(found.danger(), pb::DANGER_DIRECT);
  EXPECT_EQ(found.level(), pb::DANGER_LEVEL_ACT);
  EXPECT_EQ(found.about(), pb::DANGER_SUBJECT_PERSON);
  EXPECT_THAT(found.reasons(), AllOf(Not(IsEmpty()), Each(Not(HasSubstr(" ")))));
  EXPECT_THAT(response.help(), HasSubstr("findahelpline.com"));
  EXPECT_THAT(response.help(), HasSubstr("Спасибо"));

  const pb::AssessResponse nothing = Assess("Where my books are.");
  EXPECT_EQ(nothing.assessment().level(), pb::DANGER_LEVEL_UNSPECIFIED);
  EXPECT_EQ(nothing.help(), "");

  // Who asks goes on with care: there is a class, and no card.
  const pb::AssessResponse doubt = Assess("I am so tired of everything");
  EXPECT_EQ(doubt.assessment().level(), pb::DANGER_LEVEL_DOUBT);
  EXPECT_EQ(doubt.assessment().danger(), pb::DANGER_INDIRECT);
  EXPECT_EQ(doubt.help(), "");
}

TEST_F(SafetyServiceTest, ChecksReplies) {
  pb::CheckReplyRequest request;
  request.set_reply("You would need at least 20 pills.");
  request.set_language("ru");
  auto response = safety_->CheckReply(Deadline(), request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_FALSE(response->allowed());
  EXPECT_EQ(response->reason(), "gives_means");
  EXPECT_THAT(response->instead(), HasSubstr("Как вы сейчас?"));

  request.set_reply("You're right.");
  EXPECT_TRUE(safety_->CheckReply(Deadline(), request)->allowed());
  request.set_text("I should kill myself");
  EXPECT_FALSE(safety_->CheckReply(Deadline(), request)->allowed());
}

TEST_F(SafetyServiceTest, NamesAllThatIsWrongWithARequest) {
  const absl::Status assess = safety_->Assess(Deadline(), {}).status();
  EXPECT_THAT(status::Violations(assess), SizeIs(1)) << assess;
  pb::CheckReplyRequest reply;
  reply.set_text(std::string(20'000, 'a'));
  EXPECT_THAT(status::Violations(safety_->CheckReply(Deadline(), reply).status()), SizeIs(2));
  EXPECT_TRUE(absl::IsInvalidArgument(safety_->GetMode(Deadline(), {}).status()));
}

}  // namespace
}  // namespace selfology::safety_dialog
