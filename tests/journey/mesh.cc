#include "tests/journey/mesh.h"

#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"
#include "services/services.h"

namespace selfology::journey {
namespace {

constexpr char kOneProgram[] = "selfology";
constexpr char kToken[] = "42:journey";

// Where Bazel laid out what the program needs: as a test, or as a program that `bazel run` starts.
std::string Runfiles() {
  for (const char* variable : {"TEST_SRCDIR", "RUNFILES_DIR"}) {
    if (const char* folder = std::getenv(variable); folder != nullptr) return folder;
  }
  std::error_code error;
  return std::filesystem::current_path(error).parent_path().string();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Mesh>> Mesh::Start(MeshOptions options) {
  std::unique_ptr<Mesh> mesh(new Mesh(std::move(options)));
  RETURN_IF_ERROR(mesh->StartServers());
  RETURN_IF_ERROR(mesh->StartPrograms());
  return mesh;
}

absl::Status Mesh::StartPrograms() {
  // All at once, as an orchestrator does: whoever is first migrates the database, whoever is late
  // is waited for.
  for (const std::string& program : Programs()) RETURN_IF_ERROR(Launch(program));
  for (const std::string& program : Programs()) RETURN_IF_ERROR(AwaitServing(program));
  return absl::OkStatus();
}

absl::Status Mesh::StartOver(const std::function<absl::Status()>& fill) {
  for (const std::string& program : Programs()) Kill(program);
  database_.reset();
  RETURN_IF_ERROR(StartStores());
  RETURN_IF_ERROR(fill());
  ASSIGN_OR_RETURN(database_,
                   postgres::Database::Open({.url = postgres_->url(), .min_connections = 1}));
  return StartPrograms();
}

Mesh::~Mesh() {
  for (auto& [program, process] : processes_) process->Signal(SIGTERM);
  for (auto& [program, process] : processes_) {
    process->Wait(absl::Now() + absl::Seconds(30)).IgnoreError();
  }
}

absl::Status Mesh::StartStores() {
  ASSIGN_OR_RETURN(postgres_, servers::PostgresServer::Start({}));
  ASSIGN_OR_RETURN(redis_, servers::RedisServer::Start(options_.gates ? RedisOptions(redis_data())
                                                                      : servers::RedisOptions()));
  database_url_ = postgres_->url();
  redis_url_ = redis_->url();
  if (options_.gates) RETURN_IF_ERROR(OpenGates());
  return absl::OkStatus();
}

absl::Status Mesh::StartServers() {
  ASSIGN_OR_RETURN(scratch_, servers::ScratchFolder::Make());
  RETURN_IF_ERROR(StartStores());
  ASSIGN_OR_RETURN(telegram_, telegram_emulator::Emulator::Start({.token = kToken}));
  ASSIGN_OR_RETURN(database_,
                   postgres::Database::Open({.url = postgres_->url(), .min_connections = 1}));
  return absl::OkStatus();
}

absl::Status Mesh::OpenGates() {
  const std::string& folder = scratch_.path();
  // The socket's name is the one that PostgreSQL's clients look for in a folder.
  constexpr char kSocket[] = "/.s.PGSQL.5432";
  const std::string real_folder(postgres_->url().substr(postgres_->url().rfind('=') + 1));
  ASSIGN_OR_RETURN(postgres_gate_,
                   servers::TcpGate::Start(absl::StrCat("unix:", folder, kSocket),
                                           absl::StrCat("unix:", real_folder, kSocket)));
  database_url_ = absl::StrCat("postgresql://postgres@/postgres?host=", folder);
  ASSIGN_OR_RETURN(redis_gate_,
                   servers::TcpGate::Start(absl::StrCat("unix:", folder, "/redis"),
                                           absl::StrCat("unix:", redis_->socket_path())));
  redis_url_ = absl::StrCat("unix://", folder, "/redis");
  return absl::OkStatus();
}

servers::RedisOptions Mesh::RedisOptions(const std::string& data_folder) {
  return {.data_folder = data_folder, .arguments = {"--auto-aof-rewrite-percentage", "0"}};
}

void Mesh::ReplaceRedis(std::unique_ptr<servers::RedisServer> redis) {
  redis_gate_->SetTarget(absl::StrCat("unix:", redis->socket_path()));
  redis_ = std::move(redis);
  redis_gate_->Cut(1);
}

std::vector<std::string> Mesh::Programs() const {
  if (options_.shape == Shape::kOneProcess) return {kOneProgram};
  std::vector<std::string> programs;
  for (const service::ListedService& service : kServices) programs.emplace_back(service.name);
  if (options_.second_relay) programs.emplace_back(kSecondRelay);
  return programs;
}

std::string Mesh::ProgramOf(std::string_view service) const {
  return options_.shape == Shape::kOneProcess ? kOneProgram : std::string(service);
}

// Sockets in a folder of ours: nobody can take them while a program is being started again.
std::string Mesh::AddressOf(std::string_view program) const {
  return absl::StrCat("unix:", scratch_.path(), "/", program);
}

absl::Status Mesh::Launch(const std::string& program) {
  const std::string service = program == kSecondRelay ? "outbox_relay" : program;
  std::string path = "services/selfology";
  for (const service::ListedService& listed : kServices) {
    if (options_.shape == Shape::kSplit && listed.name == service) path = listed.ProcessPath();
  }
  std::vector<std::string> argv = ProgramCommand(path);
  argv.push_back(absl::StrCat("--grpc_address=", AddressOf(program)));
  argv.emplace_back("--http_address=127.0.0.1:0");
  // As tools/up does: who comes back takes its leases over at once.
  argv.push_back(absl::StrCat("--replica=", program));
  if (options_.shape == Shape::kSplit) {
    std::vector<std::string> peers;
    for (const service::ListedService& peer : kServices) {
      peers.push_back(absl::StrCat(peer.name, "=", AddressOf(peer.name)));
    }
    argv.push_back(absl::StrCat("--peers=", absl::StrJoin(peers, ",")));
  }
  if (program == "telegram_gateway" || program == kOneProgram) {
    argv.push_back(absl::StrCat("--telegram_media_folder=", media_folder()));
  }
  if (program == "file" || program == kOneProgram) {
    argv.push_back(absl::StrCat("--file_folder=", file_folder()));
  }
  if (const auto more = options_.flags.find(program); more != options_.flags.end()) {
    argv.insert(argv.end(), more->second.begin(), more->second.end());
  }
  const std::string log =
      options_.log_folder.empty() ? "" : absl::StrCat(options_.log_folder, "/", program, ".log");
  ASSIGN_OR_RETURN(processes_[program],
                   servers::Process::Start(
                       {.argv = std::move(argv),
                        .environment = {absl::StrCat("DATABASE_URL=", database_url_),
                                        absl::StrCat("REDIS_URL=", redis_url_),
                                        absl::StrCat("TELEGRAM_BOT_TOKEN=", kToken),
                                        absl::StrCat("TELEGRAM_API_BASE=", telegram_->base_url())},
                        .output_file = log}));
  return absl::OkStatus();
}

absl::Status Mesh::AwaitServing(const std::string& program) {
  const servers::Process& process = *processes_[program];
  const absl::Status serving =
      processes_[program]->WaitForOutput("\"serving\"", absl::Now() + kPatience);
  if (serving.ok()) return serving;
  return absl::FailedPreconditionError(
      absl::StrCat(program, " does not serve: ", serving.ToString(), "\n", process.output()));
}

void Mesh::Kill(std::string_view service) {
  servers::Process& process = *processes_[ProgramOf(service)];
  process.Signal(SIGKILL);
  process.Wait(absl::Now() + kPatience).IgnoreError();
}

absl::Status Mesh::Restart(std::string_view service) {
  const std::string program = ProgramOf(service);
  RETURN_IF_ERROR(Launch(program));
  return AwaitServing(program);
}

std::shared_ptr<rpc::Channel> Mesh::Peer(std::string_view service) {
  return rpc::Channel::Connect(std::string(service), AddressOf(ProgramOf(service)), calls_);
}

std::string Mesh::EndpointsJson() const {
  std::vector<std::string> endpoints;
  for (const service::ListedService& service : kServices) {
    endpoints.push_back(absl::StrCat("\"", service.name, "\":{\"grpc\":\"",
                                     AddressOf(ProgramOf(service.name)), "\",\"http\":\"\"}"));
  }
  return absl::StrCat("{", absl::StrJoin(endpoints, ","), "}");
}

std::vector<std::string> Mesh::ProgramCommand(std::string_view path) {
  const std::string runfiles = Runfiles();
  return {absl::StrCat(runfiles, "/debian_sysroot/run"),
          absl::StrCat(runfiles, "/selfology/", path)};
}

std::string Mesh::Logs() const {
  constexpr size_t kTail = 3000;  // Characters of each.
  std::string logs;
  for (const auto& [program, process] : processes_) {
    const std::string output = process->output();
    absl::StrAppend(&logs, "== ", program, "\n",
                    output.substr(output.size() - std::min(output.size(), kTail)), "\n");
  }
  return logs;
}

}  // namespace selfology::journey
