// The unpacked packages of lock files, and which file is whose.
//
//   ASSIGN_OR_RETURN(Packages packages, Packages::Open({"external/debian_sysroot/debian.lock"}));
//   ASSIGN_OR_RETURN(TreeFile file, packages.Find("usr/bin/redis-server"));
//   ASSIGN_OR_RETURN(auto libraries, packages.LibrariesOf(program_bytes));
//   libraries.at("libz.so.1").package    // "zlib1g"
//
// A lock lies beside the tree of its packages (bazel/sysroot/unpack.sh, bazel/debian_files.bzl). Actions have the lock as
// an input and not the tree's thousands of files: its digests say what is in them.
// Errors: NOT_FOUND for a file or a library that is in no tree.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace selfology::images {

struct Package {
  std::string name = {};
  std::string version = {};
  std::string architecture = {};  // "amd64", "all"
  std::string sha256 = {};        // Of the .deb file.
};

// The contents of a file, or the target of a symbolic link.
absl::StatusOr<std::string> ReadFile(const std::string& path);

struct TreeFile {
  std::string path = {};     // On this machine.
  std::string package = {};  // Empty: made while unpacking.
};

class Packages {
 public:
  static absl::StatusOr<Packages> Open(const std::vector<std::string>& locks);

  // By its path in the tree, without a leading slash. Follows links, and finds a program behind the launcher that stands in
  // its place.
  absl::StatusOr<TreeFile> Find(std::string_view path) const;
  // A folder on this machine.
  absl::StatusOr<std::string> Folder(std::string_view path) const;

  // The shared libraries that a program, or a library, needs, and those that they need, by name.
  absl::StatusOr<std::map<std::string, TreeFile>> LibrariesOf(std::string_view bytes) const;

  absl::StatusOr<Package> Named(std::string_view name) const;

 private:
  std::vector<std::string> roots_;
  std::map<std::string, Package, std::less<>> packages_;
  std::map<std::string, std::string, std::less<>> owners_;  // Path in the tree to package.
};

}  // namespace selfology::images
