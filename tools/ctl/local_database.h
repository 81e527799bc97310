// The PostgreSQL of a mesh on this machine, in its state folder.
//
//   ASSIGN_OR_RETURN(const auto server, StartLocalDatabase(state, /*port=*/0));
//   server->url(kLocalDatabase)
//
// Its superuser's password is in the state folder only. Errors: the server's. Threads: one at a time.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "testing/servers/postgres_server.h"
#include "tools/ctl/state_folder.h"

namespace selfology::ctl {

inline constexpr char kLocalDatabase[] = "selfology";

// Made, if it is not there yet. port 0: by a Unix socket only.
absl::StatusOr<std::unique_ptr<servers::PostgresServer>> StartLocalDatabase(
    const StateFolder& state, int port);

}  // namespace selfology::ctl
