// The loads that several rows use: what our relay and our handlers do with events that are there,
// and how soon a handler starts.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/events/consumer.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "common/redis/client.h"
#include "common/relay/relay.h"
#include "tests/bench/ground.h"

namespace selfology::bench {

inline constexpr int kHandlersAtOnce = 16;

// Starts a relay and waits until it works as preferred.
std::unique_ptr<relay::Relay> StartRelay(Ground& ground, relay::Options options,
                                         observe::Metrics& metrics);
relay::Options RelayOptions(const Ground& ground,
                            relay::Preference preference = relay::Preference::kLogical);

// Events a second until that many more are in the streams, without the first tenth of them.
absl::StatusOr<double> DrainBacklog(Ground& ground, relay::Preference preference, int64_t events,
                                    observe::Metrics& metrics);

// One process's part of a consumer group.
struct Replica {
  observe::Metrics metrics;
  std::unique_ptr<redis::Client> redis;
  std::unique_ptr<events::StreamReader> streams;
  std::unique_ptr<postgres::Database> database;
  std::unique_ptr<events::Consumer> consumer;
};
using Replicas = std::vector<std::unique_ptr<Replica>>;
// Not started yet.
absl::StatusOr<Replicas> MakeReplicas(Ground& ground, events::ConsumerOptions options, int count);
// Starts them and waits until each holds its share of the partitions.
absl::Status StartReplicas(Replicas& replicas);

// The table `effects` of as many users.
absl::Status MakeEffects(Ground& ground, int64_t users);

// Puts session.created events into the streams, as the relay would have.
absl::Status FillStreams(Ground& ground, int64_t events, int64_t users);

struct HandlerLoad {
  std::string group;
  int64_t events = 0;  // As many as are in the streams.
  int together = 0;    // Events that may share a transaction; 0: what is customary.
  int replicas = 1;
  // Not 0: the events are put there only when each replica has its share, of so many users.
  int64_t refill = 0;
};
// Inbox row, an UPDATE of `effects`, an outbox row: events a second without the first tenth.
absl::StatusOr<double> Handle(Ground& ground, const HandlerLoad& load);

struct StartLoad {
  std::string group = "start";
  int events = 10'000;
  int a_second = 1'000;
  int replicas = 1;
};
// Milliseconds from each event's transaction to its handler, without the first tenth. The ground
// must have the table bare_latency (n bigint) for the bare way.
absl::StatusOr<std::vector<double>> TimeToHandler(Ground& ground, const StartLoad& load);
// The least that any way through both servers takes: the writer commits, appends to the stream
// itself, and a reader blocked in XREAD gets it.
absl::StatusOr<std::vector<double>> TimeByHand(Ground& ground, const StartLoad& load);

}  // namespace selfology::bench
