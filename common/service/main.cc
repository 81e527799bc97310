#include "common/service/main.h"

#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/observe/log.h"
#include "common/service/host.h"
#include "common/service/settings.h"

ABSL_FLAG(std::vector<std::string>, modules, {},
          "Names of the services to run in this process; default: all that it contains");

namespace selfology::service {
namespace {

std::vector<std::string> Environment() {
  std::vector<std::string> entries;
  for (char** entry = environ; *entry != nullptr; ++entry) entries.emplace_back(*entry);
  return entries;
}

}  // namespace

int Main(int argc, char** argv, const std::vector<LinkedModule>& modules,
         absl::Span<const ListedService> services,
         absl::Span<const std::string_view> settings_of_all) {
  // The locked loader is what was executed; `ps` and `top` should show the program.
  const char* const slash = std::strrchr(argv[0], '/');
  prctl(PR_SET_NAME, slash == nullptr ? argv[0] : slash + 1);
  // Every thread inherits the mask, so signals wait for sigwait below.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  // Debian's Abseil looks for deadlocks at every lock, through one table behind one lock.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);

  absl::StatusOr<Settings> settings = ParseSettings(argc, argv, Environment(), settings_of_all);
  if (!settings.ok()) {
    std::fprintf(stderr, "%s\n", std::string(settings.status().message()).c_str());
    return 2;
  }
  for (const ListedService& service : services) settings->services.emplace_back(service.name);
  const std::vector<std::string> wanted = absl::GetFlag(FLAGS_modules);
  std::vector<std::unique_ptr<Module>> chosen;
  for (const LinkedModule& module : modules) {
    if (wanted.empty() || std::count(wanted.begin(), wanted.end(), module.name) > 0) {
      chosen.push_back(module.make());
    }
  }
  if (!wanted.empty() && chosen.size() != wanted.size()) {
    std::fprintf(stderr, "modules: \"%s\": not all of these are linked into this program\n",
                 absl::StrJoin(wanted, ",").c_str());
    return 2;
  }

  if (chosen.size() == 1) settings->log.service = std::string(chosen[0]->info().group);
  observe::ConfigureLog(settings->log);

  // Whoever ends the process need not wait for what its start waits for.
  settings->pause = [signals](absl::Duration delay) {
    const timespec time = absl::ToTimespec(delay);
    return sigtimedwait(&signals, nullptr, &time) < 0;
  };
  absl::StatusOr<std::unique_ptr<Host>> host = Host::Start(*std::move(settings), std::move(chosen));
  if (absl::IsCancelled(host.status())) {
    observe::Info("stopped while starting", {{"status", host.status()}});
    return 0;
  }
  if (!host.ok()) {
    observe::Error("could not start", {{"status", host.status()}});
    return 1;
  }
  int signal_number = 0;
  sigwait(&signals, &signal_number);
  observe::Info("draining", {{"signal", signal_number}});
  // Somebody who asks twice means it.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  (*host)->Drain();
  observe::Info("stopped");
  return 0;
}

}  // namespace selfology::service
