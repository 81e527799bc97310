#include "services/platform/file/videos/video_process.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status_macros.h"
#include "services/platform/file/child_process.h"
#include "services/platform/file/jail.h"
#include "services/platform/file/videos/video_child.h"
#include "services/platform/file/videos/video_commands.h"

namespace selfology::file {
namespace {

namespace fs = std::filesystem;

constexpr char kLibraries[] = "lib/x86_64-linux-gnu";
constexpr char kLoader[] = "/lib64/ld-linux-x86-64.so.2";

// How a program is started, and what it may read: the first two of it may be run as well.
struct Launch {
  std::vector<std::string> words = {};  // Its path, and what comes before its arguments.
  std::vector<std::string> readable = {};
};

// Programs of locked packages lie without a C library, and run with ours; others with the system's.
absl::StatusOr<Launch> LaunchOf(const std::string& ffmpeg, std::string_view name) {
  std::error_code failed;
  const fs::path folder = fs::canonical(ffmpeg, failed).parent_path();
  const std::string program = folder / name;
  if (failed || !fs::exists(program, failed)) {
    return NoFfmpeg(absl::StrCat("there is no ", name, " where file_ffmpeg says"));
  }
  const fs::path libraries = folder.parent_path() / kLibraries;
  ASSIGN_OR_RETURN(const OwnProgram own, ThisProgram());
  if (own.program.empty() || fs::exists(libraries / "libc.so.6", failed)) {
    return Launch{
        .words = {program},
        .readable = {program, kLoader, "/etc/ld.so.cache", "/usr/lib", "/lib", libraries.string()}};
  }
  Launch launch = {
      .words = {own.path, "--library-path", absl::StrCat(own.libraries, ":", libraries.string()),
                "--argv0", std::string(name), program},
      .readable = {own.path, program}};
  for (const std::string_view library : absl::StrSplit(launch.words[2], ':', absl::SkipEmpty())) {
    launch.readable.emplace_back(library);
  }
  return launch;
}

}  // namespace

absl::Status NoFfmpeg(std::string_view why) {
  return absl::UnavailableError(absl::StrCat("videos cannot be processed here: ", why));
}

absl::StatusOr<pid_t> StartVideoProcess(const VideoProcess& process) {
  if (kVideoChildIsLinked != 1) return CannotStart();
  if (process.ffmpeg.empty()) return NoFfmpeg("there is no ffmpeg");
  if (!CanRestrictFiles()) return NoFfmpeg("the kernel has no Landlock");
  ASSIGN_OR_RETURN(const Launch launch, LaunchOf(process.ffmpeg, process.program));
  ChildStart start = {.name = kVideoChild,
                      .descriptors = {{process.answer, STDOUT_FILENO},
                                      {process.input, kVideoInput},
                                      {process.output, kVideoOutput}}};
  std::vector<Descriptor> readable;
  for (const std::string& path : launch.readable) {
    Descriptor file(open(path.c_str(), O_PATH | O_CLOEXEC));
    if (file.get() < 0) {
      if (readable.size() < 2) return CannotStart();
      continue;  // What a system does not have it does not need.
    }
    start.descriptors.emplace_back(file.get(), kVideoRead + static_cast<int>(readable.size()));
    readable.push_back(std::move(file));
  }
  start.arguments = {absl::StrCat(absl::ToInt64Seconds(process.cpu)),
                     absl::StrCat(process.output_bytes), absl::StrCat(readable.size())};
  for (const std::vector<std::string>* words : {&launch.words, &process.words}) {
    start.arguments.insert(start.arguments.end(), words->begin(), words->end());
  }
  return StartItself(start);
}

}  // namespace selfology::file
