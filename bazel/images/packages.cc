#include "bazel/images/packages.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "bazel/images/elf_file.h"
#include "common/status/status_macros.h"

namespace selfology::images {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLibraries = "usr/lib/x86_64-linux-gnu/";

// As in a tree with one /usr: "./lib/x" and "./usr/lib/x" are the same file.
std::string Normalized(std::string_view path) {
  if (absl::StartsWith(path, "./")) path.remove_prefix(2);
  for (const std::string_view folder : {"bin/", "sbin/", "lib/", "lib64/"}) {
    if (absl::StartsWith(path, folder)) return absl::StrCat("usr/", path);
  }
  return std::string(path);
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), {});
  if (!file.is_open() || file.bad()) {
    return absl::NotFoundError(absl::StrCat("cannot read ", path));
  }
  return bytes;
}

absl::StatusOr<Packages> Packages::Open(const std::vector<std::string>& locks) {
  Packages packages;
  for (const std::string& named : locks) {
    std::error_code failed;
    const fs::path lock = fs::canonical(named, failed);
    if (failed) return absl::NotFoundError(absl::StrCat("no lock at ", named));
    const fs::path folder = lock.parent_path();
    packages.roots_.push_back(fs::exists(folder / "tree") ? folder / "tree" : folder);
    ASSIGN_OR_RETURN(const std::string text, ReadFile(lock));
    for (const std::string_view line : absl::StrSplit(text, '\n')) {
      const std::vector<std::string> words = absl::StrSplit(line, ' ');
      if (words.size() != 4 || words[0] == "#") continue;
      const std::string name = words[0];
      packages.packages_[name] = {
          .name = name,
          .version = words[1],
          .architecture = absl::EndsWith(words[2], "_all.deb") ? "all" : "amd64",
          .sha256 = words[3]};
      ASSIGN_OR_RETURN(const std::string files, ReadFile(folder / "files" / name));
      for (const std::string_view file : absl::StrSplit(files, '\n', absl::SkipEmpty())) {
        if (!absl::EndsWith(file, "/")) packages.owners_.emplace(Normalized(file), name);
      }
    }
  }
  return packages;
}

absl::StatusOr<TreeFile> Packages::Find(std::string_view path) const {
  for (const std::string& root : roots_) {
    std::error_code failed;
    fs::path real = fs::canonical(fs::path(root) / path, failed);
    if (failed || !fs::is_regular_file(real)) continue;
    const std::string own = real.lexically_relative(fs::canonical(root)).string();
    const auto owner = owners_.find(own);
    fs::path behind = real;
    behind += ".real";
    return TreeFile{.path = fs::exists(behind) ? behind : real,
                    .package = owner == owners_.end() ? "" : owner->second};
  }
  return absl::NotFoundError(absl::StrCat("no locked package has ", path));
}

absl::StatusOr<std::string> Packages::Folder(std::string_view path) const {
  for (const std::string& root : roots_) {
    if (fs::is_directory(fs::path(root) / path)) return fs::path(root) / path;
  }
  return absl::NotFoundError(absl::StrCat("no locked package has the folder ", path));
}

absl::StatusOr<std::map<std::string, TreeFile>> Packages::LibrariesOf(
    std::string_view bytes) const {
  std::map<std::string, TreeFile> libraries;
  ASSIGN_OR_RETURN(const ElfFile program, ReadElf(bytes));
  std::vector<std::string> waiting = program.needed;
  while (!waiting.empty()) {
    const std::string name = std::move(waiting.back());
    waiting.pop_back();
    if (libraries.contains(name)) continue;
    ASSIGN_OR_RETURN(const TreeFile file, Find(absl::StrCat(kLibraries, name)));
    libraries.emplace(name, file);
    ASSIGN_OR_RETURN(const std::string library, ReadFile(file.path));
    ASSIGN_OR_RETURN(const ElfFile elf, ReadElf(library));
    waiting.insert(waiting.end(), elf.needed.begin(), elf.needed.end());
  }
  return libraries;
}

absl::StatusOr<Package> Packages::Named(std::string_view name) const {
  const auto found = packages_.find(name);
  if (found == packages_.end()) return absl::NotFoundError(absl::StrCat("no package ", name));
  return found->second;
}

}  // namespace selfology::images
