// Events that their handlers gave up on, and the later ones of the same users, which wait behind
// them: one consumer group's.
//
//   RETURN_IF_ERROR(dead_letters.Park(call, envelope, failure, attempts));
//   dead_letters.Replay(call);      // what was asked for, by a timer
//
// Errors: the database's, and those of the inbox (UserIsErased). Threads: may be used from any.
#pragma once

#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/call/call.h"
#include "common/events/envelope.h"
#include "common/events/handlers.h"
#include "common/events/handling.h"
#include "common/observe/metrics.h"
#include "common/observe/span.h"
#include "common/postgres/database.h"

namespace selfology::events {

class DeadLetters {
 public:
  // The references must outlive it, and the tracer, which may be null.
  DeadLetters(std::string group, const Handlers& handlers, postgres::Database& database,
              observe::Metrics& metrics, const observe::Tracer* tracer);

  // attempts: of the handler; 0 for an event that waits behind another.
  absl::Status Park(const Call& call, const Envelope& envelope, const absl::Status& failure,
                    int attempts);

  // Runs the parked events of users whose replay was asked for, in order, until one fails again. One
  // whose peer is away (Handling::Needs) stays asked for.
  absl::Status Replay(const Call& call);

  // Whether this process has parked an event of the user and handled none since.
  bool ParkedLately(int64_t user) const;
  void NoteHandled(int64_t user);

 private:
  absl::StatusOr<bool> ReplayNext(const Call& call, int64_t user);

  const std::string group_;
  const Handlers& handlers_;
  postgres::Database& database_;
  observe::Counter parked_;
  const observe::Tracer* const tracer_;

  mutable absl::Mutex mutex_;
  absl::flat_hash_set<int64_t> parked_users_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::events
