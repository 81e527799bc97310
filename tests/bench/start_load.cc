#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "tests/bench/loads.h"

namespace selfology::bench {
namespace {

constexpr int kWriters = 4;

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
void WriteAtRate(const StartLoad& load,
                 const std::function<void(int writer, int64_t event)>& write) {
  std::vector<std::thread> writers;
  const absl::Time began = absl::Now();
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (int64_t event = writer; event < load.events; event += kWriters) {
        const absl::Duration early = began + event * absl::Seconds(1) / load.a_second - absl::Now();
        if (early > absl::ZeroDuration()) absl::SleepFor(early);
        write(writer, event);
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
}

}  // namespace

absl::StatusOr<std::vector<double>> TimeToHandler(Ground& ground, const StartLoad& load) {
  observe::Metrics metrics;
  ASSIGN_OR_RETURN(const auto database, postgres::Database::Open({.url = ground.postgres->url()}));
  Latencies latencies(load.events);
  ASSIGN_OR_RETURN(Replicas replicas, MakeReplicas(ground, {.group = load.group}, load.replicas));
  for (const auto& replica : replicas) {
    replica->consumer->On<events::v1::SessionCreated>(
        [&](const events::v1::SessionCreated& event, events::Handling&) {
          latencies.Started(event.session_id());
          return absl::OkStatus();
        });
  }
  const auto relay = StartRelay(ground, RelayOptions(ground), metrics);
  RETURN_IF_ERROR(StartReplicas(replicas));
  WriteAtRate(load, [&](int, int64_t number) {
    latencies.Sent(number);
    (void)database->Write(Patient(), [&](postgres::Transaction& tx) {
      events::v1::SessionCreated event;
      event.set_user_id(1 + number % kUsers);
      event.set_session_id(number);
      return events::Publish(tx, event);
    });
  });
  std::vector<double> took = latencies.Await();
  for (const auto& replica : replicas) replica->consumer->Drain(absl::Now() + absl::Seconds(5));
  relay->Stop();
  return took;
}

absl::StatusOr<std::vector<double>> TimeByHand(Ground& ground, const StartLoad& load) {
  Latencies latencies(load.events);
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
  WriteAtRate(load, [&](int writer, int64_t number) {
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

}  // namespace selfology::bench
