// Brings the database to what the modules of this program need: the kernel's tables, then each module's own.
//
//   RETURN_IF_ERROR(MigrateAll(settings.database_url, modules));
//
// Every process does so when it starts; services/migrate.cc does only that. Errors: as in common/postgres/migrations.h.
// Threads: may be called from several processes at once.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "common/service/module.h"
#include "common/service/settings.h"

namespace selfology::service {

// Of the kernel's tables.
inline constexpr std::string_view kOwner = "selfology_mesh";

absl::Status MigrateAll(const std::string& database_url,
                        absl::Span<const std::unique_ptr<Module>> modules);

// The same for a start that may come before the database's: as long as it does not answer, tries again with backoff
// (0.2 s to 5 s), for settings.database_wait at most. CANCELLED: settings.pause said to give up.
absl::Status MigrateOnceUp(const Settings& settings,
                           absl::Span<const std::unique_ptr<Module>> modules);

}  // namespace selfology::service
