#include "tests/bench/ground.h"

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/events/migrations.h"
#include "common/postgres/migrations.h"
#include "common/status/status_macros.h"

namespace selfology::bench {

absl::StatusOr<std::unique_ptr<Ground>> Ground::Make(bool durable) {
  auto ground = std::make_unique<Ground>();
  ASSIGN_OR_RETURN(ground->postgres, servers::PostgresServer::Start({.durable = durable}));
  ASSIGN_OR_RETURN(ground->redis_server, servers::RedisServer::Start({}));
  ASSIGN_OR_RETURN(ground->redis, redis::Client::Open(ground->redis_server->url()));
  RETURN_IF_ERROR(postgres::Migrate(Patient(), ground->postgres->url(), "mesh",
                                    events::Migrations(), "selfology_mesh"));
  ASSIGN_OR_RETURN(ground->admin, postgres::Connection::Open(
                                      Patient(), {.url = ground->postgres->url(), .keywords = {}}));
  return ground;
}

absl::Status Ground::InsertEvents(int64_t events, const Inserted& kind) {
  constexpr int kEach = 100;
  RETURN_IF_ERROR(Sql("SET synchronous_commit = off"));
  for (int64_t done = 0; done < events; done += kEach) {
    RETURN_IF_ERROR(
        Sql("INSERT INTO selfology.outbox (id, type, partition_key, traceparent, trace_id, payload)"
            " SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint - $3), 12,"
            "  '0') || '7' || substr(md5(random()::text), 1, 19))::uuid, $4,"
            "  1 + (random() * ($2::bigint - 1))::bigint,"
            "  '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',"
            "  '4bf92f3577b34da6a3ce929d0e0e4736', $5"
            " FROM generate_series(1, $1::int)",
            int64_t{kEach}, kind.users, absl::ToInt64Milliseconds(kind.age), kind.type,
            postgres::BytesView{kind.payload}));
  }
  return Sql("SET synchronous_commit = on");
}

absl::StatusOr<int64_t> Ground::Entries(std::string_view prefix) {
  redis::Batch batch;
  for (int p = 0; p < kPartitions; ++p) {
    batch.Add({"XLEN", absl::StrCat(prefix, events::StreamName(p, kPartitions))});
  }
  ASSIGN_OR_RETURN(const redis::Replies replies, redis->Pipeline(Patient(), batch));
  int64_t entries = 0;
  for (const auto& reply : replies) {
    RETURN_IF_ERROR(reply);
    ASSIGN_OR_RETURN(const int64_t length, reply->Integer());
    entries += length;
  }
  return entries;
}

void Pause(absl::Duration duration) {
  absl::Notification().WaitForNotificationWithTimeout(duration);
}

}  // namespace selfology::bench
