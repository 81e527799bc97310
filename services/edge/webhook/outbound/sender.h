// Sends what is due: one endpoint's messages in their order, many endpoints at a time.
//
// An endpoint is held by one process at a time, by a lease that is counted: who was late finds another
// count and writes nothing. Attempts are written down before the calls they stand for, up to kBatch at
// once; the first that fails ends the batch, and attempts that were not made are taken back. After a crash
// whoever takes the endpoint next sends the batch again, with the same ids and in the same order.
//
// Threads: Run has one thread of its own, and a pool; Wake and Send are thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/crypto/seal_key.h"
#include "common/executor/worker_pool.h"
#include "common/http/client.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "common/service/stop_signal.h"
#include "services/edge/webhook/outbound/retry_plan.h"
#include "services/edge/webhook/outbound/sender_store.h"

namespace selfology::webhook {

class Sender {
 public:
  using Clock = std::function<absl::Time()>;

  struct Options {
    int threads = 32;  // Endpoints at a time; a quarter of them is kept for those that do not fail.
    absl::Duration tolerated = absl::Hours(5 * 24);  // Of nothing but failures.
    absl::Duration glance = absl::Seconds(1);        // Between two looks, if nobody wakes it.
  };

  // All outlive it.
  Sender(postgres::Database& database, http::Client& http, crypto::SealKey& seal_key, Clock clock,
         observe::Metrics& metrics, Options options);

  void Run(service::StopSignal& stop);
  // Something is due.
  void Wake();

 private:
  struct Batch {
    store::Held held;
    std::vector<store::Due> due;
    bool is_full = false;  // More may be due.
  };
  struct Sent {
    std::vector<store::Ended> ended;
    std::vector<store::Due> not_made;
    bool failing = false;  // The last one failed, and not because of throttling.
    bool any_delivered = false;
    bool gone = false;
  };

  absl::StatusOr<std::optional<Batch>> TakeBatch(bool healthy_only);
  // Sends batches of one endpoint until nothing is due, or others have waited long enough.
  void Work(Batch batch);
  absl::StatusOr<Sent> SendAll(const Batch& batch);
  Outcome SendOne(const store::Held& held, const store::Due& due,
                  const std::vector<std::string>& keys, store::Ended& ended);
  // Writes down what became of a batch; the next one, if there may be.
  absl::StatusOr<std::vector<store::Due>> Finish(const Batch& batch, const Sent& sent, bool go_on);
  absl::Status Judge(postgres::Transaction& tx, const store::Held& held, const Sent& sent,
                     bool& disabled);

  bool Stopping() const { return stopping_.load(); }
  absl::Duration UntilNextDue();

  postgres::Database& database_;
  http::Client& http_;
  crypto::SealKey& seal_key_;
  const Clock clock_;
  const Options options_;
  const observe::Counter delivered_;
  const observe::Counter failed_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int64_t> patience_ends_ = 0;  // Nanoseconds since 1970; 0: calls are not hurried.
  absl::Mutex mutex_;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  int busy_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::BitGen random_ ABSL_GUARDED_BY(mutex_);
  executor::WorkerPool pool_;  // Last: its threads use all the above.
};

}  // namespace selfology::webhook
