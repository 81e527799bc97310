#include "tests/journey/mesh.h"

#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"

namespace selfology::journey {
namespace {

constexpr char kOneProgram[] = "selfology";
constexpr char kToken[] = "42:journey";

}  // namespace

absl::StatusOr<std::unique_ptr<Mesh>> Mesh::Start(Shape shape) {
  std::unique_ptr<Mesh> mesh(new Mesh(shape));
  RETURN_IF_ERROR(mesh->StartServers());
  // All at once, as an orchestrator does: whoever is first migrates the database, whoever is late
  // is waited for.
  for (const std::string& program : mesh->Programs()) RETURN_IF_ERROR(mesh->Launch(program));
  for (const std::string& program : mesh->Programs()) RETURN_IF_ERROR(mesh->AwaitServing(program));
  return mesh;
}

Mesh::~Mesh() {
  for (auto& [program, process] : processes_) process->Signal(SIGTERM);
  for (auto& [program, process] : processes_) {
    process->Wait(absl::Now() + absl::Seconds(30)).IgnoreError();
  }
}

absl::Status Mesh::StartServers() {
  ASSIGN_OR_RETURN(sockets_, servers::ScratchFolder::Make());
  ASSIGN_OR_RETURN(postgres_, servers::PostgresServer::Start({}));
  ASSIGN_OR_RETURN(redis_, servers::RedisServer::Start({}));
  ASSIGN_OR_RETURN(telegram_, telegram_emulator::Emulator::Start({.token = kToken}));
  ASSIGN_OR_RETURN(database_,
                   postgres::Database::Open({.url = postgres_->url(), .min_connections = 1}));
  return absl::OkStatus();
}

std::vector<std::string> Mesh::Programs() const {
  if (shape_ == Shape::kOneProcess) return {kOneProgram};
  return {std::begin(kServices), std::end(kServices)};
}

std::string Mesh::ProgramOf(std::string_view service) const {
  return shape_ == Shape::kOneProcess ? kOneProgram : std::string(service);
}

// Sockets in a folder of ours: nobody can take them while a program is being started again.
std::string Mesh::AddressOf(std::string_view program) const {
  return absl::StrCat("unix:", sockets_.path(), "/", program);
}

absl::Status Mesh::Launch(const std::string& program) {
  const char* const runfiles = std::getenv("TEST_SRCDIR");
  if (runfiles == nullptr) return absl::FailedPreconditionError("run it under bazel test");
  const std::string path = shape_ == Shape::kOneProcess
                               ? "services/selfology"
                               : absl::StrCat("services/", program, "/", program, "_service");
  std::vector<std::string> argv = {
      absl::StrCat(runfiles, "/debian_sysroot/run"), absl::StrCat(runfiles, "/selfology/", path),
      absl::StrCat("--grpc_address=", AddressOf(program)), "--http_address=127.0.0.1:0",
      // As tools/up does: who comes back takes its leases over at once.
      absl::StrCat("--replica=", program)};
  if (shape_ == Shape::kNineProcesses) {
    std::vector<std::string> peers;
    for (const std::string_view service : kServices) {
      peers.push_back(absl::StrCat(service, "=", AddressOf(service)));
    }
    argv.push_back(absl::StrCat("--peers=", absl::StrJoin(peers, ",")));
  }
  ASSIGN_OR_RETURN(
      processes_[program],
      servers::Process::Start(
          {.argv = std::move(argv),
           .environment = {absl::StrCat("DATABASE_URL=", postgres_->url()),
                           absl::StrCat("REDIS_URL=", redis_->url()),
                           absl::StrCat("TELEGRAM_BOT_TOKEN=", kToken),
                           absl::StrCat("TELEGRAM_API_BASE=", telegram_->base_url())}}));
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
