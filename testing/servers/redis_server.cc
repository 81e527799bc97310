#include "testing/servers/redis_server.h"

#include <signal.h>

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"

namespace selfology::servers {
namespace {

// Patience, not pauses.
constexpr absl::Duration kStartTimeout = absl::Seconds(60);
constexpr absl::Duration kStopTimeout = absl::Seconds(30);

}  // namespace

absl::StatusOr<std::unique_ptr<RedisServer>> RedisServer::Start(RedisOptions options) {
  std::unique_ptr<RedisServer> server(new RedisServer(std::move(options)));
  ASSIGN_OR_RETURN(server->scratch_, ScratchFolder::Make());
  RETURN_IF_ERROR(server->Launch());
  return server;
}

RedisServer::~RedisServer() { Stop().IgnoreError(); }

absl::Status RedisServer::Launch() {
  ASSIGN_OR_RETURN(std::string redis, BinaryPath("redis-server"));
  const bool keep = !options_.data_folder.empty();
  if (keep) {
    std::error_code error;
    std::filesystem::create_directories(options_.data_folder, error);
    if (error) {
      return absl::FailedPreconditionError(
          absl::StrCat("cannot make ", options_.data_folder, ": ", error.message()));
    }
  }
  std::vector<std::string> argv = {
      std::move(redis),
      "--port",
      absl::StrCat(options_.port),
      "--bind",
      "127.0.0.1",
      "--unixsocket",
      socket_path(),
      "--dir",
      keep ? options_.data_folder : scratch_.path(),
      "--save",
      "",
      "--appendonly",
      keep ? "yes" : "no",
  };
  argv.insert(argv.end(), options_.arguments.begin(), options_.arguments.end());
  process_.reset();
  ASSIGN_OR_RETURN(process_, Process::Start({.argv = std::move(argv),
                                             .forward_output = options_.forward_output}));
  return process_->WaitForOutput("eady to accept connections", absl::Now() + kStartTimeout);
}

std::string RedisServer::socket_path() const { return absl::StrCat(scratch_.path(), "/redis"); }

std::string RedisServer::url(int database) const {
  if (options_.port != 0) return absl::StrCat("redis://127.0.0.1:", options_.port, "/", database);
  return absl::StrCat("unix://", socket_path(), "?db=", database);
}

absl::Status RedisServer::Stop() {
  if (process_ == nullptr) return absl::OkStatus();
  process_->Signal(SIGTERM);
  const absl::Status stopped = process_->Wait(absl::Now() + kStopTimeout).status();
  process_.reset();
  return stopped;
}

void RedisServer::Kill() { process_.reset(); }

absl::Status RedisServer::Restart() {
  RETURN_IF_ERROR(Stop());
  return Launch();
}

}  // namespace selfology::servers
