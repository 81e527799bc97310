#include "common/service/migrate.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/events/migrations.h"
#include "common/idempotency/once.h"
#include "common/postgres/migrations.h"
#include "common/status/status_macros.h"

namespace selfology::service {
namespace {

constexpr absl::Duration kTimeout = absl::Minutes(5);

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

}  // namespace selfology::service
