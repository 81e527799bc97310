#include "common/observe/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "common/observe/log.h"

namespace selfology::observe {
namespace {

// More would point at user data in an operation's name; what comes after is counted as "other".
constexpr size_t kMaxOperations = 512;

// prometheus-cpp throws on names that are invalid or belong to a metric of another type.
template <typename Metric, typename Builder, typename... Args>
Metric* Register(prometheus::Registry& registry, Builder builder, std::string_view name,
                 std::string_view help, const Labels& labels, const Args&... args) {
  try {
    return &builder.Name(std::string(name))
                .Help(std::string(help))
                .Register(registry)
                .Add(labels, args...);
  } catch (const std::exception& error) {
    Error("invalid metric not registered", {{"metric", name}, {"reason", error.what()}});
    return nullptr;
  }
}

}  // namespace

const Buckets& LatencyBuckets() {
  static const Buckets* const buckets =
      new Buckets{.001, .0025, .005, .01, .025, .05, .1, .2, .3, .5, 1, 2, 3, 5, 10, 30, 60};
  return *buckets;
}

void Counter::Increment(double by) const {
  if (impl_ != nullptr) impl_->Increment(by);
}
double Counter::Value() const { return impl_ == nullptr ? 0 : impl_->Value(); }

void Gauge::Set(double value) const {
  if (impl_ != nullptr) impl_->Set(value);
}
void Gauge::Increment(double by) const {
  if (impl_ != nullptr) impl_->Increment(by);
}
void Gauge::Decrement(double by) const {
  if (impl_ != nullptr) impl_->Decrement(by);
}
double Gauge::Value() const { return impl_ == nullptr ? 0 : impl_->Value(); }

void Histogram::Observe(double value) const {
  if (impl_ != nullptr) impl_->Observe(value);
}
void Histogram::Observe(absl::Duration value) const { Observe(absl::ToDoubleSeconds(value)); }
uint64_t Histogram::Count() const {
  return impl_ == nullptr ? 0 : impl_->Collect().histogram.sample_count;
}
double Histogram::Sum() const {
  return impl_ == nullptr ? 0 : impl_->Collect().histogram.sample_sum;
}

Metrics::Metrics() : registry_(std::make_shared<prometheus::Registry>()) {}
Metrics::~Metrics() = default;

observe::Counter Metrics::Counter(std::string_view name, std::string_view help,
                                  const Labels& labels) {
  return observe::Counter(
      Register<prometheus::Counter>(*registry_, prometheus::BuildCounter(), name, help, labels));
}

observe::Gauge Metrics::Gauge(std::string_view name, std::string_view help, const Labels& labels) {
  return observe::Gauge(
      Register<prometheus::Gauge>(*registry_, prometheus::BuildGauge(), name, help, labels));
}

observe::Histogram Metrics::Histogram(std::string_view name, std::string_view help,
                                      const Buckets& buckets, const Labels& labels) {
  if (!std::is_sorted(buckets.begin(), buckets.end())) {
    Error("invalid metric not registered",
          {{"metric", name}, {"reason", "buckets are not ascending"}});
    return observe::Histogram();
  }
  return observe::Histogram(Register<prometheus::Histogram>(
      *registry_, prometheus::BuildHistogram(), name, help, labels, buckets));
}

Metrics::Samples Metrics::Read(const std::vector<std::string_view>& names) const {
  Samples samples;
  for (const prometheus::MetricFamily& family : registry_->Collect()) {
    const bool is_gauge = family.type == prometheus::MetricType::Gauge;
    if (!is_gauge && family.type != prometheus::MetricType::Counter) continue;
    if (std::find(names.begin(), names.end(), family.name) == names.end()) continue;
    for (const prometheus::ClientMetric& metric : family.metric) {
      Sample& sample = samples[family.name].emplace_back();
      for (const auto& label : metric.label) sample.labels[label.name] = label.value;
      sample.value = is_gauge ? metric.gauge.value : metric.counter.value;
    }
  }
  return samples;
}

std::string Metrics::Expose() const {
  return prometheus::TextSerializer().Serialize(registry_->Collect());
}

Requests::Requests(Metrics* metrics, std::string kind)
    : metrics_(metrics), kind_(std::move(kind)) {}

Requests::Operation& Requests::Of(std::string_view operation) {
  {
    absl::ReaderMutexLock lock(&mutex_);
    const auto found = operations_.find(operation);
    if (found != operations_.end()) return *found->second;
  }
  absl::MutexLock lock(&mutex_);
  if (operations_.size() >= kMaxOperations && !operations_.contains(operation)) operation = "other";
  std::unique_ptr<Operation>& made = operations_[operation];
  if (made == nullptr) made = std::make_unique<Operation>(*this, std::string(operation));
  return *made;
}

void Requests::Operation::Record(absl::StatusCode code, absl::Duration elapsed) {
  int index = static_cast<int>(code);
  if (index < 0 || index >= kCodes) index = static_cast<int>(absl::StatusCode::kUnknown);
  all_.requests_.fetch_add(1, std::memory_order_relaxed);
  if (code != absl::StatusCode::kOk) all_.errors_.fetch_add(1, std::memory_order_relaxed);
  all_.microseconds_.fetch_add(absl::ToInt64Microseconds(elapsed), std::memory_order_relaxed);
  if (all_.metrics_ == nullptr) return;
  Series& series = by_code_[static_cast<size_t>(index)];
  absl::call_once(series.once, [&] {
    series.histogram = all_.metrics_->Histogram(
        "request_duration_seconds", "Time of requests by kind, operation and outcome",
        LatencyBuckets(),
        {{"kind", all_.kind_},
         {"operation", name_},
         {"code", absl::StatusCodeToString(static_cast<absl::StatusCode>(index))}});
  });
  series.histogram.Observe(elapsed);
}

Requests::Totals Requests::totals() const {
  return {requests_.load(std::memory_order_relaxed), errors_.load(std::memory_order_relaxed),
          absl::Microseconds(microseconds_.load(std::memory_order_relaxed))};
}

absl::Duration Requests::Totals::MeanLatency() const {
  return requests == 0 ? absl::ZeroDuration() : time / static_cast<int64_t>(requests);
}

}  // namespace selfology::observe
