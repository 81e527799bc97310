// Tells ThreadSanitizer what gRPC's completion queues put in order: what was done before an
// operation was begun or ended, and what follows when its tag comes out of the queue. See
// absl_tsan.cc.

#include <cstddef>

#include "grpc/grpc.h"

extern "C" [[gnu::weak]] void __tsan_acquire(void* object);
extern "C" [[gnu::weak]] void __tsan_release(void* object);

namespace {

void LetGo(void* tag) {
  if (__tsan_release != nullptr && tag != nullptr) __tsan_release(tag);
}

grpc_event Taken(grpc_event event) {
  if (__tsan_acquire != nullptr && event.type == GRPC_OP_COMPLETE && event.tag != nullptr) {
    __tsan_acquire(event.tag);
  }
  return event;
}

}  // namespace

extern "C" {

grpc_event __real_grpc_completion_queue_next(grpc_completion_queue* queue, gpr_timespec deadline,
                                             void* reserved);
grpc_event __wrap_grpc_completion_queue_next(grpc_completion_queue* queue, gpr_timespec deadline,
                                             void* reserved) {
  return Taken(__real_grpc_completion_queue_next(queue, deadline, reserved));
}

grpc_event __real_grpc_completion_queue_pluck(grpc_completion_queue* queue, void* tag,
                                              gpr_timespec deadline, void* reserved);
grpc_event __wrap_grpc_completion_queue_pluck(grpc_completion_queue* queue, void* tag,
                                              gpr_timespec deadline, void* reserved) {
  return Taken(__real_grpc_completion_queue_pluck(queue, tag, deadline, reserved));
}

grpc_call_error __real_grpc_call_start_batch(grpc_call* call, const grpc_op* ops, size_t count,
                                             void* tag, void* reserved);
grpc_call_error __wrap_grpc_call_start_batch(grpc_call* call, const grpc_op* ops, size_t count,
                                             void* tag, void* reserved) {
  LetGo(tag);
  return __real_grpc_call_start_batch(call, ops, count, tag, reserved);
}

grpc_call_error __real_grpc_server_request_registered_call(
    grpc_server* server, void* method, grpc_call** call, gpr_timespec* deadline,
    grpc_metadata_array* metadata, grpc_byte_buffer** payload, grpc_completion_queue* bound_to,
    grpc_completion_queue* notifies, void* tag);
grpc_call_error __wrap_grpc_server_request_registered_call(
    grpc_server* server, void* method, grpc_call** call, gpr_timespec* deadline,
    grpc_metadata_array* metadata, grpc_byte_buffer** payload, grpc_completion_queue* bound_to,
    grpc_completion_queue* notifies, void* tag) {
  LetGo(tag);
  return __real_grpc_server_request_registered_call(server, method, call, deadline, metadata,
                                                    payload, bound_to, notifies, tag);
}

// grpc_cq_end_op. Its third parameter is a Status by value, which is passed by its address.
using Done = void (*)(void*, void*);
void __real__Z14grpc_cq_end_opP21grpc_completion_queuePvN4absl7debian36StatusEPFvS1_P18grpc_cq_completionES1_S6_b(
    void* queue, void* tag, void* error, Done done, void* argument, void* storage, bool internal);
void __wrap__Z14grpc_cq_end_opP21grpc_completion_queuePvN4absl7debian36StatusEPFvS1_P18grpc_cq_completionES1_S6_b(
    void* queue, void* tag, void* error, Done done, void* argument, void* storage, bool internal) {
  LetGo(tag);
  __real__Z14grpc_cq_end_opP21grpc_completion_queuePvN4absl7debian36StatusEPFvS1_P18grpc_cq_completionES1_S6_b(
      queue, tag, error, done, argument, storage, internal);
}

}  // extern "C"
