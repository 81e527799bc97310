#include <atomic>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "common/uuid/uuid.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "tests/bench/loads.h"

namespace selfology::bench {
namespace {

// The group begins behind what the streams hold.
absl::Status SkipStreams(Ground& ground, const std::string& group) {
  for (int p = 0; p < kPartitions; ++p) {
    RETURN_IF_ERROR(
        ground.redis
            ->Command(Patient(), {"XGROUP", "CREATE", events::StreamName(p, kPartitions), group,
                                  "$", "MKSTREAM"})
            .status());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Replicas> MakeReplicas(Ground& ground, events::ConsumerOptions options, int count) {
  Replicas replicas;
  options.concurrency = kHandlersAtOnce;
  options.lease = absl::Seconds(2);  // So that they are soon shared out.
  for (int i = 0; i < count; ++i) {
    Replica& replica = *replicas.emplace_back(std::make_unique<Replica>());
    ASSIGN_OR_RETURN(replica.redis, redis::Client::Open(ground.redis_server->url()));
    ASSIGN_OR_RETURN(replica.database,
                     postgres::Database::Open(
                         {.url = ground.postgres->url(), .max_connections = kHandlersAtOnce}));
    options.replica = absl::StrCat(i);
    replica.streams = std::make_unique<events::StreamReader>(*replica.redis, kPartitions);
    replica.consumer = std::make_unique<events::Consumer>(options, *replica.streams,
                                                          *replica.database, replica.metrics);
  }
  return replicas;
}

absl::Status StartReplicas(Replicas& replicas) {
  for (const auto& replica : replicas) RETURN_IF_ERROR(replica->consumer->Start());
  const int share = kPartitions / static_cast<int>(replicas.size());
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  for (const auto& replica : replicas) {
    while (replica->consumer->held_partitions() != share) {
      if (absl::Now() > deadline) return absl::InternalError("partitions are not shared out");
      Pause(absl::Milliseconds(1));
    }
  }
  return absl::OkStatus();
}

absl::Status MakeEffects(Ground& ground, int64_t users) {
  RETURN_IF_ERROR(ground.Sql("DROP TABLE IF EXISTS effects"));
  RETURN_IF_ERROR(
      ground.Sql("CREATE TABLE effects (user_id bigint PRIMARY KEY, n bigint NOT NULL)"
                 " WITH (fillfactor = 50)"));
  RETURN_IF_ERROR(
      ground.Sql("INSERT INTO effects SELECT g, 0 FROM generate_series(1, $1::bigint) g", users));
  return ground.Sql("ANALYZE effects");
}

absl::Status FillStreams(Ground& ground, int64_t events, int64_t users) {
  absl::BitGen random;
  uuid::Sequence ids;
  redis::Batch batch;
  for (int64_t n = 0; n < events; ++n) {
    events::v1::SessionCreated event;
    event.set_user_id(absl::Uniform<int64_t>(random, 1, users + 1));
    event.set_session_id(n);
    const events::Envelope envelope{
        .id = ids.Next(absl::Now(), random),
        .type = events::TypeOf<events::v1::SessionCreated>(),
        .partition_key = event.user_id(),
        .occurred_at = absl::Now(),
        .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        .trace_id = "4bf92f3577b34da6a3ce929d0e0e4736",
        .producer = "bench",
        .payload = event.SerializeAsString()};
    redis::Args add{
        "XADD", events::StreamName(events::PartitionOf(event.user_id(), kPartitions), kPartitions),
        "*"};
    for (const auto& [name, value] : events::EncodeEntry(envelope)) add.Add(name).Add(value);
    batch.Add(add);
    if (batch.size() < 1000 && n + 1 < events) continue;
    RETURN_IF_ERROR(ground.redis->Pipeline(Patient(), batch));
    batch.Clear();
  }
  return absl::OkStatus();
}

absl::StatusOr<double> Handle(Ground& ground, const HandlerLoad& load) {
  std::atomic<int64_t> done = 0;
  if (load.refill > 0) RETURN_IF_ERROR(SkipStreams(ground, load.group));
  events::ConsumerOptions options{.group = load.group};
  if (load.together > 0) options.together = load.together;
  ASSIGN_OR_RETURN(Replicas replicas, MakeReplicas(ground, options, load.replicas));
  for (const auto& replica : replicas) {
    replica->consumer->On<events::v1::SessionCreated>(
        [&](const events::v1::SessionCreated& event, events::Handling& handling) {
          postgres::Transaction& tx = handling.tx();
          tx.Queue("UPDATE effects SET n = n + 1 WHERE user_id = $1", event.user_id());
          tx.AfterCommit([&] { ++done; });
          events::v1::SessionTimeout next;
          next.set_user_id(event.user_id());
          next.set_session_id(event.session_id());
          return events::Publish(tx, next);
        });
  }
  RETURN_IF_ERROR(StartReplicas(replicas));
  if (load.refill > 0) RETURN_IF_ERROR(FillStreams(ground, load.events, load.refill));
  // From the first tenth on, as pgbench, too, leaves out how long it takes to connect.
  while (done < load.events / 10) Pause(absl::Milliseconds(1));
  const absl::Time began = absl::Now();
  const int64_t before = done;
  while (done < load.events) Pause(absl::Milliseconds(1));
  const double seconds = absl::ToDoubleSeconds(absl::Now() - began);
  for (const auto& replica : replicas) replica->consumer->Drain(absl::Now() + absl::Seconds(5));
  ASSIGN_OR_RETURN(
      const int64_t marked,
      ground.Number("SELECT count(*) FROM selfology.inbox WHERE consumer_group = $1", load.group));
  if (marked != load.events) return absl::InternalError("not every event is in the inbox once");
  return static_cast<double>(load.events - before) / seconds;
}

}  // namespace selfology::bench
