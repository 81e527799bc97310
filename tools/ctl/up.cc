#include "tools/ctl/up.h"

#include <signal.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"
#include "nlohmann/json.hpp"
#include "services/services.h"
#include "tools/ctl/local_database.h"
#include "tools/ctl/ports.h"
#include "tools/telegram_emulator/lively_world.h"

namespace selfology::ctl {
namespace {

// Customary ports, used when free.
constexpr int kPostgresPort = 54320;
constexpr int kRedisPort = 63790;
constexpr int kChatPort = 8081;
constexpr int kGrpcPort = 50051;
constexpr int kHttpPort = 8080;
constexpr int kDevicesPort = 5008;
constexpr int kFilesPort = 8009;
constexpr int kMiniappPort = 8010;
constexpr int kProviderPort = 8013;
constexpr int kStudioPort = 8011;
constexpr int kRestPort = 8000;
constexpr int kWebhookPort = 8012;

constexpr absl::Duration kStartPatience = absl::Seconds(90);
constexpr absl::Duration kStopPatience = absl::Seconds(30);
constexpr absl::Duration kLook = absl::Milliseconds(100);
constexpr absl::Duration kFirstBackoff = absl::Milliseconds(200);
constexpr absl::Duration kLastBackoff = absl::Seconds(10);
// A program that ran so long crashed for a new reason.
constexpr absl::Duration kStable = absl::Seconds(60);

// The emulator takes any well-formed token.
constexpr char kEmulatorToken[] = "1:local";

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string Loopback(int port) { return absl::StrCat("127.0.0.1:", port); }

// The emulator's public channels that can be read.
std::vector<std::string> LivelyChannels() {
  std::vector<std::string> names;
  for (const auto& channel : nlohmann::json::parse(telegram_emulator::kChannelsJson)) {
    if (!channel.contains("kind")) {
      names.push_back(absl::StrCat("@", channel["username"].get<std::string>()));
    }
  }
  return names;
}

}  // namespace

Up::~Up() { Stop(); }

absl::Status Up::Start() {
  RETURN_IF_ERROR(StartServers());
  RETURN_IF_ERROR(StartEmulator());
  RETURN_IF_ERROR(StartMesh());
  return AwaitServing();
}

absl::Status Up::StartServers() {
  int postgres_port = 0, redis_port = 0;
  {
    PortReservation reserved;
    ASSIGN_OR_RETURN(postgres_port, reserved.Reserve(kPostgresPort));
    ASSIGN_OR_RETURN(redis_port, reserved.Reserve(kRedisPort));
  }
  std::string database_url = Environment("DATABASE_URL");
  if (database_url.empty()) {
    ASSIGN_OR_RETURN(postgres_, StartLocalDatabase(state_, postgres_port));
    postgres_restarts_.Started(absl::Now());
    database_url = postgres_->url(kLocalDatabase);
    table_.emplace_back("PostgreSQL", database_url);
  }
  std::string redis_url = Environment("REDIS_URL");
  if (redis_url.empty()) {
    ASSIGN_OR_RETURN(redis_, servers::RedisServer::Start(
                                 {.data_folder = state_.File("redis"), .port = redis_port}));
    redis_restarts_.Started(absl::Now());
    redis_url = redis_->url();
    table_.emplace_back("Redis", redis_url);
  }
  environment_ = {absl::StrCat("DATABASE_URL=", database_url),
                  absl::StrCat("REDIS_URL=", redis_url),
                  absl::StrCat("SELFOLOGY_TELEGRAM_MEDIA_FOLDER=", state_.File("telegram_media"))};
  return absl::OkStatus();
}

absl::Status Up::StartEmulator() {
  if (!Environment("TELEGRAM_BOT_TOKEN").empty()) return absl::OkStatus();
  environment_.push_back(absl::StrCat("TELEGRAM_BOT_TOKEN=", kEmulatorToken));
  // Its mini apps.
  if (Environment("SELFOLOGY_SECURITY_TELEGRAM_BOT_TOKEN").empty()) {
    environment_.push_back(absl::StrCat("SELFOLOGY_SECURITY_TELEGRAM_BOT_TOKEN=", kEmulatorToken));
  }
  // Somebody else's emulator, then.
  if (!Environment("TELEGRAM_API_BASE").empty()) return absl::OkStatus();
  int port = 0;
  {
    PortReservation reserved;
    ASSIGN_OR_RETURN(port, reserved.Reserve(kChatPort));
  }
  programs_.push_back(std::make_unique<Program>(
      Program{.name = "telegram_emulator",
              .argv = {ProgramPath("tools/telegram_emulator/telegram_emulator"),
                       absl::StrCat("--port=", port),
                       absl::StrCat("--data=", state_.File("chats.jsonl")), "--lively"},
              .environment = {},
              .endpoints_file = {},
              .process = nullptr,
              .restarts = {}}));
  const std::string base = absl::StrCat("http://", Loopback(port));
  environment_.push_back(absl::StrCat("TELEGRAM_API_BASE=", base));
  // It shows mini apps in a frame.
  if (Environment("SELFOLOGY_MINIAPP_FRAME_ANCESTORS").empty()) {
    environment_.push_back(absl::StrCat("SELFOLOGY_MINIAPP_FRAME_ANCESTORS=", base));
  }
  // Its public channels, in place of t.me.
  if (Environment("SELFOLOGY_CHANNEL_READER_TELEGRAM_BASE").empty()) {
    environment_.push_back(absl::StrCat("SELFOLOGY_CHANNEL_READER_TELEGRAM_BASE=", base));
    environment_.push_back(absl::StrCat("SELFOLOGY_FEED_DIALOG_SUGGESTED_CHANNELS=",
                                        absl::StrJoin(LivelyChannels(), ",")));
  }
  table_.insert(table_.begin(), {"Chat page", base});
  return Launch(*programs_.back());
}

absl::Status Up::StartMesh() {
  struct ServedProcess {
    std::string name;  // Of the program.
    std::string program;
    std::string grpc, http;
  };
  std::vector<ServedProcess> processes;
  {
    PortReservation reserved;
    RETURN_IF_ERROR(PlaceRest(reserved));
    const auto add = [&](std::string_view name, std::string program, int grpc,
                         int http) -> absl::Status {
      ASSIGN_OR_RETURN(const int grpc_port, reserved.Reserve(grpc));
      ASSIGN_OR_RETURN(const int http_port, reserved.Reserve(http));
      processes.push_back(
          {std::string(name), std::move(program), Loopback(grpc_port), Loopback(http_port)});
      return absl::OkStatus();
    };
    if (options_.split) {
      for (const service::ListedService& service : kServices) {
        RETURN_IF_ERROR(add(service.name, service.ProcessPath(), 0, 0));
      }
    } else {
      RETURN_IF_ERROR(add("selfology", "services/selfology", kGrpcPort, kHttpPort));
    }
    ASSIGN_OR_RETURN(const int devices_port, reserved.Reserve(kDevicesPort));
    environment_.push_back(absl::StrCat("SELFOLOGY_REALTIME_LISTEN=", Loopback(devices_port)));
    environment_.emplace_back("SELFOLOGY_REALTIME_ORIGINS=*");
    if (Environment("SELFOLOGY_REALTIME_LISTEN").empty()) {
      table_.emplace_back("Devices, Socket.IO", absl::StrCat("http://", Loopback(devices_port)));
    }
    ASSIGN_OR_RETURN(const int files_port, reserved.Reserve(kFilesPort));
    environment_.push_back(absl::StrCat("SELFOLOGY_FILE_LISTEN=", Loopback(files_port)));
    environment_.push_back(absl::StrCat("SELFOLOGY_FILE_FOLDER=", state_.File("files")));
    environment_.emplace_back("SELFOLOGY_FILE_ORIGINS=*");
    if (Environment("SELFOLOGY_FILE_LISTEN").empty()) {
      table_.emplace_back("Files, tus", absl::StrCat("http://", Loopback(files_port), "/files/"));
    }
    if (Environment("SELFOLOGY_MINIAPP_LISTEN").empty()) {
      ASSIGN_OR_RETURN(const int miniapp_port, reserved.Reserve(kMiniappPort));
      environment_.push_back(absl::StrCat("SELFOLOGY_MINIAPP_LISTEN=", Loopback(miniapp_port)));
      table_.emplace_back("Mini app", absl::StrCat("http://", Loopback(miniapp_port), "/miniapp/"));
    }
    RETURN_IF_ERROR(PlaceWebhooks(reserved));
    if (Environment("SELFOLOGY_CONTENT_LISTEN").empty()) {
      ASSIGN_OR_RETURN(const int studio_port, reserved.Reserve(kStudioPort));
      environment_.push_back(absl::StrCat("SELFOLOGY_CONTENT_LISTEN=", Loopback(studio_port)));
      const std::string page = absl::StrCat("http://", Loopback(studio_port), "/studio/");
      table_.emplace_back("Studio", page);
      if (Environment("SELFOLOGY_CONTENT_PAGE_URL").empty()) {
        environment_.push_back(absl::StrCat("SELFOLOGY_CONTENT_PAGE_URL=", page));
      }
    }
  }
  // Of two entries with one name the first counts, so what the environment says wins, as it does
  // for everything else.
  std::vector<std::string> peers;
  if (std::string others = Environment("SELFOLOGY_PEERS"); !others.empty()) {
    peers.push_back(std::move(others));
  }
  for (const ServedProcess& process : processes)
    peers.push_back(absl::StrCat(process.name, "=", process.grpc));
  for (const ServedProcess& process : processes) {
    const std::string endpoints = state_.File(absl::StrCat("logs/", process.name, ".endpoints"));
    programs_.push_back(std::make_unique<Program>(Program{
        .name = process.name,
        .argv = {ProgramPath(process.program), absl::StrCat("--grpc_address=", process.grpc),
                 absl::StrCat("--http_address=", process.http),
                 // Always the same, so that a restarted process takes its partitions'
                 // leases over at once.
                 absl::StrCat("--replica=", process.name),
                 absl::StrCat("--state_folder=", state_.File("")),
                 absl::StrCat("--endpoints_file=", endpoints)},
        .environment = environment_,
        .endpoints_file = endpoints,
        .process = nullptr,
        .restarts = {}}));
    if (options_.split) {
      programs_.back()->argv.push_back(absl::StrCat("--peers=", absl::StrJoin(peers, ",")));
    } else {
      table_.emplace_back("gRPC, all services", process.grpc);
      table_.emplace_back("Health and metrics", absl::StrCat("http://", process.http, "/health"));
      table_.emplace_back("Status page", absl::StrCat("http://", process.http, "/status"));
    }
    RETURN_IF_ERROR(Launch(*programs_.back()));
  }
  return absl::OkStatus();
}

absl::Status Up::PlaceWebhooks(PortReservation& reserved) {
  if (Environment("SELFOLOGY_WEBHOOK_LISTEN").empty()) {
    ASSIGN_OR_RETURN(const int port, reserved.Reserve(kWebhookPort));
    environment_.push_back(absl::StrCat("SELFOLOGY_WEBHOOK_LISTEN=", Loopback(port)));
    // One's own programs may be sent to.
    if (Environment("SELFOLOGY_WEBHOOK_ALLOWED_NETWORKS").empty()) {
      environment_.emplace_back("SELFOLOGY_WEBHOOK_ALLOWED_NETWORKS=127.0.0.0/8");
    }
    table_.emplace_back("Webhooks come in at",
                        absl::StrCat("http://", Loopback(port), "/webhooks/<provider>/<id>"));
  }
  // To try connections without an account anywhere.
  if (Environment("SELFOLOGY_INTEGRATION_LOCAL_PROVIDER").empty() &&
      Environment("SELFOLOGY_INTEGRATION_PROVIDERS").empty()) {
    ASSIGN_OR_RETURN(const int port, reserved.Reserve(kProviderPort));
    environment_.push_back(absl::StrCat("SELFOLOGY_INTEGRATION_LOCAL_PROVIDER=", Loopback(port)));
    table_.emplace_back("Provider to connect", absl::StrCat("http://", Loopback(port)));
  }
  return absl::OkStatus();
}

absl::Status Up::PlaceRest(PortReservation& reserved) {
  std::string address = Environment("SELFOLOGY_API_GATEWAY_LISTEN");
  if (address.empty()) {
    ASSIGN_OR_RETURN(const int port, reserved.Reserve(kRestPort));
    address = Loopback(port);
    environment_.push_back(absl::StrCat("SELFOLOGY_API_GATEWAY_LISTEN=", address));
  }
  // On one machine, any page may call; none sends anything that a person did not give it.
  if (Environment("SELFOLOGY_API_GATEWAY_ORIGINS").empty()) {
    environment_.push_back("SELFOLOGY_API_GATEWAY_ORIGINS=*");
  }
  // The issuer of OpenID Connect, and where mails, pushes and SMS can be read: none is sent.
  const std::string base = absl::StrCat("http://", address);
  const std::pair<std::string, std::string> defaults[] = {
      {"SELFOLOGY_SECURITY_BASE_URL", base},
      {"SELFOLOGY_MINIAPP_API_BASE", base},
      {"SELFOLOGY_CONTENT_API_BASE", base},
      {"SELFOLOGY_NOTIFICATION_BASE_URL", base},
      {"SELFOLOGY_NOTIFICATION_LOCAL_MESSAGES", "true"}};
  for (const auto& [name, value] : defaults) {
    if (Environment(name.c_str()).empty()) environment_.push_back(absl::StrCat(name, "=", value));
  }
  table_.emplace_back("REST, all services", absl::StrCat(base, "/docs"));
  if (Environment("SELFOLOGY_NOTIFICATION_LOCAL_MESSAGES").empty()) {
    table_.emplace_back("Mails, not sent", absl::StrCat(base, "/api/v1/mesh/mailbox"));
    table_.emplace_back("Pushes and SMS, not sent", absl::StrCat(base, "/api/v1/mesh/pushes"));
  }
  return absl::OkStatus();
}

absl::Status Up::Launch(Program& program) {
  std::error_code ignored;
  if (!program.endpoints_file.empty()) std::filesystem::remove(program.endpoints_file, ignored);
  // The shell sends what it prints to its log, then becomes it.
  std::vector<std::string> argv = {"/bin/sh", "-c", "log=$0; exec \"$@\" >>\"$log\" 2>&1",
                                   state_.File(absl::StrCat("logs/", program.name, ".log"))};
  argv.insert(argv.end(), options_.runner.begin(), options_.runner.end());
  argv.insert(argv.end(), program.argv.begin(), program.argv.end());
  ASSIGN_OR_RETURN(program.process, servers::Process::Start({.argv = std::move(argv),
                                                             .environment = program.environment}));
  program.restarts.Started(absl::Now());
  return absl::OkStatus();
}

absl::Status Up::AwaitServing() {
  const absl::Time deadline = absl::Now() + kStartPatience;
  nlohmann::json endpoints = nlohmann::json::object();
  for (const auto& program : programs_) {
    if (program->endpoints_file.empty()) continue;
    while (!std::filesystem::exists(program->endpoints_file)) {
      if (!program->process->running() || absl::Now() > deadline) {
        return absl::UnavailableError(
            absl::StrCat(program->name, " did not start; see ",
                         state_.File(absl::StrCat("logs/", program->name, ".log"))));
      }
      absl::SleepFor(kLook);  // A file announces itself to nobody.
    }
    std::ifstream file(program->endpoints_file);
    endpoints.update(nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false));
  }
  if (options_.split) {
    for (const auto& [service, addresses] : endpoints.items()) {
      table_.emplace_back(service, absl::StrCat(addresses["grpc"].get<std::string>(), "  http://",
                                                addresses["http"].get<std::string>(), "/health"));
    }
  }
  table_.emplace_back("Logs", state_.File("logs/"));
  return state_.Announce(endpoints.dump() + "\n", table_);
}

