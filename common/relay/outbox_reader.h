// The relay's SQL, on one connection of its own.
//
//   ASSIGN_OR_RETURN(auto outbox, OutboxReader::Open(call, url, "selfology_mesh"));
//   ASSIGN_OR_RETURN(bool leads, outbox->TryLead(call));        // until the connection ends
//   ASSIGN_OR_RETURN(Instant instant,
//                    outbox->ReadNew(call, published,
//                                    [&](std::vector<events::Envelope> events, Lsn behind) {}));
//
// ReadNew is the snapshot difference (PgQ's idea): the rows that can be seen now and could not be
// at an earlier snapshot, in the order of seq. That is a right order for each user: an event
// committed before another was inserted is visible whenever the other is, and has the lower seq.
//
// Errors: those of common/postgres/error.h. Threads: one at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/events/envelope.h"
#include "common/postgres/connection.h"
#include "common/relay/lsn.h"
#include "common/relay/snapshot.h"

namespace selfology::relay {

// A snapshot, and a place in the WAL behind the commits of all that it sees.
struct Instant {
  Snapshot snapshot;
  Lsn position = 0;
};

struct Progress {
  Snapshot published;
  Snapshot handled;
  Lsn position = 0;
  int64_t published_total = 0;
};

struct Backlog {
  int64_t events = 0;  // Counted up to kBacklogCounted.
  std::optional<absl::Time> oldest;
};
inline constexpr int64_t kBacklogCounted = 1'000'000;

// Which events to publish again; empty fields fit all.
struct ReplayFilter {
  absl::Time start = absl::InfinitePast();
  absl::Time end = absl::InfiniteFuture();
  int64_t user_id = 0;  // The key or the person it is about.
  std::vector<std::string> types = {};
  std::string trace_id = {};
};

class OutboxReader {
 public:
  // Takes a batch of events, in order, and a place in the WAL behind their commits; an error ends
  // the reading.
  using Sink = absl::FunctionRef<absl::Status(std::vector<events::Envelope>, Lsn)>;

  static absl::StatusOr<std::unique_ptr<OutboxReader>> Open(const Call& call,
                                                            const std::string& url,
                                                            const std::string& role);

  // One relay at a time works on a database: an advisory lock that lives with the connection.
  absl::StatusOr<bool> TryLead(const Call& call);

  // "<system identifier>/<timeline>/<database>": WAL positions and transaction ids mean something
  // only within one.
  absl::StatusOr<std::string> Lineage(const Call& call);

  absl::StatusOr<Instant> Now(const Call& call);

  // Without a round trip of rows when no transaction has ended since `published`.
  absl::StatusOr<Instant> ReadNew(const Call& call, const Snapshot& published, Sink sink);

  // What is in the outbox, was seen by `published` and fits the filter.
  absl::StatusOr<int64_t> CountMatching(const Call& call, const Snapshot& published,
                                        const ReplayFilter& filter);
  absl::Status ReadMatching(const Call& call, const Snapshot& published, const ReplayFilter& filter,
                            Sink sink);

  // A new term, higher than all before; the WAL has moved on when it returns, durably.
  absl::StatusOr<int64_t> BeginTerm(const Call& call);

  // Has the streams looked through once more for those who were erased lately: what was read before
  // may have been published since (events/redaction.h).
  absl::Status RepeatRedactions(const Call& call);
  // Whether a redaction of the streams waits to hear that all from before it has been published.
  absl::StatusOr<bool> RedactionsWait(const Call& call);

  absl::StatusOr<Progress> ReadProgress(const Call& call);
  // Adds to the total. Not waited for: an older value is as true.
  absl::Status WriteProgress(const Call& call, const Instant& published, int64_t newly_published);
  absl::Status WriteHandled(const Call& call, const Snapshot& handled);
  // Remembers these groups too; gives all that there ever were.
  absl::StatusOr<std::vector<std::string>> KnownGroups(const Call& call,
                                                       const std::vector<std::string>& seen);

  absl::StatusOr<Backlog> CountNew(const Call& call, const Snapshot& published);
  absl::StatusOr<int64_t> RetainedWalBytes(const Call& call, std::string_view slot);
  // Makes the coming days' partitions and drops old ones; gives how many are old enough and had to
  // stay, since some consumer group has not passed them.
  absl::StatusOr<int64_t> MaintainPartitions(const Call& call, absl::Duration outbox_retention,
                                             absl::Duration inbox_retention);

 private:
  explicit OutboxReader(std::unique_ptr<postgres::Connection> connection)
      : connection_(std::move(connection)) {}
  template <typename... Parameters>
  absl::StatusOr<postgres::Result> Run(const Call& call, std::string_view sql,
                                       const Parameters&... parameters);
  // DECLAREs the cursor `rows` for `sql` in a transaction whose snapshot is given back.
  template <typename... Parameters>
  absl::StatusOr<Instant> OpenCursor(const Call& call, std::string_view sql,
                                     const Parameters&... parameters);
  absl::Status DrainCursor(const Call& call, Lsn position, Sink sink);

  const std::unique_ptr<postgres::Connection> connection_;
};

}  // namespace selfology::relay
