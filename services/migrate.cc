// Brings the database to the tables that all services of this version need, and ends: 0 when it is there, 1 when that
// failed, 2 for wrong settings. Takes the services' settings and environment; needs DATABASE_URL only.
//
//   DATABASE_URL=postgresql://... migrate
//
// Services do the same when they start. Running it before them says early, and in one place, that a migration fails.
#include "common/service/migrate.h"

#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "common/observe/log.h"
#include "common/service/main.h"
#include "common/service/settings.h"
#include "services/modules.h"
#include "services/settings.h"

int main(int argc, char** argv) {
  namespace service = selfology::service;
  namespace observe = selfology::observe;
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  absl::StatusOr<service::Settings> settings =
      service::ParseSettings(argc, argv, environment, selfology::kSettings);
  if (!settings.ok()) {
    std::fprintf(stderr, "%s\n", std::string(settings.status().message()).c_str());
    return 2;
  }
  settings->log.service = "migrate";
  observe::ConfigureLog(settings->log);
  std::vector<std::unique_ptr<service::Module>> modules;
  for (const service::LinkedModule& linked : selfology::LinkedModules()) {
    modules.push_back(linked.make());
  }
  const absl::Status status = service::MigrateOnceUp(*settings, modules);
  if (!status.ok()) {
    observe::Error("could not migrate", {{"status", status}});
    return 1;
  }
  observe::Info("migrated");
  return 0;
}
