// Everything that a journey needs, on one machine: PostgreSQL, Redis, the Telegram emulator, and
// the mesh as one process or as one for each service. What the environment provides (DATABASE_URL,
// REDIS_URL, TELEGRAM_BOT_TOKEN, TELEGRAM_API_BASE) is used instead and not started; services of
// others that it names (SELFOLOGY_PEERS) are peers of ours.
//
//   Up up(options, state);
//   RETURN_IF_ERROR(up.Start());
//   up.Watch();                      // restarts what crashed, until told to stop by a signal
//   up.Stop();
//
// PostgreSQL takes its superuser with the password in the state folder only; the folder is this
// user's. Threads: one at a time.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "testing/servers/postgres_server.h"
#include "testing/servers/process.h"
#include "testing/servers/redis_server.h"
#include "tools/ctl/ports.h"
#include "tools/ctl/state_folder.h"

namespace selfology::ctl {

struct UpOptions {
  // In front of every program of ours, such as the sysroot's loader.
  std::vector<std::string> runner = {};
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
  // When to start something again that stopped by itself: soon, unless it keeps stopping.
  struct Restarts {
    void Started(absl::Time now) { started_at = now; }
    void Stopped(absl::Time now);
    bool Due(absl::Time now) const { return now >= next_start; }

    bool stopped = false;
    absl::Time started_at = absl::InfinitePast();
    absl::Time next_start = absl::InfinitePast();
    absl::Duration backoff = absl::ZeroDuration();
  };
  // A program of ours.
  struct Program {
    std::string name;
    std::vector<std::string> argv;
    std::vector<std::string> environment;
    std::string endpoints_file;
    std::unique_ptr<servers::Process> process;
    Restarts restarts;
  };

  absl::Status StartServers();
  absl::Status StartEmulator();
  absl::Status StartMesh();
  // Where webhooks come in, and a provider to try connections with.
  absl::Status PlaceWebhooks(PortReservation& reserved);
  // Where the REST gateway listens.
  absl::Status PlaceRest(PortReservation& reserved);
  absl::Status Launch(Program& program);
  absl::Status AwaitServing();
  void RestartCrashed();
  // Starts `name` again when it is due; launch() -> absl::Status.
  template <typename Launch>
  static void Revive(std::string_view name, bool running, Restarts& restarts, Launch launch);
  std::string ProgramPath(std::string_view label) const;

  const UpOptions options_;
  StateFolder& state_;
  AddressTable table_;
  std::vector<std::string> environment_;  // For our programs.
  std::unique_ptr<servers::PostgresServer> postgres_;
  Restarts postgres_restarts_;
  std::unique_ptr<servers::RedisServer> redis_;
  Restarts redis_restarts_;
  std::vector<std::unique_ptr<Program>> programs_;
};

}  // namespace selfology::ctl
