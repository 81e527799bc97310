// Opens a WalSource on a thread of its own, since making a slot may wait for others' transactions.
// Threads: one at a time.
#pragma once

#include <memory>
#include <optional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/relay/wakeup.h"
#include "common/relay/wal_source.h"

namespace selfology::relay {

class WalOpener {
 public:
  using Result = absl::StatusOr<std::unique_ptr<WalSource>>;

  // Signals `done` when an opening has ended.
  explicit WalOpener(Wakeup& done) : done_(done) {}
  ~WalOpener();  // Gives up; sources opened by it must be gone.

  void Start(WalOptions options);
  bool running() const { return thread_.joinable(); }
  // The result, once.
  std::optional<Result> Take();

 private:
  Wakeup& done_;
  Wakeup stop_;
  std::thread thread_;
  absl::Mutex mutex_;
  std::optional<Result> result_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::relay
