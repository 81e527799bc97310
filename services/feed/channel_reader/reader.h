// Reads channels: when they are due, and when somebody asks.
//
//   Reader reader({.database = &db, .clock = clock, .sources = {{WEB_FEED, &feeds}}});
//   reader.ReadNextDue(call, {WEB_FEED});          // false: none is due
//   reader.ReadNow(call, channel_id, 20);          // what it brought, or why nothing
//
// One replica at a time reads a channel (a lease). What a source takes its time for holds no
// transaction open.
// Errors: UNAVAILABLE and others of the database. Threads: thread-safe; both block while the source
// waits for its turn.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "services/feed/channel_reader/intake.h"
#include "services/feed/channel_reader/sources/source.h"

namespace selfology::channel_reader {

class Reader {
 public:
  struct Options {
    postgres::Database* database = nullptr;
    std::function<absl::Time()> clock = {};
    // Kinds without a source are not configured here.
    std::map<v1::SourceKind, std::shared_ptr<Source>> sources = {};
    observe::Metrics* metrics = nullptr;  // May be null.
  };
  explicit Reader(Options options);

  // Waits while another replica reads it.
  absl::StatusOr<Brought> ReadNow(const Call& call, int64_t channel_id, int limit);
  // The same for a channel that the caller has claimed, in a transaction that is committed.
  static absl::StatusOr<bool> Claim(postgres::Transaction& tx, const Call& call, int64_t channel_id,
                                    absl::Time now);
  absl::StatusOr<Brought> ReadClaimed(const Call& call, int64_t channel_id, int limit);
  absl::StatusOr<bool> ReadNextDue(const Call& call, const std::vector<v1::SourceKind>& kinds);
  absl::Status Join(const Call& call, v1::SourceKind source, std::string_view handle);
  bool Has(v1::SourceKind source) const { return options_.sources.contains(source); }

 private:
  // The channel is leased.
  absl::StatusOr<Brought> Read(const Call& call, int64_t channel_id, int limit);
  absl::Status Release(const Call& call, int64_t channel_id);

  const Options options_;
  const observe::Counter posts_;
  const observe::Counter drifts_;
};

}  // namespace selfology::channel_reader
