// One event's handling: what its handler works with, and what becomes of the result.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
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
      : database_(database), call_(call), group_(group), envelope_(envelope) {}

  // The transaction of the effect. It begins, with the mark "handled" in it, at the first use: a
  // handler that asks a slow peer first holds no connection meanwhile. If the event was handled
  // before, every statement fails; return that status, the kernel knows it.
  postgres::Transaction& tx();

  const Call& call() const { return call_; }
  const Envelope& envelope() const { return envelope_; }
  absl::Time now() const { return absl::Now(); }

 private:
  friend class EventRunner;
  absl::Status Commit();

  postgres::Database& database_;
  const Call& call_;
  const std::string_view group_;
  const Envelope& envelope_;
  std::optional<postgres::Transaction> tx_;
};

// Runs events of one consumer group against the inbox. Thread-safe.
class EventRunner {
 public:
  using Handler = std::function<absl::Status(const std::string& payload, Handling&)>;
  using Handlers = absl::flat_hash_map<std::string, Handler>;

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

  // Runs the parked events of users whose replay was asked for, in order, until one fails again.
  absl::Status ReplayParked(const Call& call);

 private:
  absl::Status Handle(const Call& call, const Envelope& envelope, bool* waiting);
  absl::StatusOr<bool> WasHandled(const Call& call, const Envelope& envelope);
  absl::Status Park(const Call& call, const Envelope& envelope, const absl::Status& failure,
                    int attempts);
  absl::StatusOr<bool> ReplayNext(const Call& call, int64_t user);

  const std::string group_;
  const Handlers& handlers_;
  postgres::Database& database_;
  observe::Requests requests_;
  observe::Counter parked_;
  observe::Counter repeated_;
  const absl::Duration timeout_;
  const int max_attempts_;
};

}  // namespace selfology::events
