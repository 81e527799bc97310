#include "services/edge/webhook/inbound/source_rules.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::webhook {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> WrongFields(const v1::Rule& rule, bool is_system) {
  google::protobuf::RepeatedPtrField<v1::Rule> rules;
  *rules.Add() = rule;
  status::FieldViolations bad;
  CheckRules(rules, is_system, bad);
  std::vector<std::string> fields;
  for (const auto& violation : status::Violations(bad.ToStatus()))
    fields.push_back(violation.field);
  return fields;
}

v1::Rule JobRule(const std::string& kind, const std::string& queue = "") {
  v1::Rule rule;
  rule.set_rule_id("r");
  auto& job = *rule.add_actions()->mutable_job();
  job.set_kind(kind);
  job.set_queue(queue);
  return rule;
}

TEST(SourceRulesTest, PersonsAskForNoJobsOfTheProductsServices) {
  EXPECT_THAT(WrongFields(JobRule("external_event"), false), IsEmpty());
  EXPECT_THAT(WrongFields(JobRule("build", "webhook_processing_queue"), false), IsEmpty());
  for (const char* kind : {"schedule_post", "schedule_post_job", "report_generation"}) {
    EXPECT_THAT(WrongFields(JobRule(kind), false), ElementsAre("rules[0].actions[0].job.kind"))
        << kind;
    EXPECT_THAT(WrongFields(JobRule(kind), true), IsEmpty()) << kind;
  }
  EXPECT_THAT(WrongFields(JobRule("build", "content_publishing_queue"), false),
              ElementsAre("rules[0].actions[0].job.queue"));
}

TEST(SourceRulesTest, UsualRulesAreSound) {
  for (int provider = v1::Provider_MIN + 1; provider <= v1::Provider_MAX; ++provider) {
    for (const bool is_system : {false, true}) {
      for (const v1::Rule& rule : UsualRules(static_cast<v1::Provider>(provider), is_system)) {
        EXPECT_THAT(WrongFields(rule, is_system), IsEmpty()) << rule.rule_id();
      }
    }
  }
}

TEST(SourceRulesTest, ChecksSchemes) {
  const auto is_scheme = [](const v1::HmacScheme& scheme) {
    status::FieldViolations bad;
    CheckScheme(v1::PROVIDER_HMAC, scheme, bad);
    return bad.empty();
  };
  v1::HmacScheme scheme;
  EXPECT_FALSE(is_scheme(scheme));
  scheme.set_signature_header("X-Signature");
  EXPECT_TRUE(is_scheme(scheme));
  scheme.set_signed_template("{timestamp}.{body}");
  EXPECT_FALSE(is_scheme(scheme)) << "the time of nothing";
  scheme.set_timestamp_header("X-Time");
  EXPECT_TRUE(is_scheme(scheme));
  for (const char* wrong : {"{body}", "{timestamp}{body}{body}", "{timestamp}"}) {
    scheme.set_signed_template(wrong);
    EXPECT_FALSE(is_scheme(scheme)) << wrong;
  }
  status::FieldViolations bad;
  CheckScheme(v1::PROVIDER_GITHUB, scheme, bad);
  EXPECT_FALSE(bad.empty());
}

TEST(SourceRulesTest, SecretsComeBack) {
  const auto secrets = DecodeSecrets(EncodeSecrets({{"a", "b\"c"}, "token"}));
  ASSERT_TRUE(secrets.ok()) << secrets.status();
  EXPECT_THAT(secrets->secrets, ElementsAre("a", "b\"c"));
  EXPECT_EQ(secrets->verify_token, "token");
  EXPECT_FALSE(DecodeSecrets("").ok());
}

}  // namespace
}  // namespace selfology::webhook
