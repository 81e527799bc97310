#include "common/service/migrate.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/events/migrations.h"
#include "common/idempotency/once.h"
#include "common/observe/log.h"
#include "common/postgres/migrations.h"
#include "common/resilience/retry.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"

namespace selfology::service {
namespace {

constexpr absl::Duration kTimeout = absl::Minutes(5);
constexpr resilience::Backoff kBackoff = {.first = absl::Milliseconds(200),
                                          .max = absl::Seconds(5)};

}  // namespace

absl::Status MigrateAll(const std::string& database_url,
                        absl::Span<const std::unique_ptr<Module>> modules) {
  const Call call = Call::Background(kTimeout);
  RETURN_IF_ERROR(postgres::Migrate(call, database_url, "mesh", events::Migrations(), kOwner));
  for (const auto& module : modules) {
    const ModuleInfo info = module->info();
    const std::string role = absl::StrCat("selfology_", info.name);
    RETURN_IF_ERROR(postgres::Migrate(call, database_url, info.name, info.migrations, role));
    if (info.requests_table.empty()) continue;
    RETURN_IF_ERROR(
        idempotency::MakeTable(call, database_url, info.name, info.requests_table, role));
  }
  return absl::OkStatus();
}

absl::Status MigrateOnceUp(const Settings& settings,
                           absl::Span<const std::unique_ptr<Module>> modules) {
  const absl::Time start = absl::Now();
  absl::Status last;  // What was said last: once is enough.
  bool given_up = false;
  resilience::RetryOptions options{.attempts = std::numeric_limits<int>::max(),
                                   .backoff = kBackoff};
  options.wait = [&](const Call& call, absl::Duration delay) {
    given_up = settings.pause != nullptr && !settings.pause(delay);
    if (settings.pause == nullptr) return resilience::WaitUnlessCancelled(call, delay);
    return !given_up;
  };
  const absl::Status migrated =
      resilience::Retry(Call::Background(settings.database_wait), options, [&] {
        absl::Status status = MigrateAll(settings.database_url, modules);
        if (status::IsRetryable(status) && status != last) {
          observe::Warning("no database yet: the start waits",
                           {{"at_most", settings.database_wait}, {"status", status}});
          last = status;
        }
        return status;
      });
  if (given_up) return absl::CancelledError("stopped before the database answered");
  if (migrated.ok() && !last.ok()) {
    observe::Info("the database is there", {{"waited", absl::Now() - start}});
  }
  return migrated;
}

}  // namespace selfology::service
