#include "services/platform/file/videos/video_child.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "services/platform/file/jail.h"
#include "services/platform/file/videos/video_commands.h"

namespace selfology::file {

const int kVideoChildIsLinked = 1;

namespace {

// Nothing here may rely on what main() or constructors of the program set up.

constexpr rlim_t kMemory = rlim_t{1024} * 1024 * 1024;  // Bytes, writable.
constexpr rlim_t kStack = rlim_t{2} * 1024 * 1024;      // Of each thread: they count, too.
constexpr rlim_t kFiles = 64;
constexpr int kNice = 10;  // Whoever is served comes first.

[[noreturn]] void BecomeProgram(int argc, char** argv) {
  // With the thread that started it, which waits for it.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || argc < 5) _exit(3);
  const int readable = std::atoi(argv[3]);
  std::vector<Permission> permissions = {{kVideoInput, kMayRead},
                                         {kVideoOutput, kMayRead | kMayWrite}};
  for (int i = 0; i < readable; ++i) {
    permissions.push_back({kVideoRead + i, i < 2 ? kMayRead | kMayRun : kMayRead});
  }
  RestrictFiles(permissions);
  syscall(SYS_close_range, kVideoRead, ~0U, 0);
  setpriority(PRIO_PROCESS, 0, kNice);
  Limit(RLIMIT_CPU, std::strtoull(argv[1], nullptr, 10));
  Limit(RLIMIT_FSIZE, std::strtoull(argv[2], nullptr, 10));
  Limit(RLIMIT_NOFILE, kFiles);
  Limit(RLIMIT_CORE, 0);
  Limit(RLIMIT_STACK, kStack);
  Limit(RLIMIT_DATA, kMemory);
  LockUp(Opening::kWhereItIsPermitted);
  char* const environment[] = {nullptr};
  execve(argv[4], argv + 4, environment);
  _exit(3);
}

// glibc calls it with main()'s arguments, before main().
[[gnu::constructor]] void RunAsVideoChild(int argc, char** argv, char**) {
  if (argc > 1 && std::strcmp(argv[0], kVideoChild) == 0) BecomeProgram(argc, argv);
}

}  // namespace
}  // namespace selfology::file
