#include "tests/chaos/attacker.h"

#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/redis/client.h"
#include "common/status/status_macros.h"
#include "testing/servers/tcp_gate.h"

namespace selfology::chaos {

using journey::Mesh;
using servers::RedisServer;

namespace {

int64_t Between(std::mt19937_64& random, int64_t least, int64_t most) {
  return std::uniform_int_distribution<int64_t>(least, most)(random);
}

double Share(std::mt19937_64& random) { return std::uniform_real_distribution<>(0.1, 1)(random); }

absl::Status CopyFolder(const std::string& from, const std::string& to) {
  std::error_code error;
  std::filesystem::remove_all(to, error);
  std::filesystem::copy(from, to, std::filesystem::copy_options::recursive, error);
  if (error) return absl::InternalError(absl::StrCat("copy ", from, ": ", error.message()));
  return absl::OkStatus();
}

constexpr absl::Duration kRedisPatience = absl::Seconds(30);

}  // namespace

const std::vector<Attacker::Fault>& Attacker::AllFaults() {
  static const auto* const faults = new std::vector<Fault>{
      {"kill_service", 6, &Attacker::KillService},
      {"kill_relay", 3, &Attacker::KillRelay},
      {"freeze_service", 2, &Attacker::FreezeService},
      {"postgres_crash", 1, &Attacker::CrashPostgres},
      {"postgres_cut", 2, &Attacker::CutPostgres},
      {"postgres_truncate", 2, &Attacker::TruncatePostgres},
      {"postgres_delay", 1, &Attacker::DelayPostgres},
      {"postgres_shut", 1, &Attacker::ShutPostgres},
      {"redis_kill", 1, &Attacker::KillRedis},
      {"redis_empty", 1, &Attacker::EmptyRedis},
      {"redis_rollback", 1, &Attacker::RollRedisBack},
      {"redis_full", 1, &Attacker::FillRedis},
      {"redis_readonly", 1, &Attacker::MakeRedisReadOnly},
      {"redis_failover", 1, &Attacker::FailRedisOver},
      {"redis_cut", 1, &Attacker::CutRedis},
      {"redis_truncate", 1, &Attacker::TruncateRedis},
      {"redis_delay", 1, &Attacker::DelayRedis},
      {"telegram_fails", 1, &Attacker::DisturbTelegram},
  };
  return *faults;
}

Attacker::Attacker(Mesh& mesh, AttackerOptions options)
    : mesh_(mesh), options_(std::move(options)), redis_data_(mesh.redis_data()) {
  for (const Fault& fault : AllFaults()) {
    if (options_.kinds.empty() || options_.kinds.contains(std::string(fault.kind))) {
      chosen_.push_back(fault);
    }
  }
}

Attacker::~Attacker() { Stop(); }

void Attacker::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Attacker::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  if (!thread_.joinable()) return;
  thread_.join();
  mesh_.telegram().ClearFaults();
  LookAfterPrograms();
}

std::map<std::string, int> Attacker::faults() const {
  absl::MutexLock lock(&mutex_);
  return faults_;
}

std::vector<std::string> Attacker::complaints() const {
  absl::MutexLock lock(&mutex_);
  return complaints_;
}

void Attacker::Complain(std::string what) {
  if (options_.say) options_.say(what);
  absl::MutexLock lock(&mutex_);
  complaints_.push_back(std::move(what));
}

void Attacker::Run() {
  KeepRedisSnapshot();
  Random seeds(options_.seed);
  std::vector<int> weights;
  for (const Fault& fault : chosen_) weights.push_back(fault.weight);
  std::discrete_distribution<size_t> choice(weights.begin(), weights.end());
  while (true) {
    // A generator for each fault, so that the next ones do not depend on how this one goes.
    Random random(seeds());
    if (!Wait(random, options_.pause * 0.2, options_.pause * 1.8)) return;
    const Fault& fault = chosen_[choice(random)];
    if (options_.say) options_.say(std::string(fault.kind));
    {
      absl::MutexLock lock(&mutex_);
      ++faults_[std::string(fault.kind)];
    }
    const absl::Status status = (this->*fault.strike)(random);
    if (!status.ok()) Complain(absl::StrCat(fault.kind, ": ", status.ToString()));
    LookAfterPrograms();
    if (Between(random, 1, 8) == 1) KeepRedisSnapshot();
  }
}

bool Attacker::Wait(Random& random, absl::Duration least, absl::Duration most) {
  const auto ms =
      Between(random, absl::ToInt64Milliseconds(least), absl::ToInt64Milliseconds(most));
  absl::MutexLock lock(&mutex_);
  return !mutex_.AwaitWithTimeout(absl::Condition(&stopped_), absl::Milliseconds(ms));
}

