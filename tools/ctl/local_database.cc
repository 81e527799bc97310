#include "tools/ctl/local_database.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/connection.h"
#include "common/postgres/error.h"
#include "common/status/status_macros.h"

namespace selfology::ctl {
namespace {

absl::Status EnsureDatabase(const std::string& url, std::string_view name) {
  const Call call = Call::Background(absl::Seconds(30));
  postgres::ConnectionOptions options;
  options.url = url;
  // Outside of a transaction, as CREATE DATABASE must be.
  ASSIGN_OR_RETURN(const auto connection, postgres::Connection::Open(call, options));
  const absl::Status created = connection->Script(call, absl::StrCat("CREATE DATABASE ", name));
  constexpr std::string_view kDuplicateDatabase = "42P04";
  if (postgres::SqlState(created) == kDuplicateDatabase) return absl::OkStatus();
  return created;
}

}  // namespace

absl::StatusOr<std::unique_ptr<servers::PostgresServer>> StartLocalDatabase(
    const StateFolder& state, int port) {
  ASSIGN_OR_RETURN(auto server, servers::PostgresServer::Start(
                                    {.data_folder = state.File("postgres"),
                                     .port = port,
                                     .durable = true,
                                     .password_file = state.File("postgres.password")}));
  RETURN_IF_ERROR(EnsureDatabase(server->url(), kLocalDatabase));
  return server;
}

}  // namespace selfology::ctl
