// selfologyctl: runs the mesh on one machine and looks into a running one. See kUsage.

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"
#include "nlohmann/json.hpp"
#include "tools/ctl/audit.h"
#include "tools/ctl/backup_command.h"
#include "tools/ctl/dead_letters.h"
#include "tools/ctl/held.h"
#include "tools/ctl/replay.h"
#include "tools/ctl/seal_keys.h"
#include "tools/ctl/state_folder.h"
#include "tools/ctl/up.h"

ABSL_FLAG(std::string, state, ".selfology",
          "Folder for data, logs and addresses of the local mesh");
ABSL_FLAG(std::string, programs, "bazel-bin", "Folder with the built programs");
ABSL_FLAG(std::string, runner, "",
          "Command prefix that starts each program, words separated by spaces");
ABSL_FLAG(bool, detach, false,
          "Command up: return once everything is ready, and keep it running in the background");
ABSL_FLAG(bool, split, false, "Command up: one process per service instead of one for all");
ABSL_FLAG(bool, json, false, "Command endpoints: print JSON");
ABSL_FLAG(std::string, group, "", "Command dead-letters: only of this consumer group");
ABSL_FLAG(int64_t, user, 0, "Commands dead-letters, held, replay: only of this user ID; 0: of all");
ABSL_FLAG(std::string, event, "", "Command dead-letters: only the event with this ID");
ABSL_FLAG(std::string, payload, "", "Command dead-letters edit: the new payload, as JSON");
ABSL_FLAG(
    bool, include_parked, false,
    "Command dead-letters discard: also the later events that are parked behind a failed one");
ABSL_FLAG(std::vector<std::string>, update, {},
          "Command held: only these update IDs, separated by commas");
ABSL_FLAG(bool, include_waiting, false,
          "Command held discard: also updates that still wait to be handled");
ABSL_FLAG(std::string, from, "",
          "Command replay: events from this time on (RFC 3339), or this long ago (such as 1h)");
ABSL_FLAG(std::string, to, "", "Command replay: events before this time; default: now");
ABSL_FLAG(std::vector<std::string>, type, {},
          "Command replay: only these event types, separated by commas");
ABSL_FLAG(std::string, trace, "", "Command replay: only events with this trace ID");
ABSL_FLAG(bool, dry_run, false, "Command replay: only count the events");
ABSL_FLAG(std::string, key_file, "",
          "Commands backup, verify-backup, restore: file with the key that encrypts the backup");
ABSL_FLAG(std::string, database_url, "",
          "Commands backup, restore: the database; empty: $DATABASE_URL, else the local mesh's");
ABSL_FLAG(std::string, redis_url, "",
          "Command restore: the Redis to empty; empty: $REDIS_URL, else the local mesh's or none");
ABSL_FLAG(std::string, file_folder, "",
          "Commands backup, restore: the file service's folder; empty: the local mesh's or none");
ABSL_FLAG(
    std::string, telegram_media_folder, "",
    "Commands backup, restore: the Telegram gateway's folder; empty: the local mesh's or none");
ABSL_FLAG(bool, force, false, "Command restore: replace the data that is already there");

namespace selfology::ctl {
namespace {

constexpr char kUsage[] = R"(selfologyctl COMMAND

