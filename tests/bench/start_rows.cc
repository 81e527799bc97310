// From the commit to the handler's first line, beside the bare round trips on that way. PostgreSQL
// does not wait for the disk here: that wait is the commit's, not the event's.

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/events/consumer.h"
#include "common/events/outbox.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "common/relay/relay.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "tests/bench/ground.h"
#include "tests/bench/rows.h"

namespace selfology::bench {
namespace {

constexpr int kRate = 1000;  // Transactions a second.
constexpr int kWriters = 4;

// Threads that do nothing but compute, as many as there are cores.
class Saturation {
 public:
  explicit Saturation(bool on) {
    if (!on) return;
    for (unsigned core = 0; core < std::thread::hardware_concurrency(); ++core) {
      threads_.emplace_back([this] {
        uint64_t number = 1;
        while (!stop_.load(std::memory_order_relaxed)) {
          for (int i = 0; i < 1000; ++i) number = number * 6364136223846793005u + 1;
          sink_.store(number, std::memory_order_relaxed);
        }
      });
    }
  }
  ~Saturation() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::atomic<bool> stop_ = false;
  std::atomic<uint64_t> sink_ = 0;
  std::vector<std::thread> threads_;
};

// Milliseconds from just before each event's transaction was sent until it was noted as started.
class Latencies {
 public:
  explicit Latencies(int events)
      : sent_(static_cast<size_t>(events)), took_(static_cast<size_t>(events)) {}

  void Sent(int64_t event) { sent_[static_cast<size_t>(event)] = absl::GetCurrentTimeNanos(); }
  void Started(int64_t event) {
    const auto place = static_cast<size_t>(event);
    if (place >= sent_.size()) return;
    took_[place] = static_cast<double>(absl::GetCurrentTimeNanos() - sent_[place]) / 1e6;
    absl::MutexLock lock(&mutex_);
    ++started_;
  }
  // Without the first tenth, which warms up.
  std::vector<double> Await() {
    absl::MutexLock lock(&mutex_);
    const auto all = [this]()
                         ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return started_ >= sent_.size(); };
    mutex_.AwaitWithTimeout(absl::Condition(&all), absl::Seconds(60));
    return {took_.begin() + static_cast<std::ptrdiff_t>(took_.size() / 10), took_.end()};
  }

