// Runs events of one consumer group against the inbox, alone or several in one transaction, and
// decides what becomes of what the handlers return.
//
//   const EventRunner::Result result = runner.Run(delivery);
//
// Threads: may be used from any.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/call/call.h"
#include "common/events/dead_letters.h"
#include "common/events/envelope.h"
#include "common/events/handlers.h"
#include "common/events/handling.h"
#include "common/events/user_queues.h"
#include "common/observe/metrics.h"
#include "common/observe/span.h"
#include "common/postgres/database.h"

namespace selfology::events {

class EventRunner {
 public:
  enum class Outcome {
    kDone,     // Handled now or before, or parked: the queue goes on.
    kRetry,    // The event failed for now; count the attempt.
    kWaiting,  // What it needs cannot be reached; not the event's fault.
  };

  EventRunner(std::string group, const Handlers& handlers, postgres::Database& database,
              observe::Metrics& metrics, absl::Duration timeout, int max_attempts,
              const observe::Tracer* tracer);

  // Before the first event: what is done here lets others go first (Call::Yielding).
  void Yield() { yields_ = true; }

  bool Handles(const std::string& type) const { return handlers_.Find(type) != nullptr; }
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

  absl::Status ReplayParked(const Call& call) { return dead_letters_.Replay(call); }

 private:
  Call NewCall(const observe::TraceContext& trace) const;
  // Run within a span; status becomes what the handler said.
  Result RunTraced(const Delivery& delivery, const Call& call, absl::Time start,
                   absl::Status& status);
  void EndSpan(const observe::Span& span, const Delivery& delivery, absl::StatusCode code,
               absl::Time end) const;
  // checked: inbox::MayBegin has said that it may.
  absl::Status Handle(const Call& call, const Envelope& envelope, bool checked, bool* waiting);
  // repeats: some may have been handled before, and are left out.
  absl::Status HandleTogether(absl::Span<const Delivery* const> deliveries, bool repeats);
  static void NoteWaits(const Handlers::Handler& handler, bool waited);
  void LogHandled(const Envelope& envelope, absl::Duration elapsed);

  const std::string group_;
  const Handlers& handlers_;
  postgres::Database& database_;
  observe::Requests requests_;
  observe::Counter repeated_;
  DeadLetters dead_letters_;
  const absl::Duration timeout_;
  const int max_attempts_;
  const observe::Tracer* const tracer_;
  bool yields_ = false;
  std::atomic<int64_t> mean_together_ = 0;  // Nanoseconds.
  std::atomic<int64_t> repeats_expected_ = 0;
};

}  // namespace selfology::events
