// For tests that need Redis: one server per test binary, emptied before each test.
//
//   class LimiterTest : public servers::RedisTest {};
//   TEST_F(LimiterTest, ...) { auto client = redis::Client::Open(url(), {}); ... }
#pragma once

#include <string>

#include "gtest/gtest.h"
#include "testing/servers/redis_server.h"

namespace selfology::servers {

// The binary's server, started when first asked for. Aborts when it cannot start.
RedisServer& TestRedis();

class RedisTest : public ::testing::Test {
 protected:
  void SetUp() override;  // FLUSHALL, and starts the server again if a test stopped it.
  RedisServer& server() { return TestRedis(); }
  std::string url() { return TestRedis().url(); }
};

}  // namespace selfology::servers
