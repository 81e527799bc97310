// What most rows stand on: PostgreSQL and Redis of their own with the events' tables, and
// statements as the superuser.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/events/envelope.h"
#include "common/postgres/codec.h"
#include "common/postgres/connection.h"
#include "common/redis/client.h"
#include "testing/servers/postgres_server.h"
#include "testing/servers/redis_server.h"

namespace selfology::bench {

inline constexpr int kPartitions = 16;
inline constexpr int kUsers = 5000;

inline Call Patient() { return Call::Background(absl::Minutes(30)); }

// What InsertEvents makes: payloads of 150 bytes, users at random.
struct Inserted {
  int64_t users = kUsers;
  std::string type = "user.answer.submitted";
  std::string payload = std::string(150, '.');
  absl::Duration age = absl::ZeroDuration();
};

class Ground {
 public:
  // durable: a commit waits for the disk, as in production.
  static absl::StatusOr<std::unique_ptr<Ground>> Make(bool durable = true);

  template <typename... Parameters>
  absl::Status Sql(std::string_view sql, const Parameters&... parameters) {
    admin->Add(sql, postgres::internal::EncodeAll(parameters...));
    return admin->RoundTrip(Patient()).status();
  }
  template <typename... Parameters>
  absl::StatusOr<int64_t> Number(std::string_view sql, const Parameters&... parameters) {
    admin->Add(sql, postgres::internal::EncodeAll(parameters...));
    auto result = admin->RoundTrip(Patient());
    if (!result.ok()) return result.status();
    auto row = postgres::internal::ReadOneRow<int64_t>(*result);
    if (!row.ok()) return row.status();
    return row->has_value() ? std::get<0>(**row) : 0;
  }

  // Commits that many events to the outbox, in transactions of 100.
  absl::Status InsertEvents(int64_t events, const Inserted& kind = {});
  // Entries in all of the streams "selfology:events..." or, with a prefix, of others.
  absl::StatusOr<int64_t> Entries(std::string_view prefix = "");

  std::unique_ptr<servers::PostgresServer> postgres;
  std::unique_ptr<servers::RedisServer> redis_server;
  std::unique_ptr<redis::Client> redis;
  std::unique_ptr<postgres::Connection> admin;
};

void Pause(absl::Duration duration);

}  // namespace selfology::bench
