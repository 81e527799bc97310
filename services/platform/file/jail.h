// What processes that read strangers' bytes do without: they give it up themselves, before they read
// the first one.
//
//   Limit(RLIMIT_CPU, 8);
//   RestrictFiles({{.descriptor = input, .rights = kMayRead}});       // Landlock
//   LockUp(Opening::kNever);                                          // seccomp
//
// Nothing here relies on what main() or constructors of the program set up. Errors: what cannot be
// given up ends the process with 3. Threads: before there is a second one.
#pragma once

#include <sys/resource.h>

#include <cstdint>
#include <vector>

namespace selfology::file {

// Also for whoever becomes root. Of seconds, bytes or descriptors.
void Limit(__rlimit_resource what, rlim_t most);

enum class Opening {
  kNever,              // No files, no programs.
  kWhereItIsPermitted  // As far as RestrictFiles permits; no names of files change.
};

// From here on: no sockets, no other processes (threads are), no signals to others.
void LockUp(Opening opening);

inline constexpr uint64_t kMayRun = uint64_t{1} << 0;
inline constexpr uint64_t kMayRead = uint64_t{1} << 2;
inline constexpr uint64_t kMayWrite = uint64_t{1} << 1 | uint64_t{1} << 14;  // And cut it off.

// What may be opened: a file, or a folder with all in it.
struct Permission {
  int descriptor = -1;
  uint64_t rights = 0;
};
// From here on nothing but that can be opened. Also ends the process where the kernel has no Landlock.
void RestrictFiles(const std::vector<Permission>& permissions);
bool CanRestrictFiles();

}  // namespace selfology::file
