// Bytes on their way from any thread to the I/O thread that writes them to a socket.
//
// Producers Push; the I/O thread, woken when there is something after there was nothing, Takes
// until it gets nothing. Close ends it for both sides. Thread-safe.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace selfology::http {

// What may wait for a slow reader before a producer has to.
inline constexpr size_t kMaxUnsentBytes = 1 << 20;

class SendQueue {
 public:
  // wake: tells the I/O thread to Take; called with the lock held, never after Close.
  explicit SendQueue(std::function<void()> wake) : wake_(std::move(wake)) {}

  // Waits up to `patience` while kMaxUnsentBytes or more are unsent. RESOURCE_EXHAUSTED if they
  // still are then, UNAVAILABLE once closed or ended.
  // `binary` is given back with the piece.
  absl::Status Push(std::string piece, absl::Duration patience, bool binary = false);

  // Nothing more will be pushed.
  void End();
  // Nothing more will be taken; what is unsent is dropped.
  void Close();
  bool closed() const;
  size_t unsent_bytes() const;

  struct Taken {
    std::optional<std::string> piece;  // Nothing: there will be another wake, unless ended.
    bool binary = false;               // Of one piece.
    bool ended = false;                // After this piece nothing more comes.
  };
  // One piece as it was pushed, or all of them joined.
  Taken TakeOne();
  Taken TakeAll();

 private:
  void Wake() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool HasRoomOrIsOver() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return unsent_bytes_ < kMaxUnsentBytes || ended_ || closed_;
  }

  const std::function<void()> wake_;
  mutable absl::Mutex mutex_;
  struct Piece {
    std::string bytes;
    bool binary;
  };
  std::deque<Piece> pieces_ ABSL_GUARDED_BY(mutex_);
  size_t unsent_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool is_being_taken_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace selfology::http
