// A database as SQL text, as it was at one moment, and back.
//
//   ASSIGN_OR_RETURN(auto dump, DatabaseDump::Begin(url));       // the moment
//   RETURN_IF_ERROR(dump->Write([&](std::string_view sql) { ... }));
//   dump->position()                                             // for the manifest
//
//   RETURN_IF_ERROR(CheckTarget(url, /*force=*/false));
//   RETURN_IF_ERROR(RestoreDatabase(url, position, source));
//
// pg_dump reads under a snapshot that is exported with the position, while everybody goes on writing. Restoring is one
// transaction: all of it is there, or nothing.
//
// Transaction ids and WAL positions mean nothing in another cluster, so what the relay has noted by them is forgotten: it
// publishes the whole outbox again, and the inbox drops what was handled. Replication slots and publications are made by the
// relay itself.
//
// Needs: pg_dump and psql of the locked packages (testing/servers/binaries.h), a role that may read all and sees all rows
// (superuser, or member of all roles with BYPASSRLS); for restoring one that may create roles. Passwords are given to
// programs by a file, never as arguments.
// Errors: the database's; FAILED_PRECONDITION with the words of pg_dump or psql. Threads: one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/postgres/connection.h"
#include "tools/ctl/backup/sealed_file.h"

namespace selfology::ctl {

// What the dump holds: all that was committed before, nothing that came later.
struct Position {
  std::string server_version = {};      // "15.14 (Debian ...)"
  std::string wal = {};                 // The server's place in its write-ahead log: "0/1A2B3C8".
  std::string last_event = {};          // The id of the latest event; empty: none.
  int64_t events = 0;                   // In the outbox.
  std::vector<std::string> roles = {};  // That objects belong to, or are granted to.
};

class DatabaseDump {
 public:
  static absl::StatusOr<std::unique_ptr<DatabaseDump>> Begin(const std::string& url);

  const Position& position() const { return position_; }
  absl::Status Write(Bytes take);

 private:
  DatabaseDump(std::string url, std::unique_ptr<postgres::Connection> connection)
      : url_(std::move(url)), connection_(std::move(connection)) {}

  const std::string url_;
  const std::unique_ptr<postgres::Connection> connection_;  // Its transaction holds the snapshot.
  std::string snapshot_;
  Position position_;
};

// FAILED_PRECONDITION when somebody is connected, or, without force, when there is a schema "selfology" already.
absl::Status CheckTarget(const std::string& url, bool force);

// Takes the place of the schema "selfology", should there be one.
absl::Status RestoreDatabase(const std::string& url, const Position& position,
                             absl::FunctionRef<absl::Status(Bytes write)> source);

}  // namespace selfology::ctl
