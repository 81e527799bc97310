// Does to a mesh what the world does to it: kills, freezes, cuts off, empties. One fault after the
// other, at moments and of kinds that the seed decides.
//
//   Attacker attacker(mesh, {.seed = 1});
//   attacker.Start();
//   ...
//   attacker.Stop();              // ends the fault that is under way, and all works again
//   attacker.faults();
//
// Meanwhile it does what an orchestrator does: a program that ended by itself is started again; one
// that crashed by itself, or does not come back, is among the complaints. The mesh needs gates and
// a second relay. Threads: thread-safe; from Start to Stop nobody else may kill or restart.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "tests/journey/mesh.h"

namespace selfology::chaos {

struct AttackerOptions {
  uint64_t seed = 1;
  absl::Duration pause = absl::Seconds(1);                // Between two faults, on average.
  std::set<std::string> kinds = {};                       // Names of faults; empty: all.
  std::function<void(const std::string&)> say = nullptr;  // Told of each fault.
};

class Attacker {
 public:
  Attacker(journey::Mesh& mesh, AttackerOptions options);
  ~Attacker();
  Attacker(const Attacker&) = delete;
  Attacker& operator=(const Attacker&) = delete;

  void Start();
  void Stop();

  std::map<std::string, int> faults() const;  // By kind.
  std::vector<std::string> complaints() const;

 private:
  using Random = std::mt19937_64;
  struct Fault {
    std::string_view kind;
    int weight;
    absl::Status (Attacker::*strike)(Random&);
  };
  static const std::vector<Fault>& AllFaults();

  void Run();
  // Starts again what ended by itself.
  void LookAfterPrograms();
  void Complain(std::string what);
  // Waits a time between the two, decided by `random`; false when stopped meanwhile.
  bool Wait(Random& random, absl::Duration least, absl::Duration most);
  absl::Status KillAndRestart(const std::string& program, Random& random);

  absl::Status KillService(Random& random);
  absl::Status KillRelay(Random& random);
  absl::Status FreezeService(Random& random);
  absl::Status CrashPostgres(Random& random);
  absl::Status CutPostgres(Random& random);
  absl::Status TruncatePostgres(Random& random);
  absl::Status DelayPostgres(Random& random);
  absl::Status ShutPostgres(Random& random);
  absl::Status KillRedis(Random& random);
  absl::Status EmptyRedis(Random& random);
  absl::Status RollRedisBack(Random& random);
  absl::Status FillRedis(Random& random);
  absl::Status MakeRedisReadOnly(Random& random);
  absl::Status FailRedisOver(Random& random);
  absl::Status CutRedis(Random& random);
  absl::Status TruncateRedis(Random& random);
  absl::Status DelayRedis(Random& random);
  absl::Status DisturbTelegram(Random& random);

  absl::Status TellRedis(servers::RedisServer& server, const std::vector<std::string>& words);
  void KeepRedisSnapshot();

  journey::Mesh& mesh_;
  const AttackerOptions options_;
  std::vector<Fault> chosen_;
  std::string redis_data_;  // Of the server that serves now.
  int redis_servers_ = 1;

  mutable absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, int> faults_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> complaints_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace selfology::chaos
