#include "testing/media/locked_media.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "testing/servers/binaries.h"

namespace selfology::media {
namespace {

namespace fs = std::filesystem;

// With the locked loader, libraries of the sysroot's, and those that lie beside the program.
absl::StatusOr<std::string> Run(std::string_view program, std::string_view arguments) {
  const absl::StatusOr<std::string> ffmpeg = FfmpegPath();
  if (!ffmpeg.ok()) return ffmpeg.status();
  const absl::StatusOr<std::string> of_sysroot = servers::BinaryPath("psql");
  if (!of_sysroot.ok()) return of_sysroot.status();
  std::string tree = fs::canonical(*of_sysroot);
  tree.resize(tree.find("/tree/") + 5);
  const std::string folder = fs::path(*ffmpeg).parent_path();
  const std::string libraries = "lib/x86_64-linux-gnu";
  const std::string command = absl::StrCat(tree, "/lib64/ld-linux-x86-64.so.2 --library-path ",
                                           tree, "/usr/", libraries, ":", folder, "/../", libraries,
                                           " ", folder, "/", program, " ", arguments, " 2>&1");
  FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return absl::UnavailableError("no process");
  std::string said;
  char buffer[4096];
  while (const size_t got = fread(buffer, 1, sizeof(buffer), pipe)) said.append(buffer, got);
  if (pclose(pipe) != 0) return absl::InvalidArgumentError(absl::StrCat(arguments, ": ", said));
  return said;
}

}  // namespace

absl::StatusOr<std::string> FfmpegPath() {
  const char* const runfiles = std::getenv("TEST_SRCDIR");
  std::error_code failed;
  fs::path path = fs::canonical(
      absl::StrCat(runfiles == nullptr ? "" : runfiles, "/debian_media/usr/bin/ffmpeg"), failed);
  if (failed) return absl::NotFoundError("no ffmpeg among the runfiles");
  return path;
}

absl::StatusOr<std::string> FromFfmpeg(std::string_view arguments, std::string_view name) {
  const auto scratch = servers::ScratchFolder::Make();
  if (!scratch.ok()) return scratch.status();
  const std::string path = absl::StrCat(scratch->path(), "/", name);
  const auto said = Run("ffmpeg", absl::StrCat("-v error -nostdin ", arguments, " ", path));
  if (!said.ok()) return said.status();
  std::ifstream file(path, std::ios::binary);
  return std::string{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

absl::StatusOr<std::string> Probed(std::string_view bytes) {
  const auto scratch = servers::ScratchFolder::Make();
  if (!scratch.ok()) return scratch.status();
  const std::string path = absl::StrCat(scratch->path(), "/probed");
  std::ofstream(path, std::ios::binary) << bytes;
  return Run("ffprobe", absl::StrCat("-v error -of default=noprint_wrappers=1 -show_entries"
                                     " stream:format:stream_tags:format_tags:chapter_tags ",
                                     path));
}

}  // namespace selfology::media
