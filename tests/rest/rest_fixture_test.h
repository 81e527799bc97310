// All services in this process, and the REST gateway in front of them.
//
//   class RestTest : public RestMeshTest {};
//   TEST_F(RestTest, ...) {
//     const Answer answer = Send("GET", "/api/v1/onboarding/7");
//     EXPECT_EQ(answer.status, 200);
//   }
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/http/client.h"
#include "common/service/host.h"
#include "common/service/settings.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "services/edge/api_gateway/settings.h"
#include "services/modules.h"
#include "testing/servers/postgres_test.h"
#include "testing/servers/redis_test.h"
#include "tools/telegram_emulator/emulator.h"

ABSL_DECLARE_FLAG(std::string, outbox_relay_mode);
ABSL_DECLARE_FLAG(std::string, telegram_api_base);
ABSL_DECLARE_FLAG(selfology::service::Secret, telegram_bot_token);

namespace selfology {

struct Answer {
  int status = 0;
  http::Headers headers = {};
  std::string body = {};

  nlohmann::json Json() const { return nlohmann::json::parse(body, nullptr, false); }
  // The error's code; empty: none.
  std::string Code() const {
    const nlohmann::json json = Json();
    if (!json.is_object() || !json.contains("error") || !json["error"].is_object()) return "";
    return json["error"].value("code", "");
  }
};

class RestMeshTest : public servers::PostgresTest {
 protected:
  void SetUp() override {
    telegram_ = *telegram_emulator::Emulator::Start({});
    absl::SetFlag(&FLAGS_telegram_api_base, telegram_->base_url());
    absl::SetFlag(&FLAGS_telegram_bot_token, service::Secret{"42:a-token"});
    // Needs no replication slot.
    absl::SetFlag(&FLAGS_outbox_relay_mode, "snapshot");
    Start(gateway_);
  }
  void TearDown() override { host_.reset(); }

  void Start(api_gateway::GatewaySettings gateway) {
    host_.reset();
    gateway.on_listening = [this](const std::string& address) { address_ = address; };
    service::Settings settings;
    settings.database_url = url();
    settings.redis_url = servers::TestRedis().url();
    settings.event_partitions = 4;
    settings.drain_timeout = absl::Seconds(5);
    std::vector<std::unique_ptr<service::Module>> modules;
    for (const service::LinkedModule& linked : LinkedModules()) {
      modules.push_back(std::string_view(linked.name) == "api_gateway"
                            ? api_gateway::MakeModule(gateway)
                            : linked.make());
    }
    auto host = service::Host::Start(std::move(settings), std::move(modules));
    ASSERT_TRUE(host.ok()) << host.status();
    host_ = *std::move(host);
  }

  Answer Send(std::string method, std::string_view target, std::string body = "",
              http::Headers headers = {}) {
    const auto sent = client_.Send(Call::Background(absl::Seconds(30)),
                                   {.method = std::move(method),
                                    .url = absl::StrCat("http://", address_, target),
                                    .headers = std::move(headers),
                                    .body = std::move(body)});
    EXPECT_TRUE(sent.ok()) << sent.status();
    if (!sent.ok()) return {};
    return {.status = sent->status, .headers = sent->headers, .body = sent->body};
  }

  const std::string& address() const { return address_; }

  // What SetUp starts it with.
  api_gateway::GatewaySettings gateway_ = {.origins = {"https://app.example.org"}};

 private:
  const absl::FlagSaver flags_;
  http::Client client_{{}};
  std::string address_;
  std::unique_ptr<telegram_emulator::Emulator> telegram_;
  std::unique_ptr<service::Host> host_;
};

}  // namespace selfology
