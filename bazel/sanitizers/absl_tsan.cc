// Tells ThreadSanitizer what absl::Mutex, CondVar, Notification and Status put in order.
//
// The locked Abseil is not built with TSan, so TSan would take every access under an absl::Mutex
// for a race. The linker sends the calls listed in BUILD.bazel here (--wrap); each function calls
// the real one, says before it what the thread lets go of, and after it what the thread has taken.

#include <cstdint>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

// Absent from what the build makes for itself, which is never sanitized.
extern "C" [[gnu::weak]] void __tsan_acquire(void* object);
extern "C" [[gnu::weak]] void __tsan_release(void* object);

namespace {

void Take(void* object) {
  if (__tsan_acquire != nullptr) __tsan_acquire(object);
}

void LetGo(void* object) {
  if (__tsan_release != nullptr) __tsan_release(object);
}

}  // namespace

// Reports that come of what stands in the locked libraries, which are not built with TSan. A thread
// that unlocks an absl::Mutex evaluates the conditions of those who wait, still under the lock; the
// graph of locks in which Abseil looks for deadlocks has a lock of its own; what a Status has in it
// gRPC hands on in its queues.
//
// gRPC hands its own things, and the bytes of messages, from thread to thread by queues without
// locks; what it hands to us is in order all the same, see grpc_tsan.cc. Its frames are in a stack
// only where it calls malloc, sendmsg and the like; the last three are its headers' code, in which
// a message becomes bytes or comes of them. What handlers do under gRPC is watched.
extern "C" const char* __tsan_default_suppressions() {
  return "race:absl::debian3::Condition::\n"
         "race:absl::debian3::synchronization_internal::GraphCycles::\n"
         "race:absl::debian3::synchronization_internal::(anonymous namespace)::NodeSet::\n"
         "race:absl::debian3::status_internal::\n"
         "race:grpc_core::\n"
         "race:grpc_event_engine::\n"
         "race:grpc_completion_queue\n"
         "race:grpc_slice_\n"
         "race:grpc_tcp\n"
         "race:tcp_send\n"
         "race:destroy_made_transport_stream_op\n"
         "race:closure_impl::closure_wrapper\n"
         "race:grpc::internal::CallOpSet<\n"
         "race:grpc::ServerInterface::PayloadAsyncRequest<\n"
         "race:grpc::ProtoBufferReader::\n";
}

using Mu = absl::Mutex*;
using Cv = absl::CondVar*;
using Notice = absl::Notification*;
using If = const absl::Condition&;
using absl::Duration;
using absl::Time;

#define WRAP_VOID(name, parameters, arguments, before, after) \
  extern "C" void __real_##name parameters;                   \
  extern "C" void __wrap_##name parameters {                  \
    before;                                                   \
    __real_##name arguments;                                  \
    after;                                                    \
  }
#define WRAP_BOOL(name, parameters, arguments, before, after) \
  extern "C" bool __real_##name parameters;                   \
  extern "C" bool __wrap_##name parameters {                  \
    before;                                                   \
    const bool result = __real_##name arguments;              \
    after;                                                    \
    return result;                                            \
  }

// The names are mangled; debian3 is Abseil's inline namespace.
WRAP_VOID(_ZN4absl7debian35Mutex4LockEv, (Mu mu), (mu), , Take(mu))
WRAP_VOID(_ZN4absl7debian35Mutex10ReaderLockEv, (Mu mu), (mu), , Take(mu))
WRAP_VOID(_ZN4absl7debian35Mutex6UnlockEv, (Mu mu), (mu), LetGo(mu), )
WRAP_VOID(_ZN4absl7debian35Mutex12ReaderUnlockEv, (Mu mu), (mu), LetGo(mu), )
WRAP_BOOL(_ZN4absl7debian35Mutex7TryLockEv, (Mu mu), (mu), , if (result) Take(mu))
WRAP_BOOL(_ZN4absl7debian35Mutex13ReaderTryLockEv, (Mu mu), (mu), , if (result) Take(mu))
WRAP_VOID(_ZN4absl7debian35Mutex8LockWhenERKNS0_9ConditionE, (Mu mu, If c), (mu, c), , Take(mu))
WRAP_VOID(_ZN4absl7debian35Mutex14ReaderLockWhenERKNS0_9ConditionE, (Mu mu, If c), (mu, c), ,
          Take(mu))
WRAP_BOOL(_ZN4absl7debian35Mutex19LockWhenWithTimeoutERKNS0_9ConditionENS0_8DurationE,
          (Mu mu, If c, Duration t), (mu, c, t), , Take(mu))
WRAP_BOOL(_ZN4absl7debian35Mutex20LockWhenWithDeadlineERKNS0_9ConditionENS0_4TimeE,
          (Mu mu, If c, Time t), (mu, c, t), , Take(mu))
WRAP_VOID(_ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE, (Mu mu, If c), (mu, c), LetGo(mu),
          Take(mu))
WRAP_BOOL(_ZN4absl7debian35Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE,
          (Mu mu, If c, Duration t), (mu, c, t), LetGo(mu), Take(mu))
WRAP_BOOL(_ZN4absl7debian35Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE,
          (Mu mu, If c, Time t), (mu, c, t), LetGo(mu), Take(mu))
WRAP_VOID(_ZN4absl7debian37CondVar4WaitEPNS0_5MutexE, (Cv cv, Mu mu), (cv, mu), LetGo(mu), Take(mu))
WRAP_BOOL(_ZN4absl7debian37CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE,
          (Cv cv, Mu mu, Duration t), (cv, mu, t), LetGo(mu), Take(mu))
WRAP_BOOL(_ZN4absl7debian37CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE, (Cv cv, Mu mu, Time t),
          (cv, mu, t), LetGo(mu), Take(mu))
// Whoever lets go of a Status last deletes it, after all who have read it.
WRAP_VOID(_ZN4absl7debian36Status15UnrefNonInlinedEm, (void* rep), (rep), (LetGo(rep), Take(rep)), )
WRAP_VOID(_ZN4absl7debian312Notification6NotifyEv, (Notice n), (n), LetGo(n), )
WRAP_VOID(_ZNK4absl7debian312Notification19WaitForNotificationEv, (Notice n), (n), , Take(n))
WRAP_BOOL(_ZNK4absl7debian312Notification30WaitForNotificationWithTimeoutENS0_8DurationE,
          (Notice n, Duration t), (n, t), , if (result) Take(n))
WRAP_BOOL(_ZNK4absl7debian312Notification31WaitForNotificationWithDeadlineENS0_4TimeE,
          (Notice n, Time t), (n, t), , if (result) Take(n))

// Called where a thread comes to call_once while another is in it.
extern "C" uint32_t
__real__ZN4absl7debian313base_internal12SpinLockWaitEPSt6atomicIjEiPKNS1_22SpinLockWaitTransitionENS1_14SchedulingModeE(
    void* word, int size, const void* transitions, int mode);
extern "C" uint32_t
__wrap__ZN4absl7debian313base_internal12SpinLockWaitEPSt6atomicIjEiPKNS1_22SpinLockWaitTransitionENS1_14SchedulingModeE(
    void* word, int size, const void* transitions, int mode) {
  const uint32_t result =
      __real__ZN4absl7debian313base_internal12SpinLockWaitEPSt6atomicIjEiPKNS1_22SpinLockWaitTransitionENS1_14SchedulingModeE(
          word, size, transitions, mode);
  Take(word);
  return result;
}