void Attacker::LookAfterPrograms() {
  constexpr int kSignalled = 128;  // Exit codes of what a signal ended.
  for (const std::string& program : mesh_.Programs()) {
    if (mesh_.process(program).running()) continue;
    const absl::StatusOr<int> code = mesh_.process(program).Wait(absl::InfiniteFuture());
    if (code.ok() && *code >= kSignalled) {
      Complain(absl::StrCat(program, " crashed by itself: exit code ", *code));
    } else if (options_.say) {
      options_.say(absl::StrCat(program, " ended by itself and is started again"));
    }
    const absl::Status again = mesh_.Restart(program);
    if (!again.ok()) Complain(again.ToString());
  }
}

absl::Status Attacker::KillAndRestart(const std::string& program, Random& random) {
  mesh_.Kill(program);
  Wait(random, absl::ZeroDuration(), absl::Milliseconds(1500));
  return mesh_.Restart(program);
}

absl::Status Attacker::KillService(Random& random) {
  const std::vector<std::string> programs = mesh_.Programs();
  return KillAndRestart(programs[static_cast<size_t>(Between(random, 0, std::ssize(programs) - 1))],
                        random);
}

absl::Status Attacker::KillRelay(Random& random) {
  const bool second = Between(random, 0, 1) == 1;
  return KillAndRestart(second ? std::string(journey::kSecondRelay) : "outbox_relay", random);
}

// Longer than leases last, now and then: it wakes up in a world that went on without it.
absl::Status Attacker::FreezeService(Random& random) {
  const std::vector<std::string> programs = mesh_.Programs();
  const std::string& program =
      programs[static_cast<size_t>(Between(random, 0, std::ssize(programs) - 1))];
  mesh_.process(program).Signal(SIGSTOP);
  Wait(random, absl::Milliseconds(500), absl::Seconds(12));
  mesh_.process(program).Signal(SIGCONT);
  return absl::OkStatus();
}

absl::Status Attacker::CrashPostgres(Random& random) {
  kill(mesh_.postgres().pid(), SIGQUIT);  // The immediate mode: nobody says good-bye.
  Wait(random, absl::ZeroDuration(), absl::Seconds(1));
  return mesh_.postgres().Restart();
}

absl::Status Attacker::CutPostgres(Random& random) {
  const double share = Share(random);
  mesh_.postgres_gate()->Cut(share, random());
  return absl::OkStatus();
}

absl::Status Attacker::TruncatePostgres(Random& random) {
  mesh_.postgres_gate()->Truncate(static_cast<size_t>(Between(random, 1, 5000)));
  return absl::OkStatus();
}

absl::Status Attacker::DelayPostgres(Random& random) {
  mesh_.postgres_gate()->Delay(absl::Milliseconds(Between(random, 5, 200)));
  Wait(random, absl::Milliseconds(500), absl::Seconds(3));
  mesh_.postgres_gate()->Delay(absl::ZeroDuration());
  return absl::OkStatus();
}

absl::Status Attacker::ShutPostgres(Random& random) {
  mesh_.postgres_gate()->Shut(true);
  Wait(random, absl::Milliseconds(200), absl::Seconds(3));
  mesh_.postgres_gate()->Shut(false);
  return absl::OkStatus();
}

absl::Status Attacker::KillRedis(Random& random) {
  mesh_.redis().Kill();
  Wait(random, absl::ZeroDuration(), absl::Seconds(2));
  return mesh_.redis().Restart();
}

absl::Status Attacker::EmptyRedis(Random& random) {
  mesh_.redis().Kill();
  Wait(random, absl::ZeroDuration(), absl::Seconds(1));
  std::error_code error;
  std::filesystem::remove_all(redis_data_, error);
  return mesh_.redis().Restart();
}

absl::Status Attacker::RollRedisBack(Random& random) {
  mesh_.redis().Kill();
  Wait(random, absl::ZeroDuration(), absl::Seconds(1));
  absl::Status status = CopyFolder(absl::StrCat(mesh_.scratch(), "/redis-snapshot"), redis_data_);
  status.Update(mesh_.redis().Restart());
  return status;
}

absl::Status Attacker::FillRedis(Random& random) {
  RETURN_IF_ERROR(TellRedis(mesh_.redis(), {"CONFIG", "SET", "maxmemory", "1mb"}));
  Wait(random, absl::Milliseconds(500), absl::Seconds(4));
  return TellRedis(mesh_.redis(), {"CONFIG", "SET", "maxmemory", "0"});
}

