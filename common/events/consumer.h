// Consuming: one consumer group of one service, in one process.
//
//   events::Consumer consumer({.group = "session_management"}, streams, database, metrics);
//   consumer.On<UserOnboardingInitiated>([](const UserOnboardingInitiated& event, Handling& h) {
//     return store::OpenSession(h.tx(), event.user_id(), h.now());
//   });
//   consumer.Start();
//
// The guarantee: an event takes effect once per group, in its user's order, whatever crashes. It
// rests on the inbox alone: the effect, the mark "handled" and new outbox rows commit together, so
// an event that is seen twice fails on the mark and is dropped. How the stream is read is only
// economy:
//   - each partition is leased to one replica, so that two do not do the same work;
//   - a replica reads on from where the group's last-delivered-id stands, by itself until it has
//     caught up, then together with the process's other groups (stream_reader.h); it runs different
//     users' events in parallel and one user's in order, and moves that id forward past what is
//     done (XGROUP SETID), so XINFO GROUPS tells the group's lag and what is before it may be
//     trimmed;
//   - after a crash the next holder of the lease reads the unfinished part again.
// Plain XREAD, not XREADGROUP: an entry delivered to a stalled consumer would be invisible to the
// next one, which could then handle the same user's later event first.
//
// When a worker becomes free, all events of different users that are ready run together: one after
// the other in one transaction, with one COMMIT (RunTogether in event_runner.h). There is no
// batching delay unless Gather sets one. If one of them fails, the transaction is rolled back and
// each runs alone, so one user's failure affects no other user. A handler that waits for a peer (an
// RPC, HTTP, a transaction of its own) always runs alone, because others' locks must not be held
// meanwhile; the kernel notices that by itself.
//
// What a handler returns decides: OK commits; UNAVAILABLE, ABORTED and DEADLINE_EXCEEDED are tried
// again after 1, 2, 4, 8 and 16 s (R001-14), meanwhile the user's later events wait; any other
// status, or the sixth failure, parks the event and the user's later ones in
// selfology.dead_letters. A database or a Redis that cannot be reached, or takes no writes, is not
// the event's fault: it is tried for ever.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/events/envelope.h"
#include "common/events/event_runner.h"
#include "common/events/event_type.h"
#include "common/events/handlers.h"
#include "common/events/handling.h"
#include "common/events/partition_window.h"
#include "common/events/stream_reader.h"
#include "common/events/user_queues.h"
#include "common/executor/worker_pool.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"

namespace selfology::events {

struct ConsumerOptions {
  std::string group = {};                   // "session_management"; one service's alone.
  std::string replica = {};                 // Unique among the group's processes.
  int concurrency = 16;                     // Handlers at once.
  const observe::Tracer* tracer = nullptr;  // Of the service; outlives the consumer. Null: none.
  int together = 32;            // Events of different users in one transaction, at most.
  int max_unfinished = 10'000;  // Entries of one partition read ahead of the oldest unfinished one.
  absl::Duration handler_timeout = absl::Seconds(60);
  absl::Duration lease =
      absl::Seconds(10);  // How long a crashed replica's partitions lie idle, at most.
  // Waits before the second to sixth attempt.
  std::vector<absl::Duration> backoff = {absl::Seconds(1), absl::Seconds(2), absl::Seconds(4),
                                         absl::Seconds(8), absl::Seconds(16)};
};

class PartitionLeases;

class Consumer final : private StreamReader::Follower {
 public:
  // The references must outlive the consumer.
  Consumer(ConsumerOptions options, StreamReader& streams, postgres::Database& database,
           observe::Metrics& metrics);
  ~Consumer() override;
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  // Before Start. One handler a type.
  template <typename Event, typename Function>
  void On(Function function) {
    handlers_.Add(TypeOf<Event>(),
                  [function = std::move(function)](const std::string& payload, Handling& handling) {
                    Event event;
                    if (!event.ParseFromString(payload)) return MalformedPayload(TypeOf<Event>());
                    return absl::Status(function(event, handling));
                  });
  }

  // Before Start. Handles, besides those of On, all types that `types` gives at the time; until it
  // gives some, nothing is read. A type that comes later is handled from where the group then
  // stands on. `types` is called often and must be quick and thread-safe.
  void OnTypes(Handlers::TypesNow types, Handlers::RunAny handler) {
    handlers_.AddTypes(std::move(types), std::move(handler));
  }

  // Before Start, of a group that nobody waits for. Transactions that could hold more events begin
  // a `period` apart at least, the first after a pause at once, and let the process's others have
  // the database first (Call::Yielding). docs/performance.md says what it saves.
  void Gather(absl::Duration period);

  absl::Status Start();

  // Stops reading, lets running handlers finish until `deadline`, gives the leases back.
  // Idempotent.
  void Drain(absl::Time deadline);

  // Runs the parked events of users whose replay was asked for; called by a timer.
  absl::Status ReplayDeadLetters(const Call& call);

  const std::string& group() const { return options_.group; }
  // Partitions held now, for health and tests.
  int held_partitions() const;

 private:
  struct Partition {
    EntryId cursor;                // The last entry read.
    EntryId possibly_redelivered;  // Entries up to here may have been handled before.
    EntryId committed;             // What the group's last-delivered-id was set to.
    bool following = false;        // What comes next is brought by streams_.
    PartitionWindow window;
  };

  static absl::Status MalformedPayload(const std::string& type);

  void Following(int partition) override;
  StreamReader::Taken Take(int partition, absl::Span<const StreamEntry> entries) override;
  enum class Source { kOwn, kFollowed };
  // Whether any of them is this group's.
  bool Accept(int partition, absl::Span<const StreamEntry> entries, Source source);

  void Loop();
  void Rest();
  absl::Status KeepLeases();
  absl::Status Acquire(int partition);
  // Reads what is not followed, and follows it if that was all; more: something came.
  absl::Status CatchUp(bool& more);
  // The last entry read of each partition that is to be read and not followed.
  std::map<int, EntryId> BehindLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status AdvanceGroup();
  void RunQueues();
  void LaunchLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What one worker runs next: the fronts of these users' queues, which are then marked running. Of
  // no users: nothing is ready, or enough is under way.
  struct Job {
    std::vector<int64_t> users;
    std::optional<absl::Time> due;  // Unless it has to be alone.
  };
  Job TakeLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool MustBeAlone(int64_t user) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Work(Job job);
  void RunTogether(absl::Span<const int64_t> users);
  void RunAlone(int64_t user);
  void DoneLocked(int64_t user) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const ConsumerOptions options_;
  StreamReader& streams_;
  postgres::Database& database_;
  Handlers handlers_;
  std::unique_ptr<EventRunner> runner_;
  std::unique_ptr<PartitionLeases> leases_;
  observe::Gauge unfinished_;
  observe::Gauge held_;

  mutable absl::Mutex mutex_;
  absl::CondVar loop_has_work_;
  std::map<int, Partition> held_partitions_ ABSL_GUARDED_BY(mutex_);
  UserQueues queues_ ABSL_GUARDED_BY(mutex_);
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  int running_ ABSL_GUARDED_BY(mutex_) = 0;  // Workers.
  // Of those, that may run several events: when each should have done so.
  std::multiset<absl::Time> together_due_ ABSL_GUARDED_BY(mutex_);
  absl::Duration gather_;
  absl::Time gathered_at_ ABSL_GUARDED_BY(mutex_);  // When one may begin that is not full.
  bool gathering_ ABSL_GUARDED_BY(mutex_) = false;  // Some wait for that.

  executor::WorkerPool workers_;
  std::thread thread_;
};

}  // namespace selfology::events
