#include "services/edge/webhook/inbound/kinds.h"

#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/edge/webhook/inbound/facts.h"

namespace selfology::webhook {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

Said SaidBy(v1::Provider provider, const Incoming& incoming) {
  return WhatItSays(provider, {}, incoming, ReadBody(incoming));
}

TEST(KindsTest, AreTheSixteenOfTheProduct) {
  std::set<std::string_view> names;
  for (const KnownKind& kind : KnownKinds()) {
    names.insert(kind.kind);
    EXPECT_TRUE(Json::accept(kind.example)) << kind.kind;
  }
  EXPECT_THAT(names, ElementsAre("analytics_threshold_reached", "content_published",
                                 "discord_webhook", "facebook_page_mention", "ifttt_action",
                                 "instagram_comment", "linkedin_connection_request",
                                 "payment_failed", "payment_successful", "security_alert",
                                 "slack_command", "subscription_cancelled", "subscription_created",
                                 "twitter_direct_message", "user_registration", "zapier_trigger"));
}

// The example of a kind is of that kind, from the first of its providers.
TEST(KindsTest, ExamplesAreOfTheirKind) {
  for (const KnownKind& kind : KnownKinds()) {
    if (kind.providers.empty()) continue;
    const Said said = SaidBy(kind.providers.front(), {.body = std::string(kind.example)});
    EXPECT_EQ(said.kind, kind.kind);
    EXPECT_FALSE(said.event_kind.empty() && kind.kind != "zapier_trigger") << kind.kind;
  }
}

TEST(KindsTest, ReadsEventIdsAndKinds) {
  const Incoming github{
      .headers = {{"x-github-event", "issues"}, {"x-github-delivery", "72d3162e"}},
      .body = R"({"action": "opened"})"};
  EXPECT_EQ(SaidBy(v1::PROVIDER_GITHUB, github).event_kind, "issues.opened");
  EXPECT_EQ(SaidBy(v1::PROVIDER_GITHUB, github).event_id, "72d3162e");

  const Incoming stripe{.body = R"({"id": "evt_1", "type": "invoice.payment_failed"})"};
  EXPECT_EQ(SaidBy(v1::PROVIDER_STRIPE, stripe).kind, "payment_failed");
  EXPECT_EQ(SaidBy(v1::PROVIDER_STRIPE, stripe).event_id, "evt_1");

  const Incoming paypal{.body = R"({"id": "WH-1", "event_type": "PAYMENT.SALE.COMPLETED"})"};
  EXPECT_EQ(SaidBy(v1::PROVIDER_PAYPAL, paypal).kind, "payment_successful");

  const Incoming slack{.headers = {{"content-type", "application/x-www-form-urlencoded"}},
                       .body = "command=%2Fpublish&text=now+or+later&trigger_id=398.1"};
  EXPECT_EQ(SaidBy(v1::PROVIDER_SLACK, slack).kind, "slack_command");
  EXPECT_EQ(SaidBy(v1::PROVIDER_SLACK, slack).event_kind, "/publish");
  EXPECT_EQ(SaidBy(v1::PROVIDER_SLACK, slack).event_id, "398.1");

  const Incoming plain{.body = "just words"};
  EXPECT_THAT(SaidBy(v1::PROVIDER_FACEBOOK, plain).event_id, StartsWith("sha256:"));
  const Incoming strange{.body = R"({"id": "\u0000", "type": "\u0000"})"};
  EXPECT_THAT(SaidBy(v1::PROVIDER_STRIPE, strange).event_id, StartsWith("sha256:"));
  EXPECT_EQ(SaidBy(v1::PROVIDER_STRIPE, strange).event_kind, "");
}

TEST(KindsTest, ProvidersHaveWords) {
  EXPECT_EQ(ProviderWord(v1::PROVIDER_GITHUB), "github");
  EXPECT_EQ(ProviderOfWord("github"), v1::PROVIDER_GITHUB);
  for (const char* none : {"", "GitHub", "unspecified", "nobody", "github "}) {
    EXPECT_EQ(ProviderOfWord(none), v1::PROVIDER_UNSPECIFIED) << none;
  }
}

TEST(FactsTest, ReadsJsonFormsAndTexts) {
  const auto read = [](const char* type, const char* body) {
    return ReadBody({.headers = {{"content-type", type}}, .body = body});
  };
  EXPECT_EQ(read("application/json", R"({"a":1})"), Json({{"a", 1}}));
  EXPECT_EQ(read("", R"([1])"), Json::array({1}));
  EXPECT_EQ(read("text/plain", "a b"), Json("a b"));
  EXPECT_EQ(read("application/x-www-form-urlencoded", "a=b+c&d="), Json({{"a", "b c"}, {"d", ""}}));
  EXPECT_EQ(read("application/x-www-form-urlencoded", "payload=%7B%22a%22%3A1%7D"),
            Json({{"a", 1}}));
  EXPECT_TRUE(read("application/json", "{").is_discarded());
  EXPECT_TRUE(read("application/octet-stream", "\xff\xfe").is_discarded());
}

TEST(FactsTest, HideWhatProvesTheSender) {
  const Incoming incoming{.headers = {{"authorization", "Bearer s"}, {"x-a", "1"}},
                          .query = {{"secret", "s"}, {"b", "2"}},
                          .body = "{}"};
  const Json facts = Facts("src_1", "zapier", SaidBy(v1::PROVIDER_ZAPIER, incoming), incoming, {});
  EXPECT_EQ(facts["header"], Json({{"x-a", "1"}}));
  EXPECT_EQ(facts["query"], Json({{"b", "2"}}));
}

}  // namespace
}  // namespace selfology::webhook
