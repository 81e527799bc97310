// A PostgreSQL server of one's own, from the locked packages: for tests, and for running the
// product on one machine.
//
//   ASSIGN_OR_RETURN(auto server, PostgresServer::Start({}));     // a scratch cluster
//   ASSIGN_OR_RETURN(auto database, postgres::Database::Open({.url = server->url()}));
//
// Ready when Start returns. It listens on a Unix socket, and on 127.0.0.1 if a port is given,
// without passwords unless there is a password_file. wal_level is logical and max_connections 200,
// as the product wants them. Text sorts by bytes and has letters in ASCII only, on every host
// alike; where SQL must know other alphabets it says so: lower(name COLLATE "und-x-icu").
//
// Errors: INTERNAL or FAILED_PRECONDITION with the server's own words. Threads: one at a time.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "testing/servers/binaries.h"
#include "testing/servers/process.h"

namespace selfology::servers {

struct PostgresOptions {
  std::string data_folder = "";  // Initialised if empty or missing; empty name: a scratch folder.
  int port = 0;                  // On 127.0.0.1; 0: Unix socket only.
  bool durable = false;          // Survives a crash of the machine (fsync); tests do without.
  bool forward_output = false;
  // Absolute path of a file in libpq's passfile format, readable by this user only. If set,
  // connections need a password (SCRAM), and url() names the file for clients to find it. If there
  // is no such file yet, the superuser gets a random password, whatever the data folder had before;
  // and so it does when the data folder is initialised.
  std::string password_file = "";
  std::vector<std::pair<std::string, std::string>> settings = {};  // More of postgresql.conf.
};

class PostgresServer {
 public:
  static absl::StatusOr<std::unique_ptr<PostgresServer>> Start(PostgresOptions options);
  ~PostgresServer();  // Stops it.

  // Connects as the superuser "postgres". Over the port if there is one, else over the socket.
  std::string url(std::string_view database = "postgres", std::string_view user = "postgres") const;

  absl::Status Stop();     // Rolls back what is open, then ends: a "fast" shutdown.
  void Kill();             // As a crash would.
  absl::Status Restart();  // The same data at the same url; after Stop, Kill, or neither.

  bool running() const { return process_ != nullptr && process_->running(); }
  pid_t pid() const { return process_ == nullptr ? 0 : process_->pid(); }  // 0: not started.

 private:
  explicit PostgresServer(PostgresOptions options) : options_(std::move(options)) {}
  absl::Status Initialise();
  // Gives the superuser a password and writes the password file, if that is missing.
  absl::Status SetPassword();
  absl::Status Launch();
  absl::Status LaunchWith(int port, std::string_view host_based_authentication);

  PostgresOptions options_;
  ScratchFolder scratch_;  // The socket's folder, and the data unless data_folder was given.
  std::unique_ptr<Process> process_;
};

}  // namespace selfology::servers
