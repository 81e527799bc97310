#include "testing/servers/postgres_server.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/http/url.h"
#include "common/status/status_macros.h"

namespace selfology::servers {
namespace {

// Patience, not pauses: a healthy server starts in well under a second.
constexpr absl::Duration kStartTimeout = absl::Seconds(60);
constexpr absl::Duration kStopTimeout = absl::Seconds(30);

constexpr int kSocketPort = 5432;  // Part of the socket's name only.

// What pg_hba.conf says: https://www.postgresql.org/docs/15/auth-pg-hba-conf.html
constexpr std::string_view kTrust = "local all all trust\n";
constexpr std::string_view kPasswords =
    "local all all scram-sha-256\n"
    "local replication all scram-sha-256\n"
    "host all all 127.0.0.1/32 scram-sha-256\n"
    "host replication all 127.0.0.1/32 scram-sha-256\n";

absl::Status WritePrivately(const std::string& path, std::string_view text) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
  const bool written =
      file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (file >= 0) close(file);
  return written ? absl::OkStatus() : absl::InternalError(absl::StrCat("cannot write ", path));
}

}  // namespace

absl::StatusOr<std::unique_ptr<PostgresServer>> PostgresServer::Start(PostgresOptions options) {
  std::unique_ptr<PostgresServer> server(new PostgresServer(std::move(options)));
  ASSIGN_OR_RETURN(server->scratch_, ScratchFolder::Make());
  std::string& data = server->options_.data_folder;
  if (data.empty()) data = absl::StrCat(server->scratch_.path(), "/data");
  RETURN_IF_ERROR(server->Initialise());
  if (!server->options_.password_file.empty()) RETURN_IF_ERROR(server->SetPassword());
  RETURN_IF_ERROR(server->Launch());
  return server;
}

PostgresServer::~PostgresServer() { Stop().IgnoreError(); }

absl::Status PostgresServer::Initialise() {
  const std::string& data = options_.data_folder;
  std::error_code error;
  if (std::filesystem::exists(absl::StrCat(data, "/PG_VERSION"), error)) return absl::OkStatus();
  // First, or an interruption would leave a new cluster with an old cluster's password file.
  if (!options_.password_file.empty()) std::filesystem::remove(options_.password_file, error);
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

absl::Status PostgresServer::SetPassword() {
  const std::string& path = options_.password_file;
  std::error_code error;
  if (std::filesystem::exists(path, error)) return absl::OkStatus();
  unsigned char random[24];
  if (getentropy(random, sizeof random) != 0) return absl::InternalError("no entropy");
  const std::string password = absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(random), sizeof random));
  const std::string script = absl::StrCat(scratch_.path(), "/password.sql");
  RETURN_IF_ERROR(
      WritePrivately(script, absl::StrCat("ALTER ROLE postgres PASSWORD '", password, "';\n")));
  ASSIGN_OR_RETURN(std::string psql, BinaryPath("psql"));
  // Meanwhile nobody else comes in: there is no port, and the socket is this user's.
  RETURN_IF_ERROR(LaunchWith(/*port=*/0, kTrust));
  ASSIGN_OR_RETURN(const auto client,
                   Process::Start({.argv = {std::move(psql), "-X", "-q", "-v", "ON_ERROR_STOP=1",
                                            "-h", scratch_.path(), "-U", "postgres", "-d",
                                            "postgres", "-f", script}}));
  ASSIGN_OR_RETURN(const int exit_code, client->Wait(absl::Now() + kStartTimeout));
  std::filesystem::remove(script, error);
  if (exit_code != 0) {
    return absl::FailedPreconditionError(absl::StrCat("psql failed: ", client->output()));
  }
  RETURN_IF_ERROR(Stop());
  // Last: with the file, the password counts as set.
  const std::string unfinished = absl::StrCat(path, ".new");
  RETURN_IF_ERROR(WritePrivately(unfinished, absl::StrCat("*:*:*:postgres:", password, "\n")));
  std::filesystem::rename(unfinished, path, error);
  if (!error) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("cannot write ", path, ": ", error.message()));
}

absl::Status PostgresServer::Launch() {
  return LaunchWith(options_.port, options_.password_file.empty() ? "" : kPasswords);
}

absl::Status PostgresServer::LaunchWith(int port, std::string_view host_based_authentication) {
  ASSIGN_OR_RETURN(std::string postgres, BinaryPath("postgres"));
  std::vector<std::string> argv = {std::move(postgres),
                                   "-D",
                                   options_.data_folder,
                                   "-k",
                                   scratch_.path(),
                                   "-p",
                                   absl::StrCat(port != 0 ? port : kSocketPort)};
  std::vector<std::pair<std::string, std::string>> settings = {
      {"listen_addresses", port != 0 ? "127.0.0.1" : ""},
      {"wal_level", "logical"},
      // A process of each service keeps five and opens up to twenty.
      {"max_connections", "400"},
      {"max_wal_senders", "20"},
      {"max_replication_slots", "20"},
      {"timezone", "UTC"},
      {"log_timezone", "UTC"},
  };
  if (!host_based_authentication.empty()) {
    // Not the data folder's own, which may be of a time without passwords.
    const std::string path = absl::StrCat(scratch_.path(), "/pg_hba.conf");
    std::ofstream file(path);
    file << host_based_authentication;
    if (!file.flush()) return absl::InternalError(absl::StrCat("cannot write ", path));
    std::error_code ignored;  // Then the server cannot read it, and says so.
    std::filesystem::permissions(path, std::filesystem::perms{0644}, ignored);
    settings.insert(settings.end(), {{"hba_file", path}, {"unix_socket_permissions", "0700"}});
  }
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
  const std::string& passwords = options_.password_file;
  if (options_.port != 0) {
    return absl::StrCat("postgresql://", user, "@127.0.0.1:", options_.port, "/", database,
                        passwords.empty() ? "" : "?passfile=", http::Encode(passwords));
  }
  return absl::StrCat("postgresql://", user, "@/", database, "?host=", scratch_.path(),
                      passwords.empty() ? "" : "&passfile=", http::Encode(passwords));
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
