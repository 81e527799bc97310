// The webhook service in a process of the mesh, and other people's servers around it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/http/client.h"
#include "common/http/server.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/webhook/v1/webhook_service_client.h"
#include "services/edge/webhook/module.h"
#include "services/edge/webhook/settings.h"
#include "testing/mesh_test.h"
#include "testing/proto_matchers.h"

namespace selfology::webhook {

inline constexpr int64_t kUser = 123456;

// Somebody's server: keeps what it is sent, and answers as it is told.
class ReceivingServer {
 public:
  using Answering = std::function<http::Response(int nth, const http::Request&)>;

  explicit ReceivingServer(Answering answering = nullptr) : answering_(std::move(answering)) {
    auto server = http::Server::Start(
        {}, {{.method = "POST", .path = "/*", .handler = [this](const http::Request& request) {
                absl::ReleasableMutexLock lock(&mutex_);
                requests_.push_back(request);
                const int nth = static_cast<int>(requests_.size());
                lock.Release();
                return answering_ ? answering_(nth, request) : http::Response::Text("ok");
              }}});
    EXPECT_TRUE(server.ok()) << server.status();
    if (server.ok()) server_ = *std::move(server);
  }

  std::string url() const { return absl::StrCat("http://127.0.0.1:", server_->port(), "/hook"); }
  std::vector<http::Request> requests() const {
    absl::MutexLock lock(&mutex_);
    return requests_;
  }
  size_t count() const { return requests().size(); }
  std::vector<std::string> bodies() const {
    std::vector<std::string> bodies;
    for (const http::Request& request : requests()) bodies.push_back(request.body);
    return bodies;
  }

 private:
  const Answering answering_;
  mutable absl::Mutex mutex_;
  std::vector<http::Request> requests_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<http::Server> server_;  // Last: its handler uses the above.
};

class WebhookTest : public ::selfology::testing::MeshTest {
 protected:
  void Start(WebhookSettings settings = {.allowed_networks = {"127.0.0.0/8"}}) {
    port_ = 0;
    settings.sender.glance = absl::Milliseconds(20);
    settings.works_jobs = false;
    settings.listening = [this](uint16_t port) { port_ = port; };
    StartMesh(::selfology::testing::Modules(MakeModule(std::move(settings))),
              [this](service::Settings& kernel) { kernel.clock = [this] { return Now(); }; });
    client_.emplace(Peer("webhook"));
    Await("webhooks can be received", [this] { return port_ != 0; });
  }

  absl::Time Now() const { return absl::Now() + absl::Nanoseconds(ahead_.load()); }
  void Advance(absl::Duration by) { ahead_ += absl::ToInt64Nanoseconds(by); }

  // Advances once nothing is being sent or due: a lease is not to end in the middle of a call.
  void AdvanceWhenIdle(absl::Duration by) {
    const auto idle = DatabaseAs("").Read(Deadline(), [&](postgres::Transaction& tx) {
      return tx.QueryOne<bool>(
          "SELECT NOT EXISTS (SELECT FROM selfology.webhook_attempts WHERE ended_at IS NULL)"
          " AND NOT EXISTS (SELECT FROM selfology.webhook_endpoints WHERE due_at <= $1)",
          Now());
    });
    ASSERT_TRUE(idle.ok()) << idle.status();
    if (std::get<0>(**idle)) Advance(by);
  }

  v1::CreateEndpointResponse CreateEndpoint(const std::string& url,
                                            std::vector<std::string> types = {},
                                            int64_t user_id = kUser) {
    v1::CreateEndpointRequest request;
    request.set_user_id(user_id);
    request.set_url(url);
    for (const std::string& type : types) request.add_event_types(type);
    request.set_idempotency_key(absl::StrCat("key-", ++keys_));
    auto response = client_->CreateEndpoint(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(v1::CreateEndpointResponse());
  }

  v1::Endpoint Endpoint(const std::string& endpoint_id, int64_t user_id = kUser) {
    v1::GetEndpointRequest request;
    request.set_user_id(user_id);
    request.set_endpoint_id(endpoint_id);
    auto response = client_->GetEndpoint(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->endpoint() : v1::Endpoint();
  }

  // Sends a message of our own; its deliveries.
  std::vector<int64_t> Trigger(const std::string& text, const std::string& endpoint_id = "") {
    v1::TriggerWebhookRequest request;
    request.set_user_id(kUser);
    request.set_endpoint_id(endpoint_id);
    request.set_event_type("webhook.test");
    (*request.mutable_data()->mutable_fields())["text"].set_string_value(text);
    request.set_idempotency_key(absl::StrCat("key-", ++keys_));
    auto response = client_->TriggerWebhook(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok()) return {};
    return {response->delivery_ids().begin(), response->delivery_ids().end()};
  }

  v1::GetDeliveryResponse Delivery(int64_t delivery_id) {
    v1::GetDeliveryRequest request;
    request.set_user_id(kUser);
    request.set_delivery_id(delivery_id);
    auto response = client_->GetDelivery(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(v1::GetDeliveryResponse());
  }
  void AwaitState(int64_t delivery_id, v1::DeliveryState state) {
    Await(v1::DeliveryState_Name(state),
          [&] { return Delivery(delivery_id).delivery().state() == state; });
  }

  v1::CreateSourceResponse CreateSource(v1::CreateSourceRequest request) {
    request.set_idempotency_key(absl::StrCat("key-", ++keys_));
    auto response = client_->CreateSource(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(v1::CreateSourceResponse());
  }
  v1::CreateSourceResponse CreateSource(v1::Provider provider, const std::string& secret,
                                        int64_t user_id = kUser) {
    v1::CreateSourceRequest request;
    request.set_user_id(user_id);
    request.set_provider(provider);
    request.set_secret(secret);
    return CreateSource(request);
  }

  http::ClientResponse Send(const v1::Source& source, const std::string& body,
                            http::Headers headers = {}, const std::string& query = "",
                            const std::string& method = "POST") {
    auto response = http_.Send(
        Deadline(), {.method = method,
                     .url = absl::StrCat("http://127.0.0.1:", port_.load(), source.path(), query),
                     .headers = std::move(headers),
                     .body = body});
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(http::ClientResponse());
  }

  std::vector<v1::Received> Received(int64_t user_id = kUser) {
    v1::ListReceivedRequest request;
    request.set_user_id(user_id);
    auto response = client_->ListReceived(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok()) return {};
    return {response->received().begin(), response->received().end()};
  }

  std::atomic<uint16_t> port_ = 0;
  std::atomic<int64_t> ahead_ = 0;  // Of the real clock, in nanoseconds.
  int keys_ = 0;
  std::optional<v1::WebhookServiceClient> client_;
  http::Client http_{{}};
};

}  // namespace selfology::webhook
