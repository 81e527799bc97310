// The relay: brings every event that was committed into selfology.outbox to its user's partition
// stream in Redis, in the order of the commits, soon, and again whenever Redis or the database may
// have lost it.
//
//   relay::Relay relay({.database_url = url, .partitions = 16}, redis, metrics);
//   relay.Start();
//   ...
//   relay.Stop();
//
// How it works. One relay leads (an advisory lock), others stand by. It reads new rows by logical
// decoding: woken by each commit, in commit order; where that is not allowed, not ready yet, or
// broken, by the difference of snapshots, polled. Batches go to Redis in one MULTI/EXEC with a
// marker (marker.h) that says what the streams hold, so a relay that starts anew knows exactly
// where to go on. A marker that is gone, is older than what the slot was told, or does not fit the
// streams means that Redis lost something; a marker of another timeline or cluster that the
// database did. Then all that may be missing is published again from the table, under higher ids,
// and consumers drop by event id what they did before. The relay never updates an outbox row.
//
// An entry's id is `<WAL position>-<n>`: of the commit by custom, a later one after a restart or
// recovery.
//
// Needs: a login with REPLICATION that owns the outbox (as a member of its role) and may CREATE in
// the database, and wal_level = logical; else snapshots. Sequences of the outbox without cache.
// Redis as one primary.
//
// Retention drops whole days, and only what every group has passed: a day that somebody may still
// need stays, and so does what the inbox knows of it.
//
// Limits: one relay's throughput; a wiped Redis gets all that retention has kept, unless all groups
// have passed it. Threads: all may be called from any thread. Requirement: R001-14 (retry
// after 1, 2, 4, 8, 16 s).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/redis/client.h"
#include "common/relay/outbox_reader.h"

namespace selfology::relay {

enum class Preference {
  kAuto,      // Logical decoding where it is allowed, else snapshots.
  kLogical,   // It must be allowed: until then nothing is published.
  kSnapshot,  // Snapshots only: no slot is made.
};

struct Options {
  std::string database_url;  // As the login that may replicate.
  std::string role = "selfology_mesh";
  int partitions = 16;  // The same in the whole mesh.
  Preference preference = Preference::kAuto;
  std::string slot = "selfology_outbox";  // One per database: slots belong to the cluster.
  std::string publication = "selfology_outbox";

  size_t batch_events = 500;                 // In one MULTI/EXEC, which holds Redis up as a whole.
  size_t batch_bytes = size_t{1024} * 1024;  // Of payload.
  absl::Duration busy_poll = absl::Milliseconds(1);   // Of snapshots, after something was found;
  absl::Duration idle_poll = absl::Milliseconds(50);  // doubling up to this.
  absl::Duration check = absl::Seconds(1);  // Progress is noted, Redis looked at, this often.
  absl::Duration standby_poll = absl::Milliseconds(500);
  // Waits after failures in a row; the last one repeats.
  std::vector<absl::Duration> backoff = {absl::Milliseconds(100), absl::Seconds(1),
                                         absl::Seconds(2),        absl::Seconds(4),
                                         absl::Seconds(8),        absl::Seconds(16)};
  absl::Duration logical_retry = absl::Seconds(60);  // When logical decoding was not allowed.

  absl::Duration count_every = absl::Seconds(2);  // The pending events.
  // Entries that every group has passed are kept this long for newcomers.
  absl::Duration stream_keep = absl::Hours(1);
  absl::Duration trim_every = absl::Minutes(1);
  absl::Duration partitions_every = absl::Hours(1);
  absl::Duration outbox_retention = absl::Hours(30 * 24);
  absl::Duration inbox_retention = absl::Hours(37 * 24);  // Longer: what comes again must be known.
};

enum class Mode { kStarting, kLogicalDecoding, kSnapshotDifference, kStandby };

// Counters run from the start of this relay.
struct RelayStatus {
  Mode mode = Mode::kStarting;
  int64_t pending_events = 0;
  int64_t published_total = 0;
  int64_t failed_total = 0;
  int64_t republished_total = 0;
  absl::Duration lag;  // Age of the oldest pending event.
  std::optional<absl::Time> last_published_at;
  int64_t retained_wal_bytes = 0;
  std::string last_error;
};

struct RelayShared;

class Relay {
 public:
  // The references must outlive the relay.
  Relay(Options options, redis::Client& redis, observe::Metrics& metrics);
  ~Relay();  // Stops.
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  void Start();  // A thread of its own.
  void Stop();   // When it returns, nothing is under way. Idempotent.

  RelayStatus status() const;

  // Publishes again, in their order, events that fit; gives how many. Returns when they are in the
  // streams, or when the call ends (it goes on then). UNAVAILABLE with reason RELAY_STANDBY when
  // another relay leads.
  absl::StatusOr<int64_t> Replay(const Call& call, ReplayFilter filter);
  // How many it would be. On a connection of its own, so that counting delays no event; a standby
  // counts, too.
  absl::StatusOr<int64_t> CountReplay(const Call& call, const ReplayFilter& filter) const;

  const Options& options() const { return options_; }
  redis::Client& redis() { return redis_; }

 private:
  void Run();
  absl::Status RunOnce();
  // What the leader has not noted as published: up to options.check of it may be.
  absl::Status CountAsStandby(OutboxReader& outbox);

  const Options options_;
  redis::Client& redis_;
  const std::unique_ptr<RelayShared> shared_;
  std::thread thread_;
};

}  // namespace selfology::relay
