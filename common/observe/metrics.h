// Prometheus metrics of one process (or one test), and RED for every kind of operation.
//
//   observe::Metrics metrics;
//   const auto cost = metrics.Counter("ai_cost_usd_total", "Money spent", {{"model", model}});
//   cost.Increment(0.0024);  // keep the handle: the lookup takes a lock
//
//   observe::Requests requests(&metrics, "rpc_server");
//   requests.Record("session.SubmitAnswer", absl::StatusCode::kOk, elapsed);
//
// Requests feeds R000-31's histogram request_duration_seconds{kind, operation, code}: its count is
// the rate, its codes other than OK the errors, its buckets the duration. Kinds in use: rpc_server,
// rpc_client, event_handler, http_server, http_client, postgres, redis.
//
// Labels never carry user data and take few values.
// Units are in the names: _seconds, _usd, _total.
// Errors: a name that is invalid, or taken by another type, is logged and yields a handle that does
// nothing; so does a default handle and a null Metrics*, which makes metrics optional everywhere.
// Threads: everything here may be used from any thread. Handles are valid while their Metrics
// lives.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/call_once.h"
#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
class Registry;
}  // namespace prometheus

namespace selfology::observe {

using Labels = std::map<std::string, std::string>;
using Buckets = std::vector<double>;  // Upper bounds, ascending.

// 1 ms to 60 s, with a bound at each latency target (R000-34, R001-29): 50, 200, 300 and 500 ms,
// 2, 3 and 10 s.
const Buckets& LatencyBuckets();

class Counter {
 public:
  Counter() = default;
  void Increment(double by = 1) const;  // by >= 0
  double Value() const;

 private:
  friend class Metrics;
  explicit Counter(prometheus::Counter* impl) : impl_(impl) {}
  prometheus::Counter* impl_ = nullptr;
};

class Gauge {
 public:
  Gauge() = default;
  void Set(double value) const;
  void Increment(double by = 1) const;
  void Decrement(double by = 1) const;
  double Value() const;

 private:
  friend class Metrics;
  explicit Gauge(prometheus::Gauge* impl) : impl_(impl) {}
  prometheus::Gauge* impl_ = nullptr;
};

class Histogram {
 public:
  Histogram() = default;
  void Observe(double value) const;
  void Observe(absl::Duration value) const;  // In seconds.
  uint64_t Count() const;
  double Sum() const;

 private:
  friend class Metrics;
  explicit Histogram(prometheus::Histogram* impl) : impl_(impl) {}
  prometheus::Histogram* impl_ = nullptr;
};

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The same name and labels give the same series. A histogram's buckets are those of its first
  // lookup.
  observe::Counter Counter(std::string_view name, std::string_view help, const Labels& labels = {});
  observe::Gauge Gauge(std::string_view name, std::string_view help, const Labels& labels = {});
  observe::Histogram Histogram(std::string_view name, std::string_view help, const Buckets& buckets,
                               const Labels& labels = {});

  // The counters and gauges of these names as they are now, by name; one without series is not there.
  struct Sample {
    Labels labels;
    double value = 0;
  };
  using Samples = std::map<std::string, std::vector<Sample>, std::less<>>;
  Samples Read(const std::vector<std::string_view>& names) const;

  // Everything, in the Prometheus text format 0.0.4.
  std::string Expose() const;

 private:
  std::shared_ptr<prometheus::Registry> registry_;
};

class Requests {
 public:
  // metrics may be null. kind: see above.
  Requests(Metrics* metrics, std::string kind);

  // One operation's series, found once for many requests.
  class Operation {
   public:
    Operation(Requests& all, std::string name) : all_(all), name_(std::move(name)) {}
    void Record(absl::StatusCode code, absl::Duration elapsed);

   private:
    static constexpr int kCodes = 17;  // OK to UNAUTHENTICATED.
    struct Series {
      absl::once_flag once;
      observe::Histogram histogram;
    };

    Requests& all_;
    const std::string name_;
    std::array<Series, kCodes> by_code_;
  };

  // operation: a method or statement name, of which there are few. What this gives lives as long as
  // the Requests.
  Operation& Of(std::string_view operation);
  void Record(std::string_view operation, absl::StatusCode code, absl::Duration elapsed) {
    Of(operation).Record(code, elapsed);
  }

  struct Totals {
    uint64_t requests = 0;
    uint64_t errors = 0;  // Codes other than OK.
    absl::Duration time;
    absl::Duration MeanLatency() const;
  };
  Totals totals() const;

 private:
  Metrics* const metrics_;
  const std::string kind_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::unique_ptr<Operation>> operations_ ABSL_GUARDED_BY(mutex_);
  std::atomic<uint64_t> requests_ = 0;
  std::atomic<uint64_t> errors_ = 0;
  std::atomic<int64_t> microseconds_ = 0;
};

}  // namespace selfology::observe
