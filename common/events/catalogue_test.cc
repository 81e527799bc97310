#include "common/events/catalogue.h"

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "common/events/event_type.h"
#include "common/status/status.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/analysis.pb.h"
#include "selfology/events/v1/chat.pb.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/events/v1/profile.pb.h"

namespace selfology::events {
namespace {

// R000-24.
const std::set<std::string> kDocumented = {
    "user.onboarding.initiated", "session.created",       "session.completed",
    "session.timeout",           "question.selected",     "user.answer.submitted",
    "answer.analyzed.instant",   "answer.analyzed.deep",  "trait.extracted",
    "profile.created",           "profile.updated",       "trait.evolution.detected",
    "trait.pattern.identified",  "user.message.received", "coach.message.ready",
    "conversation.started",      "conversation.ended",    "message.send.requested",
    "state.change.requested",    "insight.generated",     "insight.ready_for_user",
    "user.data.erased"};

TEST(CatalogueTest, HoldsEveryDocumentedType) {
  for (const std::string& type : kDocumented) EXPECT_TRUE(Catalogue().contains(type)) << type;
}

TEST(CatalogueTest, FindsAnEventByTheTypeItCarries) {
  for (const auto& [type, descriptor] : Catalogue()) {
    EXPECT_EQ(TypeOf(*descriptor), type);
    const auto event = NewEvent(type);
    ASSERT_TRUE(event.ok()) << event.status();
    EXPECT_EQ((*event)->GetDescriptor(), descriptor);
  }
}

TEST(CatalogueTest, TypesComeFromDescriptors) {
  EXPECT_EQ(TypeOf<v1::SessionCreated>(), "session.created");
  EXPECT_EQ(TypeOf(*google::protobuf::FileDescriptorProto::descriptor()), "");
}

TEST(CatalogueTest, UnknownTypesAndPayloadsAreRefused) {
  EXPECT_EQ(status::Reason(NewEvent("no.such").status()), "INVALID_EVENT_PAYLOAD");
  EXPECT_EQ(status::Reason(PayloadToJson("session.created", "\xff\xff").status()),
            "INVALID_EVENT_PAYLOAD");
  EXPECT_EQ(status::Reason(PayloadFromJson("session.created", R"({"nope": 1})").status()),
            "INVALID_EVENT_PAYLOAD");
  for (const std::string text :
       {"", "[]", "{}", R"({"event_type": 5})", R"({"event_type": "session.created"})",
        R"({"event_type": "session.created", "payload": []})",
        R"({"event_type": "session.created", "payload": {"timestamp": "yesterday"}})"}) {
    EXPECT_EQ(status::Reason(FromJson(text).status()), "INVALID_EVENT_PAYLOAD") << text;
  }
}

std::string Example(const std::string& name) {
  std::ifstream file("proto/examples/events/" + name + ".json");
  EXPECT_TRUE(file.good()) << name;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// One test for each JSON event of R000-25.
template <typename Event>
Event ParseExample(const std::string& name, const std::string& trace_id) {
  Event event;
  const absl::StatusOr<Envelope> envelope = FromJson(Example(name));
  EXPECT_TRUE(envelope.ok()) << envelope.status();
  if (!envelope.ok()) return event;
  EXPECT_EQ(envelope->type, TypeOf<Event>());
  EXPECT_EQ(envelope->partition_key, 123456);
  EXPECT_EQ(envelope->trace_id, trace_id);
  EXPECT_TRUE(event.ParseFromString(envelope->payload));
  EXPECT_EQ(event.user_id(), 123456);
  return event;
}

TEST(DocumentedExampleTest, SessionCreatedAsConsumed) {
  EXPECT_EQ(
      ParseExample<v1::SessionCreated>("session.created.short", "session_123456_1").session_id(),
      1);
  EXPECT_EQ(FromJson(Example("session.created.short"))->occurred_at,
            absl::FromUnixSeconds(1'759'312'800));
}

TEST(DocumentedExampleTest, SessionCreated) {
  const auto event = ParseExample<v1::SessionCreated>("session.created", "onboarding_123456");
  EXPECT_EQ(event.status(), session::v1::SESSION_STATUS_ACTIVE);
  EXPECT_EQ(event.timeout_at().seconds() - event.started_at().seconds(), 30 * 60);
}

TEST(DocumentedExampleTest, UserOnboardingInitiated) {
  ParseExample<v1::UserOnboardingInitiated>("user.onboarding.initiated", "onboarding_123456");
}

TEST(DocumentedExampleTest, QuestionSelected) {
  const auto event = ParseExample<v1::QuestionSelected>("question.selected", "session_123456_1");
  EXPECT_EQ(event.question_id(), "q_identity_001");
  EXPECT_EQ(event.domain(), "IDENTITY");
  EXPECT_EQ(event.depth_level(), question::v1::DEPTH_LEVEL_CONSCIOUS);
  EXPECT_EQ(event.energy_dynamics(), question::v1::ENERGY_DYNAMICS_OPENING);
}

TEST(DocumentedExampleTest, UserAnswerSubmitted) {
  const auto event =
      ParseExample<v1::UserAnswerSubmitted>("user.answer.submitted", "answer_123456_q1");
  EXPECT_EQ(event.answer_length(), 62);
}

TEST(DocumentedExampleTest, AnswerAnalyzedInstant) {
  const auto event =
      ParseExample<v1::AnswerAnalyzedInstant>("answer.analyzed.instant", "answer_123456_q1");
  EXPECT_EQ(event.sentiment(), analysis::v1::SENTIMENT_POSITIVE);
  EXPECT_EQ(event.key_themes_size(), 2);
  EXPECT_EQ(event.latency_ms(), 320);
}

TEST(DocumentedExampleTest, TraitExtracted) {
  const auto event = ParseExample<v1::TraitExtracted>("trait.extracted", "answer_123456_q1");
  EXPECT_EQ(event.traits_size(), 5);
  EXPECT_DOUBLE_EQ(event.traits().at("agreeableness").confidence(), 0.80);
}

TEST(DocumentedExampleTest, TraitEvolutionDetected) {
  const auto event = ParseExample<v1::TraitEvolutionDetected>("trait.evolution.detected", "");
  ASSERT_EQ(event.significant_changes_size(), 1);
  EXPECT_DOUBLE_EQ(event.significant_changes(0).change(), 0.12);
}

TEST(DocumentedExampleTest, CoachMessageReady) {
  EXPECT_EQ(ParseExample<v1::CoachMessageReady>("coach.message.ready", "").tokens_used(), 450);
}

}  // namespace
}  // namespace selfology::events
