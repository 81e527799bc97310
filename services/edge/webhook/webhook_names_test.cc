#include "services/edge/webhook/webhook_names.h"

#include <set>
#include <string>

#include "common/events/catalogue.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "selfology/events/v1/webhook_names.pb.h"
#include "services/edge/webhook/inbound/kinds.h"
#include "services/edge/webhook/outbound/outbound_events.h"

namespace selfology::webhook {
namespace {

TEST(WebhookNamesTest, AreThoseOfTheKnownKindsAndNoOthers) {
  std::set<std::string, std::less<>> named;
  for (const auto& [type, descriptor] : events::Catalogue()) {
    const auto& names = descriptor->options().GetRepeatedExtension(events::v1::webhook_name);
    named.insert(names.begin(), names.end());
  }
  std::set<std::string, std::less<>> known;
  for (const KnownKind& kind : KnownKinds()) known.emplace(kind.kind);
  EXPECT_EQ(named, known);
}

TEST(WebhookNamesTest, OneNameStandsForItsEvent) {
  EXPECT_EQ(EventTypeOf("payment_failed"), "payment.failed");
  EXPECT_EQ(EventTypeOf("zapier_trigger"), "webhook.received");
  EXPECT_EQ(EventTypeOf("payment.failed"), "");
  EXPECT_EQ(TypeMeant("user_registration"), "user.registered");
  EXPECT_EQ(TypeMeant("skill.unlocked"), "skill.unlocked");
  EXPECT_EQ(NameOf("user.registered", "{}"), "user_registration");
  EXPECT_EQ(NameOf("skill.unlocked", "{}"), "");
  EXPECT_EQ(NameOf("no.such", "{}"), "");
}

TEST(WebhookNamesTest, OfSeveralTheEventSaysWhich) {
  EXPECT_EQ(NameOf("webhook.received", R"({"kind": "slack_command"})"), "slack_command");
  EXPECT_EQ(NameOf("webhook.received", "{}"), "");
}

// What goes out goes out: webhooks may see the event, and the example is one of it.
TEST(WebhookNamesTest, ExamplesOfWhatGoesOutAreMessages) {
  const auto types = OutboundEvents::Types();
  for (const KnownKind& kind : KnownKinds()) {
    if (!kind.providers.empty()) continue;
    const auto message = nlohmann::json::parse(kind.example);
    const std::string type(EventTypeOf(kind.kind));
    EXPECT_TRUE(types->contains(type)) << kind.kind;
    EXPECT_EQ(message["type"], type);
    EXPECT_EQ(message["kind"], kind.kind);
    const std::string data = message["data"].dump();
    const auto payload = events::PayloadFromJson(type, data);
    ASSERT_TRUE(payload.ok()) << kind.kind << payload.status();
    const auto printed = events::PayloadToJson(type, *payload);
    ASSERT_TRUE(printed.ok()) << printed.status();
    EXPECT_EQ(nlohmann::json::parse(*printed), message["data"]) << kind.kind;
    EXPECT_EQ(NameOf(type, data), kind.kind);
  }
}

}  // namespace
}  // namespace selfology::webhook
