// New outbox rows out of the write-ahead log: a logical replication slot, read from its last
// confirmed place.
//
//   ASSIGN_OR_RETURN(auto source, WalSource::Open(options, stop));    // may take long: see below
//   RETURN_IF_ERROR(source->Start());
//   while (true) {
//     ASSIGN_OR_RETURN(std::optional<WalMessage> message, source->Next());
//     if (!message) { poll source->fd(); continue; }
//     ...
//   }
//   source->Confirm(position, false);      // what is before it need not come again
//
// Open makes the publication and the slot when they are missing, and a new slot when the server has
// given the old one up (max_slot_wal_keep_size). Making a slot waits for every transaction that is
// writing at that moment, in any database of the cluster.
//
// Errors: FAILED_PRECONDITION or PERMISSION_DENIED where logical decoding is not allowed
// (wal_level, the login's rights); ABORTED while the slot is in use; CANCELLED when `stop` was
// signalled; UNAVAILABLE when the connection is lost. Threads: one at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/relay/lsn.h"
#include "common/relay/pgoutput.h"
#include "common/relay/wakeup.h"

struct pg_conn;

namespace selfology::relay {

// All transactions whose commits end here or before have come.
struct Keepalive {
  Lsn end = 0;
  bool reply_wanted = false;
};
using WalMessage = std::variant<Begin, Insert, Commit, Keepalive>;

struct WalOptions {
  std::string url;
  std::string table = "selfology.outbox";
  std::string slot = "selfology_outbox";
  std::string publication = "selfology_outbox";
};

class WalSource {
 public:
  // `stop` must outlive the source.
  static absl::StatusOr<std::unique_ptr<WalSource>> Open(WalOptions options, Wakeup& stop);
  ~WalSource();

  // Where the slot begins: the last place that was confirmed, or where it was made.
  Lsn confirmed() const { return confirmed_; }

  absl::Status Start();

  // nullopt: nothing more for now.
  absl::StatusOr<std::optional<WalMessage>> Next();
  int fd() const;

  // Tells the server that it is alive, and what need not be kept. ask: answer with a Keepalive.
  absl::Status Confirm(Lsn position, bool ask);

 private:
  struct CloseConnection {
    void operator()(pg_conn* connection) const;
  };
  using Rows = std::vector<std::vector<std::string>>;

  WalSource(WalOptions options, Wakeup& stop) : options_(std::move(options)), stop_(stop) {}
  absl::Status Connect();
  absl::Status EnsurePublication();
  absl::Status EnsureSlot();
  absl::StatusOr<Rows> Run(const std::string& command);
  absl::Status Await(short events, absl::Time deadline);
  absl::Status Lost(std::string_view what) const;
  absl::StatusOr<std::optional<WalMessage>> Decode(std::string_view message);

  const WalOptions options_;
  Wakeup& stop_;
  std::unique_ptr<pg_conn, CloseConnection> connection_;
  Lsn confirmed_ = 0;
  PgOutputDecoder decoder_;
};

}  // namespace selfology::relay
