#include "services/platform/file/jail.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace selfology::file {
namespace {

constexpr int kOpening[] = {SYS_open, SYS_openat, SYS_openat2, SYS_creat, SYS_execve, SYS_execveat};
constexpr int kForbidden[] = {SYS_socket,
                              SYS_socketpair,
                              SYS_connect,
                              SYS_bind,
                              SYS_ptrace,
                              SYS_kill,
                              SYS_tkill,
                              SYS_tgkill,
                              SYS_rt_sigqueueinfo,
                              SYS_rt_tgsigqueueinfo,
                              SYS_unlink,
                              SYS_unlinkat,
                              SYS_rename,
                              SYS_renameat,
                              SYS_renameat2,
                              SYS_link,
                              SYS_linkat,
                              SYS_symlink,
                              SYS_symlinkat,
                              SYS_mkdir,
                              SYS_mkdirat,
                              SYS_fork,
                              SYS_vfork,
                              SYS_setsid,
                              SYS_bpf,
                              SYS_mount,
                              SYS_unshare,
                              SYS_setns,
                              SYS_process_vm_readv,
                              SYS_process_vm_writev,
                              SYS_pidfd_getfd,
                              SYS_pidfd_send_signal,
                              SYS_io_uring_setup,
                              SYS_userfaultfd,
                              SYS_perf_event_open,
                              SYS_keyctl,
                              SYS_chmod,
                              SYS_fchmod,
                              SYS_fchmodat,
                              SYS_setrlimit};

sock_filter Statement(uint16_t code, uint32_t value) { return BPF_STMT(code, value); }
sock_filter Unless(uint32_t value, uint8_t skipped) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skipped);
}

void Forbid(std::vector<sock_filter>& program, int call) {
  program.push_back(Unless(static_cast<uint32_t>(call), 1));
  program.push_back(Statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
}

// The kernel's numbers, which the headers of an older one lack.
constexpr uint64_t kHandledBits[] = {13, 14, 15, 15, 16};  // By the version of Landlock, from 1.

int LandlockVersion() {
  constexpr int kAskForVersion = 1;
  return static_cast<int>(syscall(SYS_landlock_create_ruleset, nullptr, size_t{0}, kAskForVersion));
}

}  // namespace

void Limit(__rlimit_resource what, rlim_t most) {
  const rlimit limit = {most, most};
  if (setrlimit(what, &limit) != 0) _exit(3);
}

void LockUp(Opening opening) {
  std::vector<sock_filter> program;
  program.push_back(Statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)));
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0));
  program.push_back(Statement(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
  program.push_back(Statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  // Calls of the x32 numbering are others by their numbers, and the same by what they do.
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1));
  program.push_back(Statement(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
  for (const int call : kForbidden) Forbid(program, call);
  if (opening == Opening::kNever) {
    for (const int call : kOpening) Forbid(program, call);
  }
  // Limits may be asked for, and not be set: the pointer to new ones is 0.
  program.push_back(Unless(SYS_prlimit64, 6));
  program.push_back(Statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[2])));
  program.push_back(Unless(0, 2));
  program.push_back(Statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[2]) + 4));
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0));
  program.push_back(Statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
  program.push_back(Statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  // What it asks for lies where a filter cannot look; the C library then takes clone.
  program.push_back(Unless(SYS_clone3, 1));
  program.push_back(Statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS));
  program.push_back(Unless(SYS_clone, 3));
  program.push_back(Statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[0])));
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0));
  program.push_back(Statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
  program.push_back(Statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog filter = {.len = static_cast<unsigned short>(program.size()),
                             .filter = program.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) _exit(3);
  // A kernel without seccomp still has the limits.
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0);
}

bool CanRestrictFiles() { return LandlockVersion() >= 1; }

void RestrictFiles(const std::vector<Permission>& permissions) {
  const int version = LandlockVersion();
  if (version < 1) _exit(3);
  constexpr int kKnown = sizeof(kHandledBits) / sizeof(kHandledBits[0]);
  const uint64_t bits = kHandledBits[(version < kKnown ? version : kKnown) - 1];
  const uint64_t handled = (uint64_t{1} << bits) - 1;
  const long rules = syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0);
  if (rules < 0) _exit(3);
  for (const Permission& permission : permissions) {
    constexpr int kPathBeneath = 1;
    struct [[gnu::packed]] {
      uint64_t rights;
      int32_t descriptor;
    } const rule = {permission.rights & handled, permission.descriptor};
    if (syscall(SYS_landlock_add_rule, rules, kPathBeneath, &rule, 0) != 0) _exit(3);
  }
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      syscall(SYS_landlock_restrict_self, rules, 0) != 0) {
    _exit(3);
  }
  close(static_cast<int>(rules));
}

}  // namespace selfology::file
