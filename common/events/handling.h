// One event's handling: what its handler works with, and what becomes of the result.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/container/node_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/call/call.h"
#include "common/events/envelope.h"
#include "common/events/user_lanes.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"

namespace selfology::events {

// What a handler is given besides the event. Used by the handler's thread only.
class Handling {
 public:
  Handling(postgres::Database& database, const Call& call, std::string_view group,
           const Envelope& envelope)
      : database_(&database), call_(call), group_(group), envelope_(envelope) {}

  // The transaction of the effect; it has the mark "handled" in it. Of an event that is handled
  // alone it begins at the first use: a handler that asks a slow peer first holds no connection
  // meanwhile. If the event was handled before, every statement fails; return that status, the
  // kernel knows it.
  postgres::Transaction& tx();

  const Call& call() const { return call_; }
  const Envelope& envelope() const { return envelope_; }
  absl::Time now() const { return absl::Now(); }

 private:
  friend class EventRunner;
  Handling(postgres::Transaction& shared, const Call& call, std::string_view group,
           const Envelope& envelope)
      : shared_(&shared), call_(call), group_(group), envelope_(envelope) {}
  absl::Status Commit();

  postgres::Database* const database_ = nullptr;
  postgres::Transaction* const shared_ = nullptr;
  const Call& call_;
  const std::string_view group_;
  const Envelope& envelope_;
  std::optional<postgres::Transaction> tx_;
};

// Runs events of one consumer group against the inbox. Thread-safe.
class EventRunner {
 public:
  using Handler = std::function<absl::Status(const std::string& payload, Handling&)>;
  struct Registered {
    Handler run;
    // How much it has waited for others lately; see RunsAlone.
    mutable std::atomic<int> waits = 0;
  };
  using Handlers = absl::node_hash_map<std::string, Registered>;

  enum class Outcome {
    kDone,     // Handled now or before, or parked: the lane goes on.
    kRetry,    // The event failed for now; count the attempt.
    kWaiting,  // The database cannot be reached; not the event's fault.
  };

  EventRunner(std::string group, const Handlers& handlers, postgres::Database& database,
              observe::Metrics& metrics, absl::Duration timeout, int max_attempts);

  bool Handles(const std::string& type) const { return handlers_.contains(type); }
  struct Result {
    Outcome outcome;
    absl::Duration after =
        absl::ZeroDuration();  // kRetry: no sooner than this (google.rpc.RetryInfo).
  };
  Result Run(const Delivery& delivery);

  // Runs events of different users in one transaction. False: one could not be handled so, nothing
  // has happened, and each is to be run alone.
  bool RunTogether(absl::Span<const Delivery* const> deliveries);

  // Not to be run together with others: it failed before, its user has parked events, or its
  // handler makes RPCs and the like, for which others' locks must not be held. A handler that does
  // is found out when it is run: it is refused once, and alone from then on until it has not waited
  // for a while.
  bool RunsAlone(const Delivery& delivery) const;

  // The mean time of an event of those that were run together lately.
  absl::Duration MeanTogether() const { return absl::Nanoseconds(mean_together_.load()); }

  // Runs the parked events of users whose replay was asked for, in order, until one fails again.
  absl::Status ReplayParked(const Call& call);

 private:
  absl::Status Handle(const Call& call, const Envelope& envelope, bool* waiting);
  absl::StatusOr<bool> WasHandled(const Call& call, const Envelope& envelope);
  absl::Status Park(const Call& call, const Envelope& envelope, const absl::Status& failure,
                    int attempts);
  // repeats: some may have been handled before, and are left out.
  absl::Status HandleTogether(absl::Span<const Delivery* const> deliveries, bool repeats);
  absl::StatusOr<bool> ReplayNext(const Call& call, int64_t user);
  static void NoteWaits(const Registered& handler, bool waited);
  void LogHandled(const Envelope& envelope, absl::Duration elapsed);

  const std::string group_;
  const Handlers& handlers_;
  postgres::Database& database_;
  observe::Requests requests_;
  observe::Counter parked_;
  observe::Counter repeated_;
  const absl::Duration timeout_;
  const int max_attempts_;
  std::atomic<int64_t> mean_together_ = 0;  // Nanoseconds.
  std::atomic<int64_t> repeats_expected_ = 0;

  mutable absl::Mutex mutex_;
  // Users of whom this process parked an event; they may have been mended since.
  absl::flat_hash_set<int64_t> parked_users_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::events
