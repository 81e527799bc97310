// Files beside programs that others wrote: uploads by tus beside tusd, thumbnails beside sharp.
//
//   tests/bench/files/peers/install FOLDER
//   bazel run -c opt //tests/bench/files -- --peers=FOLDER
//   bazel run -c opt //tests/bench/files -- --peers=FOLDER --only=upload --bytes=5368709120 --rounds=1
//
// upload: pieces of 8 MiB, one after the other, into a folder; how fast they go in, and how much memory the server takes
// meanwhile. thumbnail: CPU for each, of one picture again and again. A ratio whose peer was not run counts as missed, and
// says so. Exits with 1 when a row could not be measured; a missed aim is only said.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/random/random.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/http/client.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "services/platform/file/pictures/pictures.h"
#include "testing/servers/binaries.h"
#include "testing/servers/free_port.h"
#include "testing/servers/process.h"
#include "tests/bench/ground.h"
#include "tests/bench/programs.h"
#include "tests/bench/report.h"

ABSL_FLAG(std::vector<std::string>, only, {}, "Rows to run: upload, thumbnail; empty: all.");
ABSL_FLAG(bool, json, false, "Print one line of JSON per row.");
ABSL_FLAG(std::string, peers, "", "Folder that peers/install filled; empty: none.");
ABSL_FLAG(int64_t, bytes, int64_t{1} << 30, "Of each upload, in bytes.");
ABSL_FLAG(int, rounds, 3, "Uploads to each, in turns.");
ABSL_FLAG(int, pictures, 200, "Thumbnails of each round.");

