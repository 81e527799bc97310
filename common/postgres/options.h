// What can be chosen about a Database and its transactions (database.h), and what its pool reports.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "common/observe/metrics.h"

namespace selfology::postgres {

struct Options {
  std::string url = {};  // postgresql://user:password@host:port/database, or libpq keywords.
  std::string replica_url = {};  // Where Read goes; empty: to url.
  std::string role = {};         // What connections SET ROLE to; empty: the login itself.
  std::string application_name = "selfology";  // Shown in pg_stat_activity.

  int min_connections = 5;  // Kept once they were needed, per url; more are closed when idle.
  int max_connections = 20;
  int yielding_connections = 3;  // As many in use make calls that yield wait; see pool.h.
  absl::Duration acquire_timeout = absl::Seconds(5);  // For a connection to become free.
  absl::Duration connect_timeout = absl::Seconds(5);
  absl::Duration idle_timeout = absl::Minutes(5);
  absl::Duration replica_retry = absl::Seconds(5);  // How long a replica that failed is left alone.
  observe::Metrics* metrics = nullptr;              // May be null; must outlive the Database.
};

enum class Isolation { kReadCommitted, kRepeatableRead, kSerializable };

struct WriteOptions {
  Isolation isolation = Isolation::kReadCommitted;
  int retries = 3;  // After serialization failures and deadlocks.
};

struct ReadOptions {
  Isolation isolation = Isolation::kReadCommitted;
  bool newest = false;  // Read what was just written: never from the replica, which may lag.
};

// What the pool is doing now, and has done since it was opened.
struct PoolStats {
  int open = 0;  // Connections, idle or not.
  int idle = 0;
  int waiting = 0;   // Callers that wait for a connection.
  int yielding = 0;  // Callers that let others have one first.
  int64_t opened = 0;
  int64_t round_trips = 0;
};

}  // namespace selfology::postgres
