// A Redis server of one's own, from the locked packages: for tests, and for running the product on
// one machine.
//
//   ASSIGN_OR_RETURN(auto server, RedisServer::Start({}));
//   ASSIGN_OR_RETURN(auto client, redis::Client::Open(server->url(), {}));
//
// Ready when Start returns. Nothing is kept on disk unless a data folder is given.
//
// Errors: INTERNAL or FAILED_PRECONDITION with the server's own words. Threads: one at a time.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "testing/servers/binaries.h"
#include "testing/servers/process.h"

namespace selfology::servers {

struct RedisOptions {
  // The append-only file is kept here; made if missing; empty: nothing is kept.
  std::string data_folder = "";
  int port = 0;  // On 127.0.0.1; 0: Unix socket only.
  bool forward_output = false;
  std::vector<std::string> arguments = {};  // More of redis-server's, such as "--maxmemory", "1mb".
};

class RedisServer {
 public:
  static absl::StatusOr<std::unique_ptr<RedisServer>> Start(RedisOptions options);
  ~RedisServer();

  // redis://127.0.0.1:port/0 if there is a port, else unix:///path?db=0.
  std::string url(int database = 0) const;
  std::string socket_path() const;

  absl::Status Stop();     // SIGTERM: writes what it keeps, then ends.
  void Kill();             // As a crash would.
  absl::Status Restart();  // At the same url; with what was kept, if anything.

  bool running() const { return process_ != nullptr && process_->running(); }
  pid_t pid() const { return process_ == nullptr ? 0 : process_->pid(); }  // 0: not started.

 private:
  explicit RedisServer(RedisOptions options) : options_(std::move(options)) {}
  absl::Status Launch();

  RedisOptions options_;
  ScratchFolder scratch_;
  std::unique_ptr<Process> process_;
};

}  // namespace selfology::servers
