// What owners do over RPC.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/edge/webhook/webhook_fixture_test.h"

namespace selfology::webhook {
namespace {

using ::selfology::testing::EqualsProto;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class WebhookServiceTest : public WebhookTest {
 protected:
  void SetUp() override { Start(); }
};

TEST_F(WebhookServiceTest, AnEndpointIsMadeOnceAndItsSecretToldEachTime) {
  v1::CreateEndpointRequest request;
  request.set_user_id(kUser);
  request.set_url("https://example.org/hook");
  request.set_description("Mine");
  request.add_event_types("skill.unlocked");
  request.add_retry_seconds(5);
  request.set_idempotency_key("key");
  const auto first = client_->CreateEndpoint(Deadline(), request);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_THAT(first->secret(), StartsWith("whsec_"));
  const auto again = client_->CreateEndpoint(Deadline(), request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_THAT(*again, EqualsProto(*first));
  EXPECT_THAT(Endpoint(first->endpoint().endpoint_id()), EqualsProto(first->endpoint()));
  v1::ListEndpointsRequest list;
  list.set_user_id(kUser);
  EXPECT_THAT(client_->ListEndpoints(Deadline(), list)->endpoints(), SizeIs(1));
  list.set_user_id(kUser + 1);
  EXPECT_THAT(client_->ListEndpoints(Deadline(), list)->endpoints(), IsEmpty());
}

TEST_F(WebhookServiceTest, NamesAllThatIsWrong) {
  v1::CreateEndpointRequest request;
  request.set_user_id(-1);
  request.set_url("ftp://example.org");
  request.add_event_types("answer.analyzed.deep");  // Not for webhooks.
  request.add_retry_seconds(0);
  request.set_timeout_seconds(31);
  request.set_secret("short");
  const absl::Status bad = client_->CreateEndpoint(Deadline(), request).status();
  EXPECT_EQ(bad.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status::Violations(bad), SizeIs(7)) << bad;

  v1::CreateSourceRequest source;
  source.set_user_id(kUser);
  source.set_endpoint_id("mine");
  source.set_replay_window_seconds(3601);
  auto& rule = *source.add_rules();
  rule.set_when("body.a ==");
  rule.add_actions()->mutable_payment();
  const absl::Status wrong = client_->CreateSource(Deadline(), source).status();
  std::vector<std::string> fields;
  for (const auto& violation : status::Violations(wrong)) fields.push_back(violation.field);
  EXPECT_THAT(fields, ElementsAre("provider", "secret", "replay_window_seconds", "rules[0].rule_id",
                                  "rules[0].when", "rules[0].actions[0].payment",
                                  "rules[0].actions[0].payment.event",
                                  "rules[0].actions[0].payment.user_id_path", "endpoint_id",
                                  "idempotency_key"));
}

TEST_F(WebhookServiceTest, ChangesWhatTheRequestHas) {
  const auto created = CreateEndpoint("https://example.org/hook", {"skill.unlocked"});
  v1::UpdateEndpointRequest request;
  request.set_user_id(kUser);
  request.set_endpoint_id(created.endpoint().endpoint_id());
  request.set_url("https://example.org/other");
  const auto updated = client_->UpdateEndpoint(Deadline(), request);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->endpoint().url(), "https://example.org/other");
  EXPECT_THAT(updated->endpoint().event_types(), ElementsAre("skill.unlocked"));
  request.clear_url();
  request.mutable_event_types();
  EXPECT_THAT(client_->UpdateEndpoint(Deadline(), request)->endpoint().event_types(), IsEmpty());
  request.set_user_id(kUser + 1);
  EXPECT_EQ(client_->UpdateEndpoint(Deadline(), request).status().code(),
            absl::StatusCode::kNotFound)
      << "another person's";
}

TEST_F(WebhookServiceTest, DisablingGivesUpWhatWaitsAndEnablingBeginsAnew) {
  const auto created = CreateEndpoint("http://127.0.0.1:1/");  // Nobody listens there.
  const int64_t id = Trigger("a").at(0);
  v1::DisableEndpointRequest disable;
  disable.set_user_id(kUser);
  disable.set_endpoint_id(created.endpoint().endpoint_id());
  ASSERT_TRUE(client_->DisableEndpoint(Deadline(), disable).ok());
  AwaitState(id, v1::DELIVERY_STATE_FAILED);
  v1::EnableEndpointRequest enable;
  enable.set_user_id(kUser);
  enable.set_endpoint_id(created.endpoint().endpoint_id());
  EXPECT_EQ(client_->EnableEndpoint(Deadline(), enable)->endpoint().state(),
            v1::ENDPOINT_STATE_ENABLED);
}

TEST_F(WebhookServiceTest, PagesThroughTypesAndKinds) {
  v1::ListEventTypesRequest types;
  types.set_page_size(2);
  std::vector<std::string> all;
  do {
    const auto page = client_->ListEventTypes(Deadline(), types);
    ASSERT_TRUE(page.ok()) << page.status();
    all.insert(all.end(), page->event_types().begin(), page->event_types().end());
    types.set_page_token(page->next_page_token());
  } while (!types.page_token().empty());
  EXPECT_THAT(all, ::testing::Contains("user.registered"));
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
  v1::ListKindsRequest kinds;
  kinds.set_page_size(10);
  const auto first = client_->ListKinds(Deadline(), kinds);
  ASSERT_TRUE(first.ok()) << first.status();
  kinds.set_page_token(first->next_page_token());
  EXPECT_EQ(first->kinds_size() + client_->ListKinds(Deadline(), kinds)->kinds_size(), 16);
}

TEST_F(WebhookServiceTest, ErasesAPersonForGood) {
  ReceivingServer server;
  CreateEndpoint(server.url());
  const int64_t id = Trigger("a").at(0);
  AwaitState(id, v1::DELIVERY_STATE_DELIVERED);
  const auto source = CreateSource(v1::PROVIDER_ZAPIER, "");
  EXPECT_EQ(Send(source.source(), "{}", {{"Authorization", "Bearer " + source.secret()}}).status,
            200);
  v1::DeleteUserDataRequest request;
  request.set_user_id(kUser);
  const auto erased = client_->DeleteUserData(Deadline(), request);
  ASSERT_TRUE(erased.ok()) << erased.status();
  EXPECT_EQ(erased->deleted_rows(), 5 + 3) << "of five tables, and the requests remembered";
  v1::ListDeliveriesRequest list;
  list.set_user_id(kUser);
  EXPECT_THAT(client_->ListDeliveries(Deadline(), list)->deliveries(), IsEmpty());
  EXPECT_THAT(Received(), IsEmpty());
  EXPECT_EQ(Send(source.source(), "{}", {{"Authorization", "Bearer " + source.secret()}}).status,
            404);
}

}  // namespace
}  // namespace selfology::webhook