void Up::Watch() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  while (true) {
    const timespec look = absl::ToTimespec(kLook);
    if (sigtimedwait(&signals, nullptr, &look) > 0) return;
    RestartCrashed();
  }
}

void Up::Restarts::Stopped(absl::Time now) {
  backoff = now - started_at > kStable ? kFirstBackoff
                                       : std::clamp(backoff * 2, kFirstBackoff, kLastBackoff);
  next_start = now + backoff;
  stopped = true;
}

template <typename Launch>
void Up::Revive(std::string_view name, bool running, Restarts& restarts, Launch launch) {
  if (running) return;
  if (!std::exchange(restarts.stopped, true)) {
    restarts.Stopped(absl::Now());
    std::fprintf(stderr, "%s stopped unexpectedly; starting it again\n", std::string(name).c_str());
  }
  if (!restarts.Due(absl::Now())) return;
  const absl::Status launched = launch();
  restarts.Started(absl::Now());
  restarts.stopped = false;
  if (launched.ok()) return;
  std::fprintf(stderr, "%s: %s\n", std::string(name).c_str(), launched.ToString().c_str());
  restarts.Stopped(absl::Now());
}

void Up::RestartCrashed() {
  if (postgres_ != nullptr) {
    Revive("PostgreSQL", postgres_->running(), postgres_restarts_,
           [this] { return postgres_->Restart(); });
  }
  if (redis_ != nullptr) {
    Revive("Redis", redis_->running(), redis_restarts_, [this] { return redis_->Restart(); });
  }
  for (const auto& program : programs_) {
    Revive(program->name, program->process != nullptr && program->process->running(),
           program->restarts, [&] { return Launch(*program); });
  }
}

void Up::Stop() {
  state_.Withdraw();
  for (auto program = programs_.rbegin(); program != programs_.rend(); ++program) {
    if ((*program)->process != nullptr) (*program)->process->Signal(SIGTERM);
  }
  const absl::Time deadline = absl::Now() + kStopPatience;
  for (auto program = programs_.rbegin(); program != programs_.rend(); ++program) {
    if ((*program)->process != nullptr) (*program)->process->Wait(deadline).IgnoreError();
  }
  programs_.clear();
  redis_.reset();
  postgres_.reset();
}

std::string Up::ProgramPath(std::string_view label) const {
  return absl::StrCat(options_.programs, "/", label);
}

}  // namespace selfology::ctl
