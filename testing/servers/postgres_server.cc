#include "testing/servers/postgres_server.h"

#include <signal.h>

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"

namespace selfology::servers {
namespace {

// Patience, not pauses: a healthy server starts in well under a second.
constexpr absl::Duration kStartTimeout = absl::Seconds(60);
constexpr absl::Duration kStopTimeout = absl::Seconds(30);

constexpr int kSocketPort = 5432;  // Part of the socket's name only.

}  // namespace

absl::StatusOr<std::unique_ptr<PostgresServer>> PostgresServer::Start(PostgresOptions options) {
  std::unique_ptr<PostgresServer> server(new PostgresServer(std::move(options)));
  ASSIGN_OR_RETURN(server->scratch_, ScratchFolder::Make());
  std::string& data = server->options_.data_folder;
  if (data.empty()) data = absl::StrCat(server->scratch_.path(), "/data");
  RETURN_IF_ERROR(server->Initialise());
  RETURN_IF_ERROR(server->Launch());
  return server;
}

PostgresServer::~PostgresServer() { Stop().IgnoreError(); }

absl::Status PostgresServer::Initialise() {
  const std::string& data = options_.data_folder;
  std::error_code error;
  if (std::filesystem::exists(absl::StrCat(data, "/PG_VERSION"), error)) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::string initdb, BinaryPath("initdb"));
  std::vector<std::string> argv = {std::move(initdb),
                                   "-D",
                                   data,
                                   "--username=postgres",
                                   "--auth=trust",
                                   "--no-locale",
                                   "--encoding=UTF8",
                                   "--no-instructions"};
  if (!options_.durable) argv.push_back("--no-sync");
  ASSIGN_OR_RETURN(auto process, Process::Start({.argv = std::move(argv),
                                                 .forward_output = options_.forward_output}));
  ASSIGN_OR_RETURN(const int exit_code, process->Wait(absl::Now() + kStartTimeout));
  if (exit_code == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("initdb failed: ", process->output()));
}

absl::Status PostgresServer::Launch() {
  ASSIGN_OR_RETURN(std::string postgres, BinaryPath("postgres"));
  std::vector<std::string> argv = {std::move(postgres),
                                   "-D",
                                   options_.data_folder,
                                   "-k",
                                   scratch_.path(),
                                   "-p",
                                   absl::StrCat(options_.port != 0 ? options_.port : kSocketPort)};
  std::vector<std::pair<std::string, std::string>> settings = {
      {"listen_addresses", options_.port != 0 ? "127.0.0.1" : ""},
      {"wal_level", "logical"},
      {"max_connections", "200"},
      {"max_wal_senders", "20"},
      {"max_replication_slots", "20"},
      {"timezone", "UTC"},
      {"log_timezone", "UTC"},
  };
  if (!options_.durable) {
    // Commits still reach the kernel before they are acknowledged, so Kill loses nothing.
    settings.insert(settings.end(), {{"fsync", "off"}, {"full_page_writes", "off"}});
  }
  settings.insert(settings.end(), options_.settings.begin(), options_.settings.end());
  for (const auto& [name, value] : settings) {
    argv.push_back("-c");
    argv.push_back(absl::StrCat(name, "=", value));
  }
  process_.reset();
  ASSIGN_OR_RETURN(process_, Process::Start({.argv = std::move(argv),
                                             .forward_output = options_.forward_output}));
  return process_->WaitForOutput("database system is ready to accept connections",
                                 absl::Now() + kStartTimeout);
}

std::string PostgresServer::url(std::string_view database, std::string_view user) const {
  if (options_.port != 0) {
    return absl::StrCat("postgresql://", user, "@127.0.0.1:", options_.port, "/", database);
  }
  return absl::StrCat("postgresql://", user, "@/", database, "?host=", scratch_.path());
}

absl::Status PostgresServer::Stop() {
  if (process_ == nullptr) return absl::OkStatus();
  process_->Signal(SIGINT);
  const absl::Status stopped = process_->Wait(absl::Now() + kStopTimeout).status();
  process_.reset();
  return stopped;
}

void PostgresServer::Kill() { process_.reset(); }

absl::Status PostgresServer::Restart() {
  RETURN_IF_ERROR(Stop());
  return Launch();
}

}  // namespace selfology::servers
