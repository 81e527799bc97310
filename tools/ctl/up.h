// Everything that a journey needs, on one machine: PostgreSQL, Redis, the Telegram emulator, and
// the mesh as one process or as one for each service. What the environment provides (DATABASE_URL,
// REDIS_URL, TELEGRAM_BOT_TOKEN, TELEGRAM_API_BASE) is used instead and not started.
//
//   Up up(options, state);
//   RETURN_IF_ERROR(up.Start());
//   up.Watch(stop);                      // restarts what crashed, until told to stop
//   up.Stop();
//
// Threads: one at a time, but `stop` may be set from a signal handler's thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "testing/servers/postgres_server.h"
#include "testing/servers/process.h"
#include "testing/servers/redis_server.h"
#include "tools/ctl/state_folder.h"

namespace selfology::ctl {

struct UpOptions {
  std::vector<std::string> runner =
      {};                     // In front of every program of ours, such as the sysroot's loader.
  std::string programs = {};  // The folder of the build's output.
  bool split = false;         // A process for each service.
};

class Up {
 public:
  Up(UpOptions options, StateFolder& state) : options_(std::move(options)), state_(state) {}
  ~Up();

  absl::Status Start();
  // Looks after the processes until one of the signals SIGINT or SIGTERM, which must be blocked,
  // arrives.
  void Watch();
  // In reverse order of the start, each by SIGTERM and in peace.
  void Stop();

  const AddressTable& addresses() const { return table_; }

 private:
  // A program of ours, restarted when it crashes.
  struct Program {
    std::string name;
    std::vector<std::string> argv;
    std::vector<std::string> environment;
    std::string endpoints_file;
    std::unique_ptr<servers::Process> process;
    absl::Time next_start = absl::InfinitePast();
    absl::Duration backoff;
  };

  absl::Status StartServers();
  absl::Status StartEmulator();
  absl::Status StartMesh();
  absl::Status Launch(Program& program);
  absl::Status AwaitServing();
  void RestartCrashed();
  std::string ProgramPath(std::string_view label) const;

  const UpOptions options_;
  StateFolder& state_;
  AddressTable table_;
  std::vector<std::string> environment_;  // For our programs.
  std::unique_ptr<servers::PostgresServer> postgres_;
  std::unique_ptr<servers::RedisServer> redis_;
  std::vector<std::unique_ptr<Program>> programs_;
};

}  // namespace selfology::ctl