absl::Status Attacker::MakeRedisReadOnly(Random& random) {
  // A replica of nobody.
  RETURN_IF_ERROR(TellRedis(mesh_.redis(), {"REPLICAOF", "127.0.0.1", "1"}));
  Wait(random, absl::Milliseconds(500), absl::Seconds(4));
  return TellRedis(mesh_.redis(), {"REPLICAOF", "NO", "ONE"});
}

// What the replica had not heard yet is lost, as it is with any asynchronous replication.
absl::Status Attacker::FailRedisOver(Random& random) {
  ASSIGN_OR_RETURN(
      const auto way,
      servers::TcpGate::Start("127.0.0.1:0", absl::StrCat("unix:", mesh_.redis().socket_path())));
  const std::string data = absl::StrCat(mesh_.scratch(), "/redis-data-", ++redis_servers_);
  ASSIGN_OR_RETURN(auto replica, RedisServer::Start(Mesh::RedisOptions(data)));
  const std::string port = way->address().substr(way->address().find(':') + 1);
  RETURN_IF_ERROR(TellRedis(*replica, {"REPLICAOF", "127.0.0.1", port}));
  ASSIGN_OR_RETURN(const auto client, redis::Client::Open(replica->url()));
  const absl::Time end = absl::Now() + kRedisPatience;
  while (true) {
    ASSIGN_OR_RETURN(const redis::Reply role,
                     client->Command(Call::Background(kRedisPatience), {"ROLE"}));
    ASSIGN_OR_RETURN(const auto parts, role.Array());
    if (parts.size() > 3 && parts[3].String().value_or("") == "connected") break;
    if (absl::Now() > end) return absl::DeadlineExceededError("the replica does not connect");
    absl::SleepFor(absl::Milliseconds(20));  // Redis tells nobody.
  }
  Wait(random, absl::ZeroDuration(), absl::Seconds(2));
  // A replica that lags.
  way->Delay(absl::Milliseconds(Between(random, 0, 300)));
  Wait(random, absl::ZeroDuration(), absl::Milliseconds(500));
  mesh_.redis().Kill();
  RETURN_IF_ERROR(TellRedis(*replica, {"REPLICAOF", "NO", "ONE"}));
  mesh_.ReplaceRedis(std::move(replica));
  redis_data_ = data;
  return absl::OkStatus();
}

absl::Status Attacker::CutRedis(Random& random) {
  const double share = Share(random);
  mesh_.redis_gate()->Cut(share, random());
  return absl::OkStatus();
}

absl::Status Attacker::TruncateRedis(Random& random) {
  mesh_.redis_gate()->Truncate(static_cast<size_t>(Between(random, 1, 5000)));
  return absl::OkStatus();
}

absl::Status Attacker::DelayRedis(Random& random) {
  mesh_.redis_gate()->Delay(absl::Milliseconds(Between(random, 5, 200)));
  Wait(random, absl::Milliseconds(500), absl::Seconds(3));
  mesh_.redis_gate()->Delay(absl::ZeroDuration());
  return absl::OkStatus();
}

absl::Status Attacker::DisturbTelegram(Random& random) {
  telegram_emulator::Fault fault{.times = static_cast<int>(Between(random, 1, 1000))};
  switch (Between(random, 0, 3)) {
    case 0:
      fault.error_code = 500;
      break;
    case 1:
      fault.error_code = 429;
      fault.retry_after_s = 1;
      break;
    case 2:
      fault.drop = true;
      break;
    default:
      fault.drop = true;
      fault.after = true;  // It was done, and nobody heard.
      break;
  }
  mesh_.telegram().AddFault(fault);
  Wait(random, absl::Milliseconds(200), absl::Seconds(3));
  mesh_.telegram().ClearFaults();
  return absl::OkStatus();
}

absl::Status Attacker::TellRedis(RedisServer& server, const std::vector<std::string>& words) {
  ASSIGN_OR_RETURN(const auto client, redis::Client::Open(server.url()));
  redis::Args args;
  for (const std::string& word : words) args.Add(word);
  return client->Command(Call::Background(kRedisPatience), args).status();
}

void Attacker::KeepRedisSnapshot() {
  const absl::Status kept =
      CopyFolder(redis_data_, absl::StrCat(mesh_.scratch(), "/redis-snapshot"));
  if (!kept.ok()) Complain(kept.ToString());
}

}  // namespace selfology::chaos