namespace selfology::bench {
namespace {

constexpr size_t kPiece = 8 << 20;
constexpr int64_t kPerson = 1001;
constexpr double kMegabyte = 1e6;

struct Memory {
  double now = 0;  // MB
  double most = 0;
};
Memory MemoryOf(int pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/status"));
  Memory memory;
  for (std::string word; file >> word;) {
    double kilobytes = 0;
    if (word == "VmRSS:" && file >> kilobytes) memory.now = kilobytes * 1024 / kMegabyte;
    if (word == "VmHWM:" && file >> kilobytes) memory.most = kilobytes * 1024 / kMegabyte;
  }
  return memory;
}
// The most is counted from now on.
void ForgetMost(int pid) { std::ofstream(absl::StrCat("/proc/", pid, "/clear_refs")) << "5"; }

// A server of tus, and what was seen of it.
struct Server {
  std::string base = {};
  int pid = 0;
  http::Headers headers = {};
  std::vector<double> rates = {};  // MB/s
  double grew = 0;                 // MB above what it took before.
  double grew_late = 0;            // MB in the second half, above the first half's most.
};

absl::StatusOr<http::ClientResponse> Send(http::Client& client, const http::Headers& of_server,
                                          http::ClientRequest request, int expected) {
  for (const auto& [name, value] : of_server) request.headers.Set(name, value);
  request.headers.Set("Tus-Resumable", "1.0.0");
  ASSIGN_OR_RETURN(http::ClientResponse response, client.Send(Patient(), request));
  if (response.status == expected) return response;
  return absl::InternalError(
      absl::StrCat(request.method, " ", request.url, ": ", response.status, " ", response.body));
}

absl::Status Upload(Server& server, std::string& piece, bool removes) {
  http::Client client({});
  const int64_t bytes = absl::GetFlag(FLAGS_bytes);
  ASSIGN_OR_RETURN(const http::ClientResponse made,
                   Send(client, server.headers,
                        {.method = "POST",
                         .url = absl::StrCat(server.base, "/files/"),
                         .headers = {{"Upload-Length", absl::StrCat(bytes)}}},
                        201));
  std::string url(made.headers.Get("Location").value_or(""));
  if (url.starts_with("/")) url = server.base + url;
  const double before = MemoryOf(server.pid).now;
  double first_half = 0;
  ForgetMost(server.pid);
  const absl::Time begun = absl::Now();
  for (int64_t offset = 0; offset < bytes;) {
    const auto size = static_cast<size_t>(std::min<int64_t>(kPiece, bytes - offset));
    // Each upload is another, and each of its pieces.
    const int64_t mark = absl::ToUnixNanos(begun) + offset;
    std::memcpy(piece.data(), &mark, sizeof mark);
    RETURN_IF_ERROR(Send(client, server.headers,
                         {.method = "PATCH",
                          .url = url,
                          .headers = {{"Upload-Offset", absl::StrCat(offset)},
                                      {"Content-Type", "application/offset+octet-stream"}},
                          .body = piece.substr(0, size)},
                         204)
                        .status());
    offset += static_cast<int64_t>(size);
    if (first_half == 0 && offset >= bytes / 2) first_half = MemoryOf(server.pid).most;
  }
  const absl::Duration took = absl::Now() - begun;
  const double most = MemoryOf(server.pid).most;
  server.rates.push_back(static_cast<double>(bytes) / kMegabyte / absl::ToDoubleSeconds(took));
  server.grew = std::max(server.grew, most - before);
  server.grew_late = std::max(server.grew_late, most - first_half);
  if (!removes) return absl::OkStatus();
  return Send(client, server.headers, {.method = "DELETE", .url = url}, 204).status();
}

absl::Status UploadRows(Report& report) {
  const std::string peers = absl::GetFlag(FLAGS_peers);
  ASSIGN_OR_RETURN(const auto ground, Ground::Make());
  ASSIGN_OR_RETURN(const servers::ScratchFolder folder, servers::ScratchFolder::Make());
  Server ours;
  ours.base = absl::StrCat("http://127.0.0.1:", servers::FreePort());
  ours.headers.Set("X-User-Id", absl::StrCat(kPerson));
  ASSIGN_OR_RETURN(
      const auto mesh,
      StartProgram("services/selfology",
                   {"--modules=file", "--grpc_address=127.0.0.1:0", "--http_address=127.0.0.1:0",
                    absl::StrCat("--file_listen=", ours.base.substr(7)),
                    absl::StrCat("--file_folder=", folder.path(), "/ours"),
                    absl::StrCat("--file_max_bytes=", int64_t{1} << 40),
                    absl::StrCat("--file_quota_bytes=", int64_t{1} << 40)},
                   {absl::StrCat("DATABASE_URL=", ground->postgres->url()),
                    absl::StrCat("REDIS_URL=", ground->redis_server->url())},
                   "files can be uploaded"));
  ours.pid = mesh->pid();
  Server theirs;
  std::unique_ptr<servers::Process> tusd;
  if (!peers.empty()) {
    const int port = servers::FreePort();
    theirs.base = absl::StrCat("http://127.0.0.1:", port);
    ASSIGN_OR_RETURN(tusd, servers::Process::Start(
                               {.argv = {absl::StrCat(peers, "/tusd"), "-host", "127.0.0.1",
                                         "-port", absl::StrCat(port), "-verbose=false",
                                         "-upload-dir", absl::StrCat(folder.path(), "/tusd")}}));
    theirs.pid = tusd->pid();
    RETURN_IF_ERROR(tusd->WaitForOutput("You can now upload", absl::Now() + absl::Seconds(30)));
  }
  absl::BitGen random;
  std::string piece(kPiece, '\0');
  for (char& byte : piece) byte = static_cast<char>(absl::Uniform<uint8_t>(random));
  std::vector<double> checked_after;
  for (int round = 0; round < absl::GetFlag(FLAGS_rounds); ++round) {
    RETURN_IF_ERROR(Upload(ours, piece, /*removes=*/false));
    const absl::Time sent = absl::Now();
    // Each upload is looked at once it is whole, which is no part of theirs.
    for (int64_t waiting = 1; waiting > 0; Pause(absl::Milliseconds(20))) {
      ASSIGN_OR_RETURN(waiting, ground->Number("SELECT count(*) FROM file_files"
                                               " WHERE state <> 'ready'"));
      if (absl::Now() > sent + absl::Minutes(10)) return absl::DeadlineExceededError("not ready");
    }
    checked_after.push_back(absl::ToDoubleSeconds(absl::Now() - sent));
    if (tusd != nullptr) RETURN_IF_ERROR(Upload(theirs, piece, /*removes=*/true));
  }
  const std::string peer = tusd == nullptr ? "tusd, not run" : "tusd";
  report.Add({.name = "files.upload",
              .what = absl::StrCat(absl::GetFlag(FLAGS_bytes) >> 20, " MiB by tus in pieces of 8"),
              .unit = "MB/s",
              .ours = Median(ours.rates),
              .reference = Median(theirs.rates),
              .peer = peer,
              .aim = {.kind = Aim::kRatioAtLeast, .value = 0.8}});
  report.Add({.name = "files.checked",
              .what = "… from the last byte until it was checked",
              .unit = "s",
              .ours = Median(checked_after)});
  report.Add({.name = "files.memory",
              .what = "… memory above that before, at most",
              .unit = "MB",
              .ours = ours.grew,
              .reference = theirs.grew,
              .peer = peer});
  report.Add({.name = "files.memory_late",
              .what = "… of it, of the second half",
              .unit = "MB",
              .ours = ours.grew_late,
              .reference = theirs.grew_late,
              .peer = peer,
              .aim = {.kind = Aim::kAtMost, .value = 16}});
  return absl::OkStatus();
}

// Of this process and of those that it has waited for.
absl::Duration CpuWithChildren() {
  rusage usage;
  getrusage(RUSAGE_CHILDREN, &usage);
  return OwnCpu() + absl::DurationFromTimeval(usage.ru_utime) +
         absl::DurationFromTimeval(usage.ru_stime);
}

// Milliseconds of CPU for one, with the process for pictures that is started for all of them.
absl::StatusOr<double> OurThumbnails(const file::PictureBytes& picture, bool looks, size_t* bytes) {
  const int count = absl::GetFlag(FLAGS_pictures);
  const absl::Duration before = CpuWithChildren();
  {
    file::Pictures pictures({});
    for (int i = 0; i < count; ++i) {
      if (looks) RETURN_IF_ERROR(pictures.LookAt(Patient(), picture).status());
      ASSIGN_OR_RETURN(const file::Made made,
                       pictures.Make(Patient(), picture, file::ThumbnailSpec()));
      *bytes = made.bytes.size();
    }
  }
  return absl::ToDoubleMilliseconds(CpuWithChildren() - before) / count;
}

absl::StatusOr<std::string> RunSharp(std::vector<std::string> argv) {
  ASSIGN_OR_RETURN(const auto sharp, servers::Process::Start({.argv = std::move(argv)}));
  ASSIGN_OR_RETURN(const int code, sharp->Wait(absl::Now() + absl::Minutes(5)));
  if (code != 0) return absl::InternalError(sharp->output());
  return sharp->output();
}

absl::Status ThumbnailRows(Report& report) {
  constexpr int kRounds = 5;
  const std::string peers = absl::GetFlag(FLAGS_peers);
  if (peers.empty()) {
    report.Add({.name = "files.thumbnail",
                .what = "thumbnails, a CPU second",
                .unit = "pictures/s",
                .peer = "sharp, not run",
                .aim = {.kind = Aim::kRatioAtLeast, .value = 1 / 1.1}});
    return absl::OkStatus();
  }
  const std::string sharp = absl::StrCat(peers, "/sharp");
  ASSIGN_OR_RETURN(const servers::ScratchFolder folder, servers::ScratchFolder::Make());
  const std::string photo = absl::StrCat(folder.path(), "/photo.jpg");
  RETURN_IF_ERROR(RunSharp({sharp, "photograph", photo}).status());
  std::ifstream file(photo, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  ASSIGN_OR_RETURN(file::PictureBytes picture, file::PictureBytes::Make());
  RETURN_IF_ERROR(picture.Add(bytes));
  std::vector<double> ours, looked, theirs;
  size_t size = 0;
  for (int round = 0; round < kRounds; ++round) {
    ASSIGN_OR_RETURN(ours.emplace_back(), OurThumbnails(picture, /*looks=*/false, &size));
    ASSIGN_OR_RETURN(looked.emplace_back(), OurThumbnails(picture, /*looks=*/true, &size));
    ASSIGN_OR_RETURN(
        const std::string said,
        RunSharp({sharp, "thumbnails", photo, absl::StrCat(absl::GetFlag(FLAGS_pictures))}));
    if (!absl::SimpleAtod(said, &theirs.emplace_back())) return absl::InternalError(said);
  }
  // The other way round than for costs: how many of ours fit into one of theirs.
  report.Add({.name = "files.thumbnail",
              .what = "thumbnails, a CPU second",
              .unit = "pictures/s",
              .ours = 1e3 / Median(ours),
              .reference = 1e3 / Median(theirs),
              .peer = "sharp, one thread",
              .aim = {.kind = Aim::kRatioAtLeast, .value = 1 / 1.1}});
  report.Add({.name = "files.thumbnail_looked",
              .what = "… with the look that uploads get before",
              .unit = "pictures/s",
              .ours = 1e3 / Median(looked),
              .reference = 1e3 / Median(theirs),
              .peer = "sharp, one thread"});
  return absl::OkStatus();
}

int Main() {
  const std::vector<std::string> only = absl::GetFlag(FLAGS_only);
  Report report(absl::GetFlag(FLAGS_json));
  struct Row {
    const char* name;
    absl::Status (*run)(Report&);
  };
  bool measured = true;
  for (const Row& row : {Row{"upload", &UploadRows}, Row{"thumbnail", &ThumbnailRows}}) {
    if (!only.empty() && std::find(only.begin(), only.end(), row.name) == only.end()) continue;
    const absl::Status status = row.run(report);
    if (status.ok()) continue;
    std::fprintf(stderr, "%s: %s\n", row.name, status.ToString().c_str());
    measured = false;
  }
  return measured ? 0 : 1;
}

}  // namespace
}  // namespace selfology::bench

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  // As the services do.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  selfology::observe::ConfigureLog(
      {.service = "bench", .level = selfology::observe::Severity::kError});
  return selfology::bench::Main();
}