 private:
  std::vector<int64_t> sent_;
  std::vector<double> took_;
  absl::Mutex mutex_;
  size_t started_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Several writers call `write` with 0, 1, 2, ..., each at its time.
void WriteAtRate(int events, const std::function<void(int writer, int64_t event)>& write) {
  std::vector<std::thread> writers;
  const absl::Time began = absl::Now();
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (int64_t event = writer; event < events; event += kWriters) {
        const absl::Duration early = began + event * absl::Seconds(1) / kRate - absl::Now();
        if (early > absl::ZeroDuration()) absl::SleepFor(early);
        write(writer, event);
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
}

absl::StatusOr<std::vector<double>> Ours(Ground& ground, int events) {
  observe::Metrics metrics;
  ASSIGN_OR_RETURN(const auto database, postgres::Database::Open({.url = ground.postgres->url()}));
  relay::Options options{.database_url = ground.postgres->url()};
  options.partitions = kPartitions;
  relay::Relay relay(options, *ground.redis, metrics);
  Latencies latencies(events);
  events::Consumer consumer({.group = "bench", .replica = "a", .partitions = kPartitions},
                            *ground.redis, *database, metrics);
  consumer.On<events::v1::SessionCreated>(
      [&](const events::v1::SessionCreated& event, events::Handling&) {
        latencies.Started(event.session_id());
        return absl::OkStatus();
      });
  relay.Start();
  RETURN_IF_ERROR(consumer.Start());
  while (consumer.held_partitions() < kPartitions ||
         relay.status().mode != relay::Mode::kLogicalDecoding) {
    Pause(absl::Milliseconds(1));
  }
  WriteAtRate(events, [&](int, int64_t number) {
    latencies.Sent(number);
    (void)database->Write(Patient(), [&](postgres::Transaction& tx) {
      events::v1::SessionCreated event;
      event.set_user_id(1 + number % kUsers);
      event.set_session_id(number);
      return events::Publish(tx, event);
    });
  });
  std::vector<double> took = latencies.Await();
  consumer.Drain(absl::Now() + absl::Seconds(5));
  relay.Stop();
  return took;
}

// The least that any way through both servers takes: the writer commits, appends to the stream
// itself, and a reader blocked in XREAD gets it.
absl::StatusOr<std::vector<double>> Bare(Ground& ground, int events) {
  Latencies latencies(events);
  std::atomic<bool> stop = false;
  const auto reading = ground.redis->Connect();
  std::thread reader([&] {
    std::string last = "0";
    while (!stop) {
      const auto reply =
          reading->Command(Patient(), {"XREAD", "BLOCK", 1000, "STREAMS", "bare:latency", last});
      if (!reply.ok() || reply->is_nil()) continue;
      const absl::Span<const redis::Reply> entries = *(*(*reply->Array())[0].Array())[1].Array();
      for (const redis::Reply& entry : entries) {
        const absl::Span<const redis::Reply> parts = *entry.Array();
        last = std::string(*parts[0].String());
        latencies.Started(std::stoll(std::string(*(*parts[1].Array())[1].String())));
      }
    }
  });
  std::vector<std::unique_ptr<postgres::Connection>> databases;
  std::vector<std::unique_ptr<redis::Connection>> streams;
  for (int writer = 0; writer < kWriters; ++writer) {
    ASSIGN_OR_RETURN(
        databases.emplace_back(),
        postgres::Connection::Open(Patient(), {.url = ground.postgres->url(), .keywords = {}}));
    streams.push_back(ground.redis->Connect());
  }
  WriteAtRate(events, [&](int writer, int64_t number) {
    latencies.Sent(number);
    const auto place = static_cast<size_t>(writer);
    databases[place]->Add("BEGIN", {});
    databases[place]->Add("INSERT INTO bare_latency VALUES ($1)",
                          postgres::internal::EncodeAll(number));
    databases[place]->Add("COMMIT", {});
    (void)databases[place]->RoundTrip(Patient());
    (void)streams[place]->Command(Patient(), {"XADD", "bare:latency", "*", "n", number});
  });
  std::vector<double> took = latencies.Await();
  stop = true;
  reading->Interrupt();
  reader.join();
  return took;
}

}  // namespace

absl::Status StartRows(const Scale& scale, const Wanted& wanted, Report& report) {
  const int events = kRate * scale.seconds;
  for (const bool saturated : {false, true}) {
    const std::string name = saturated ? "start.saturated" : "start.unloaded";
    if (!wanted(name)) continue;
    ASSIGN_OR_RETURN(const auto ground, Ground::Make(/*durable=*/false));
    RETURN_IF_ERROR(ground->Sql("CREATE TABLE bare_latency (n bigint)"));
    std::vector<double> ours, bare;
    {
      const Saturation saturation(saturated);
      ASSIGN_OR_RETURN(bare, Bare(*ground, events));
      ASSIGN_OR_RETURN(ours, Ours(*ground, events));
    }
    const std::string what =
        absl::StrCat("commit to handler, 1,000/s", saturated ? ", cores busy" : "");
    const auto add = [&](std::string_view part, double quantile, Aim aim) {
      report.Add({.name = absl::StrCat(name, ".", part),
                  .what = absl::StrCat(what, ", ", part),
                  .unit = "ms",
                  .ours = Quantile(ours, quantile),
                  .reference = Quantile(bare, quantile),
                  .peer = "commit, XADD, XREAD by hand",
                  .aim = aim});
    };
    add("p50", 0.5, {.kind = Aim::kAtMost, .value = 1});
    add("p99", 0.99, {.kind = Aim::kAtMost, .value = 4});
  }
  return absl::OkStatus();
}

}  // namespace selfology::bench
