// What an event's handler works with.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/events/envelope.h"
#include "common/observe/span.h"
#include "common/postgres/database.h"

namespace selfology::events {

// What a handler is given besides the event. Used by the handler's thread only.
class Handling {
 public:
  // before_begin: called before the transaction is opened.
  Handling(postgres::Database& database, const Call& call, std::string_view group,
           const Envelope& envelope, std::function<void()> before_begin = nullptr)
      : database_(&database),
        call_(call),
        group_(group),
        envelope_(envelope),
        before_begin_(std::move(before_begin)) {}

  // The transaction of the effect; it has the mark "handled" in it. Of an event that is handled
  // alone it begins at the first use: a handler that asks a slow peer first holds no connection
  // meanwhile. If the event was handled before, every statement fails; return that status, the
  // kernel knows it.
  postgres::Transaction& tx();

  // For a handler that cannot do without a peer: gives the failure back for it to return. A peer that
  // is away (UNAVAILABLE, DEADLINE_EXCEEDED) is not the event's fault: it is tried again until the
  // peer is back, as for a database, and is never parked for that.
  absl::Status Needs(absl::Status failure);

  // For a handler of several parts, one of which failed for good while the others did not: leaves
  // the event among the dead letters by itself, in tx(), so that no other event waits behind it, and
  // gives OK for the handler to return. A replay runs the whole handler again, which has to know
  // which parts are done. For such a replay it gives the failure back, and the letter stays.
  absl::Status ParkAlone(const absl::Status& failure);

  // For effects of the event in a transaction of their own, that last although the handler fails:
  // fails, as tx() does, when the person was erased since the event occurred.
  absl::Status MayTakeEffect(postgres::Transaction& own) const;

  const Call& call() const { return call_; }
  const Envelope& envelope() const { return envelope_; }
  absl::Time now() const { return absl::Now(); }

 private:
  friend class DeadLetters;
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
  const std::function<void()> before_begin_;
  std::optional<postgres::Transaction> tx_;
  bool peer_is_away_ = false;
};

// A span of the trace that the event belongs to, or of a new one. tracer may be null.
observe::Span HandlingSpan(const Envelope& envelope, const observe::Tracer* tracer,
                           absl::Time start);

}  // namespace selfology::events
