// A process and its stores may start in any order.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/http/client.h"
#include "common/service/host.h"
#include "common/service/mesh.h"
#include "common/service/migrate.h"
#include "common/service/module.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "selfology/events/v1/onboarding.pb.h"
#include "testing/eventually.h"
#include "testing/servers/postgres_server.h"
#include "testing/servers/redis_server.h"

namespace selfology::service {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);

class Listening : public Module {
 public:
  ModuleInfo info() const override { return {.name = "late", .group = "late_group"}; }
  absl::Status Start(Mesh& mesh) override {
    mesh.On<events::v1::SessionCreated>(
        [](const events::v1::SessionCreated&, events::Handling&) { return absl::OkStatus(); });
    return absl::OkStatus();
  }
};

class Misspelt : public Listening {
 public:
  ModuleInfo info() const override {
    static constexpr postgres::Migration kMigrations[] = {{1, "0001_wrong", "CREATE TABEL a ()"}};
    return {.name = "late", .group = "late_group", .migrations = kMigrations};
  }
};

std::vector<std::unique_ptr<Module>> Modules() {
  std::vector<std::unique_ptr<Module>> modules;
  modules.push_back(std::make_unique<Listening>());
  return modules;
}

class LateStoresTest : public ::testing::Test {
 protected:
  void SetUp() override {
    postgres_ = *servers::PostgresServer::Start({});
    redis_ = *servers::RedisServer::Start({});
    settings_.database_url = postgres_->url();
    settings_.redis_url = redis_->url();
    settings_.event_partitions = 2;
    ASSERT_TRUE(postgres_->Stop().ok());
    ASSERT_TRUE(redis_->Stop().ok());
  }

  http::ClientResponse Get(const Host& host, std::string_view path) {
    const auto response = http_.Send(Call::Background(kPatience),
                                     {.url = absl::StrCat("http://", host.http_address(), path)});
    return response.value_or(http::ClientResponse{});
  }
  std::string HealthOf(const Host& host) {
    const auto health = nlohmann::json::parse(Get(host, "/health").body, nullptr, false);
    return health.is_object() ? health.value("status", "") : "";
  }

  std::unique_ptr<servers::PostgresServer> postgres_;
  std::unique_ptr<servers::RedisServer> redis_;
  Settings settings_;
  http::Client http_{{}};
};

TEST_F(LateStoresTest, AStartWaitsForTheDatabaseAndRedisMayComeLast) {
  int pauses = 0;
  settings_.pause = [&](absl::Duration delay) {
    EXPECT_GT(delay, absl::ZeroDuration());
    EXPECT_LE(delay, absl::Seconds(5));
    if (++pauses == 3) EXPECT_TRUE(postgres_->Restart().ok());
    return true;
  };
  const auto host = Host::Start(settings_, Modules());
  ASSERT_TRUE(host.ok()) << host.status();
  EXPECT_EQ(pauses, 3);
  EXPECT_TRUE((*host)->ready());
  EXPECT_EQ(Get(**host, "/health/ready").status, 200);
  EXPECT_EQ(HealthOf(**host), "degraded") << "without Redis";

  ASSERT_TRUE(redis_->Restart().ok());
  EXPECT_TRUE(testing::Eventually([&] { return HealthOf(**host) == "healthy"; }, kPatience));
  EXPECT_TRUE(testing::Eventually(
      [&] {
        return absl::StrContains(Get(**host, "/metrics").body,
                                 "event_partitions_held{group=\"late_group\"} 2");
      },
      kPatience))
      << "the consumer group reads";
}

TEST_F(LateStoresTest, WaitsNoLongerThanItMay) {
  settings_.database_wait = absl::ZeroDuration();
  int pauses = 0;
  settings_.pause = [&](absl::Duration) { return ++pauses > 0; };
  const absl::Status status = Host::Start(settings_, Modules()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_EQ(pauses, 0);
}

TEST_F(LateStoresTest, WhoeverStopsItDoesNotWait) {
  settings_.pause = [](absl::Duration) { return false; };
  EXPECT_EQ(MigrateOnceUp(settings_, Modules()).code(), absl::StatusCode::kCancelled);
}

TEST_F(LateStoresTest, WhatWaitingDoesNotMendEndsTheStart) {
  ASSERT_TRUE(postgres_->Restart().ok());
  settings_.pause = [](absl::Duration) {
    ADD_FAILURE() << "waited";
    return false;
  };
  std::vector<std::unique_ptr<Module>> modules;
  modules.push_back(std::make_unique<Misspelt>());
  EXPECT_FALSE(MigrateOnceUp(settings_, modules).ok());
}

}  // namespace
}  // namespace selfology::service