  up [--detach] [--split]     start the mesh, its servers and the chat page
  down                        stop it
  endpoints [--json]          where each service is
  dead-letters [list | show | edit | replay | discard] [--group=G] [--user=U] [--event=ID]
               events that handlers gave up on; edit takes --payload=JSON
  held [list | replay | discard] [--user=U] [--update=N,...] [--include_waiting]
               updates of Telegram that could not be handled so far
  replay --from=T [--to=T] [--user=U] [--type=TYPE,...] [--trace=ID] [--dry_run]
               publish events of the outbox again; T: 2025-10-01T12:00:00Z, or 90m (ago)
  audit [verify]              whether the audit is as it was appended
  backup FOLDER --key_file=K [--database_url=URL] [--file_folder=D] [--telegram_media_folder=D]
               everything that the product keeps, encrypted; it may run meanwhile
  verify-backup FOLDER --key_file=K    whether a backup is whole
  restore FOLDER --key_file=K [--database_url=URL] [--redis_url=URL] [--file_folder=D]
               [--telegram_media_folder=D] [--force]    into an empty database; the mesh must not run
  seal new | use-newest | drop-old FILE
               keys that encrypt backups: adds one, lets it seal, drops the others
)";

void PrintTable(const AddressTable& table) {
  std::printf("\nSelfology is running.\n\n%s\n", FormatTable(table).c_str());
  std::fflush(stdout);
}

// Tells the parent that is waiting in Detach how it went; the parent of a process that is not
// detached does not exist.
class Herald {
 public:
  explicit Herald(int fd) : fd_(fd) {}
  void Tell(char outcome) {
    if (fd_ < 0) return;
    [[maybe_unused]] const ssize_t told = write(fd_, &outcome, 1);
    close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

absl::Status RunUp(StateFolder& state, Herald herald) {
  RETURN_IF_ERROR(state.Lock());
  // The processes' children inherit no mask (Process unblocks), and ours wait for sigtimedwait.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  UpOptions options;
  options.runner = absl::StrSplit(absl::GetFlag(FLAGS_runner), ' ', absl::SkipEmpty());
  options.programs = absl::GetFlag(FLAGS_programs);
  options.split = absl::GetFlag(FLAGS_split);
  Up up(std::move(options), state);
  const absl::Status started = up.Start();
  if (!started.ok()) {
    up.Stop();
    return started;
  }
  if (!absl::GetFlag(FLAGS_detach)) {
    PrintTable(up.addresses());
    std::printf("Ctrl-C stops it.\n");
    std::fflush(stdout);
  }
  herald.Tell('1');
  up.Watch();
  std::fprintf(stderr, "Stopping\n");
  up.Stop();
  return absl::OkStatus();
}

// The child goes on as a daemon with its output in the log; the parent waits until it serves.
absl::Status Detach(StateFolder& state) {
  const absl::StatusOr<int> holder = state.Holder();
  if (holder.ok()) {
    ASSIGN_OR_RETURN(const AddressTable table, state.Addresses());
    PrintTable(table);
    return absl::OkStatus();
  }
  std::error_code ignored;
  std::filesystem::create_directories(state.File("logs"), ignored);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::InternalError("pipe");
  const pid_t child = fork();
  if (child < 0) return absl::InternalError("fork");
  if (child == 0) {
    setsid();
    const int log = open(state.File("logs/up.log").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    const absl::Status status = RunUp(state, Herald(ends[1]));
    if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
    std::exit(status.ok() ? 0 : 1);
  }
  close(ends[1]);
  char outcome = '0';
  const ssize_t told = read(ends[0], &outcome, 1);
  close(ends[0]);
  if (told != 1 || outcome != '1') {
    return absl::UnavailableError("it did not start; see " + state.File("logs/up.log"));
  }
  ASSIGN_OR_RETURN(const AddressTable table, state.Addresses());
  PrintTable(table);
  std::printf("tools/down stops it.\n");
  return absl::OkStatus();
}

absl::Status Down(const StateFolder& state) {
  const absl::StatusOr<int> holder = state.Holder();
  if (!holder.ok()) {
    std::printf("Nothing runs here.\n");
    return absl::OkStatus();
  }
  kill(*holder, SIGTERM);
  RETURN_IF_ERROR(state.AwaitUnlocked(absl::Now() + absl::Seconds(60)));
  std::printf("Stopped.\n");
  return absl::OkStatus();
}

absl::Status Endpoints(const StateFolder& state) {
  ASSIGN_OR_RETURN(const std::string text, state.EndpointsJson());
  if (absl::GetFlag(FLAGS_json)) {
    std::printf("%s", text.c_str());
    return absl::OkStatus();
  }
  const nlohmann::json endpoints = nlohmann::json::parse(text, nullptr, false);
  AddressTable table;
  for (const auto& [service, addresses] : endpoints.items()) {
    table.emplace_back(service, addresses.value("grpc", "") + "  http://" +
                                    addresses.value("http", "") + "/health");
  }
  std::printf("%s", FormatTable(table).c_str());
  return absl::OkStatus();
}

absl::Status Seal(const std::string& what, const std::string& file) {
  if (what == "new") return AddSealKey(file);
  if (what == "use-newest") return UseNewestSealKey(file);
  if (what == "drop-old") return DropOldSealKeys(file);
  return absl::InvalidArgumentError("seal " + what + ": must be new, use-newest or drop-old");
}

absl::Status Run(const std::vector<std::string>& words) {
  StateFolder state(std::filesystem::absolute(absl::GetFlag(FLAGS_state)).string());
  if (words.empty()) return absl::InvalidArgumentError("no command");
  const std::string& command = words.front();
  if (command == "up") {
    // What it and its children write (Redis's file, chats, logs) holds what people said.
    umask(S_IRWXG | S_IRWXO);
    return absl::GetFlag(FLAGS_detach) ? Detach(state) : RunUp(state, Herald(-1));
  }
  if (command == "down") return Down(state);
  if (command == "endpoints") return Endpoints(state);
  if (command == "dead-letters") {
    ASSIGN_OR_RETURN(const std::string endpoints, state.EndpointsJson());
    return RunDeadLetters(endpoints, {words.begin() + 1, words.end()},
                          {.group = absl::GetFlag(FLAGS_group),
                           .user = absl::GetFlag(FLAGS_user),
                           .event_id = absl::GetFlag(FLAGS_event),
                           .payload = absl::GetFlag(FLAGS_payload),
                           .include_parked = absl::GetFlag(FLAGS_include_parked)});
  }
  if (command == "held") {
    ASSIGN_OR_RETURN(const std::string endpoints, state.EndpointsJson());
    return RunHeld(endpoints, {words.begin() + 1, words.end()},
                   {.user = absl::GetFlag(FLAGS_user),
                    .updates = absl::GetFlag(FLAGS_update),
                    .include_waiting = absl::GetFlag(FLAGS_include_waiting)});
  }
  if (command == "replay") {
    ASSIGN_OR_RETURN(const std::string endpoints, state.EndpointsJson());
    return RunReplay(endpoints, {.from = absl::GetFlag(FLAGS_from),
                                 .to = absl::GetFlag(FLAGS_to),
                                 .user = absl::GetFlag(FLAGS_user),
                                 .types = absl::GetFlag(FLAGS_type),
                                 .trace = absl::GetFlag(FLAGS_trace),
                                 .dry_run = absl::GetFlag(FLAGS_dry_run)});
  }
  if (command == "audit") {
    ASSIGN_OR_RETURN(const std::string endpoints, state.EndpointsJson());
    return RunAudit(endpoints, {words.begin() + 1, words.end()});
  }
  if (command == "seal" && words.size() == 3) return Seal(words[1], words[2]);
  if (words.size() == 2) {
    const BackupArguments arguments{.key_file = absl::GetFlag(FLAGS_key_file),
                                    .database_url = absl::GetFlag(FLAGS_database_url),
                                    .redis_url = absl::GetFlag(FLAGS_redis_url),
                                    .file_folder = absl::GetFlag(FLAGS_file_folder),
                                    .media_folder = absl::GetFlag(FLAGS_telegram_media_folder),
                                    .force = absl::GetFlag(FLAGS_force)};
    if (command == "backup") return RunBackup(state, words[1], arguments);
    if (command == "verify-backup") return RunVerifyBackup(words[1], arguments);
    if (command == "restore") return RunRestore(state, words[1], arguments);
  }
  return absl::InvalidArgumentError("no command \"" + absl::StrJoin(words, " ") + "\"");
}

}  // namespace
}  // namespace selfology::ctl

int main(int argc, char** argv) try {
  prctl(PR_SET_NAME, "selfologyctl");  // Not the locked loader, which is what was executed.
  absl::SetProgramUsageMessage(selfology::ctl::kUsage);
  const std::vector<char*> left = absl::ParseCommandLine(argc, argv);
  const absl::Status status = selfology::ctl::Run({left.begin() + 1, left.end()});
  if (status.ok()) return 0;
  std::fprintf(stderr, "selfologyctl: %s\n", std::string(status.message()).c_str());
  if (!absl::IsInvalidArgument(status)) return 1;
  std::fprintf(stderr, "%s", selfology::ctl::kUsage);
  return 2;
} catch (const std::exception& thrown) {  // By the JSON library, of a file that is not what it was.
  std::fprintf(stderr, "selfologyctl: %s\n", thrown.what());
  return 1;
}
