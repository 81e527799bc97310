#include "common/json/json.h"

#include <string>

#include "gtest/gtest.h"
#include "selfology/events/v1/analysis.pb.h"
#include "selfology/events/v1/onboarding.pb.h"

namespace selfology::json {
namespace {

using events::v1::QuestionSelected;
using events::v1::SessionCreated;

TEST(JsonTest, TakesTheBareWordOfAnEnum) {
  SessionCreated event;
  ASSERT_TRUE(Parse(R"({"user_id": 7, "status": "active"})", event).ok());
  EXPECT_EQ(event.status(), session::v1::SESSION_STATUS_ACTIVE);
}

TEST(JsonTest, TakesTheFullNameTheNumberAndCamelCase) {
  for (const std::string status : {R"("SESSION_STATUS_ACTIVE")", "1"}) {
    SessionCreated event;
    ASSERT_TRUE(Parse(R"({"sessionId": "12", "status": )" + status + "}", event).ok());
    EXPECT_EQ(event.status(), session::v1::SESSION_STATUS_ACTIVE);
    EXPECT_EQ(event.session_id(), 12);
  }
}

TEST(JsonTest, RefusesAWordThatNoEnumHasWithoutQuotingIt) {
  QuestionSelected event;
  const absl::Status status = Parse(R"({"depth_level": "my secret"})", event);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message().find("secret"), std::string::npos) << status;
  EXPECT_NE(status.message().find("depth_level"), std::string::npos) << status;
}

TEST(JsonTest, RefusesUnknownFieldsUnlessAsked) {
  QuestionSelected event;
  EXPECT_EQ(Parse(R"({"no_such": 1})", event).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(Parse(R"({"no_such": 1})", event, {.ignore_unknown_fields = true}).ok());
}

TEST(JsonTest, RefusesWhatIsNoJson) {
  QuestionSelected event;
  for (const std::string text : {"", "{", "[1]", "\"text\"", "{\"user_id\": }", "\xff\xfe"}) {
    EXPECT_EQ(Parse(text, event).code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(JsonTest, RefusesNestingThatWouldExhaustTheStack) {
  QuestionSelected event;
  EXPECT_EQ(Parse(std::string(1'000'000, '['), event).code(), absl::StatusCode::kInvalidArgument);
}

TEST(JsonTest, ExpandsInsideMapsAndLists) {
  events::v1::TraitExtracted event;
  ASSERT_TRUE(
      Parse(R"({"traits": {"openness": {"value": 0.82, "confidence": 0.75}}})", event).ok());
  EXPECT_DOUBLE_EQ(event.traits().at("openness").value(), 0.82);
}

TEST(JsonTest, PrintsWhatItParses) {
  SessionCreated event;
  event.set_user_id(9'007'199'254'740'993);
  event.set_status(session::v1::SESSION_STATUS_PAUSED);
  event.mutable_started_at()->set_seconds(1'759'312'800);
  const absl::StatusOr<std::string> text = Print(event);
  ASSERT_TRUE(text.ok());
  EXPECT_NE(text->find("\"user_id\""), std::string::npos);
  SessionCreated again;
  ASSERT_TRUE(Parse(*text, again).ok());
  EXPECT_EQ(again.SerializeAsString(), event.SerializeAsString());
}

}  // namespace
}  // namespace selfology::json
