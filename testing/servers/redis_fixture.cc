#include <hiredis/hiredis.h>

#include <cstdlib>
#include <iostream>
#include <memory>

#include "testing/servers/redis_test.h"

namespace selfology::servers {

RedisServer& TestRedis() {
  static const std::unique_ptr<RedisServer> server = [] {
    auto started = RedisServer::Start({});
    if (!started.ok()) {
      std::cerr << "no test Redis: " << started.status() << std::endl;
      abort();
    }
    return *std::move(started);
  }();
  return *server;
}

void RedisTest::SetUp() {
  if (!server().running()) {
    const absl::Status restarted = server().Restart();
    ASSERT_TRUE(restarted.ok()) << restarted;
  }
  const std::unique_ptr<redisContext, decltype(&redisFree)> redis(
      redisConnectUnix(server().socket_path().c_str()), &redisFree);
  ASSERT_TRUE(redis != nullptr && redis->err == 0) << "cannot connect to Redis";
  void* reply = redisCommand(redis.get(), "FLUSHALL");
  ASSERT_NE(reply, nullptr);
  freeReplyObject(reply);
}

}  // namespace selfology::servers
