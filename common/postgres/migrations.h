// Brings a service's tables up to date. Every replica calls it when it starts: an advisory lock
// lets one at a time work, and the others find nothing left to do.
//
//   constexpr Migration kMigrations[] = {{1, "0001_sessions", kSessionsSql},
//                                        {2, "0002_answers", kAnswersSql}};
//   RETURN_IF_ERROR(Migrate(call, url, "session", kMigrations, "selfology_session"));
//
// Creates, where missing: the schema `selfology`, the role (NOLOGIN, granted to the login, allowed
// to use and create in the schema), and selfology.schema_migrations(service, version, name, sha256,
// applied_at). Each migration is a transaction of its own that runs as the role with search_path =
// selfology, public, so the role owns what it makes; it may hold several statements but must not
// end the transaction.
//
// Errors: INVALID_ARGUMENT when versions are not 1, 2, 3, ...; FAILED_PRECONDITION naming the
// migration when an applied one's text or name has changed since; else those of error.h, with the
// failed migration's name, and nothing of it applied. Versions newer than the program knows are
// left alone, so that an old replica can restart during a deployment. The login needs CREATEROLE,
// or the role must exist and be granted to it; it needs no superuser rights.
//
// Threads: may be called from any, and from several processes at once.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "common/call/call.h"

namespace selfology::postgres {

struct Migration {
  int version;            // 1, 2, 3, ...
  std::string_view name;  // The file's name without its suffix.
  std::string_view sql;
};

absl::Status Migrate(const Call& call, std::string_view url, std::string_view service,
                     absl::Span<const Migration> migrations, std::string_view role);

}  // namespace selfology::postgres
