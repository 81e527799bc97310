// A relay in a process of its own, for tests that kill it: DATABASE REDIS SLOT PARTITIONS
// auto|snapshot.

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "common/observe/metrics.h"
#include "common/redis/client.h"
#include "common/relay/relay.h"

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  auto redis = selfology::redis::Client::Open(argv[2]);
  if (!redis.ok()) return 1;
  selfology::observe::Metrics metrics;
  selfology::relay::Options options{.database_url = argv[1]};
  options.slot = options.publication = argv[3];
  options.partitions = std::atoi(argv[4]);
  if (std::string(argv[5]) == "snapshot") {
    options.preference = selfology::relay::Preference::kSnapshot;
  }
  options.standby_poll = absl::Milliseconds(20);

  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  selfology::relay::Relay relay(options, **redis, metrics);
  relay.Start();
  std::puts("started");
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  return 0;
}
