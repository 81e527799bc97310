#include "common/service/module_mesh.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "common/idempotency/once.h"
#include "common/observe/log.h"
#include "common/observe/trace.h"
#include "common/redis/lease.h"
#include "common/status/status_macros.h"

namespace selfology::service {
namespace {

constexpr absl::Duration kReplayPeriod = absl::Seconds(2);
constexpr absl::Duration kForgetPeriod = absl::Hours(1);
constexpr absl::Duration kForgetTimeout = absl::Minutes(1);
// What a tick has at least, however often its timer runs: on a busy machine a second is nothing.
constexpr absl::Duration kLeastTick = absl::Seconds(10);
constexpr absl::Duration kEndTurn = absl::Seconds(1);

// The turns of one timer, by a lease of all replicas.
class Turns {
 public:
  Turns(redis::Client& redis, std::string key, std::string replica, absl::Duration period)
      : redis_(redis), key_(std::move(key)), replica_(std::move(replica)), period_(period) {}

  absl::Duration timeout() const { return std::max(period_, kLeastTick); }

  // Whether it is this replica's. No other one's comes while the tick may still run.
  absl::StatusOr<bool> Begin(const Call& call) const {
    return LeaseOf(timeout() > period_ ? timeout() : Own()).Take(call);
  }
  // From when the turn would have ended by itself, the next one is anybody's.
  void End(absl::Time begun) const {
    if (timeout() == period_) return;
    const Call call = Call::Background(kEndTurn);
    const absl::Duration left = begun + Own() - absl::Now();
    const absl::StatusOr<bool> ended =
        left >= absl::Milliseconds(1) ? LeaseOf(left).Keep(call) : LeaseOf(period_).Release(call);
    if (!ended.ok()) observe::Info("turn of a timer not ended", {{"status", ended.status()}});
  }

 private:
  // A little less than the period, so that this replica's own next turn is not refused by its last.
  absl::Duration Own() const { return period_ * 0.9; }
  redis::Lease LeaseOf(absl::Duration length) const { return {redis_, key_, replica_, length}; }

  redis::Client& redis_;
  const std::string key_;
  const std::string replica_;
  const absl::Duration period_;
};

}  // namespace

std::shared_ptr<rpc::Channel> Shared::Peer(std::string_view service, std::string_view caller) {
  rpc::OwnIdentity identity{.service = std::string(caller)};
  const auto local = local_channels.find(service);
  if (local != local_channels.end()) return local->second->As(std::move(identity));
  const auto configured = settings.peers.find(std::string(service));
  // Kubernetes allows no underscores in a Service's name.
  const std::string target =
      configured != settings.peers.end()
          ? configured->second
          : absl::StrCat("dns:///", absl::StrReplaceAll(service, {{"_", "-"}}), ":50051");
  identity.secret = settings.service_secret;
  identity.token = settings.service_token;
  return rpc::Channel::Connect(std::string(service), target, called,
                               tls == nullptr ? nullptr : tls->ForPeer(service))
      ->As(std::move(identity));
}

const observe::Tracer& Shared::TracerOf(std::string_view service) {
  const std::vector<std::string>& traced = settings.trace_services;
  const bool is_traced =
      traced.empty() || std::find(traced.begin(), traced.end(), service) != traced.end();
  return tracers.emplace_back(std::string(service), is_traced ? exporter.get() : nullptr,
                              settings.trace_share);
}

void Shared::Every(absl::Duration period, std::string name, std::string_view lease_name,
                   const observe::Tracer& tracer, std::function<absl::Status(const Call&)> tick) {
  const Turns turns(*redis, absl::StrCat("selfology:turn:", lease_name), settings.replica, period);
  // What it said last: a timer that keeps failing says so once, not every few seconds.
  const auto said = std::make_shared<std::atomic<absl::StatusCode>>(absl::StatusCode::kOk);
  timers.Every(period, name, [turns, name, said, &tracer, tick = std::move(tick)] {
    thread_local absl::InsecureBitGen random;
    const observe::Span span =
        observe::Span::Enter(&tracer, observe::SpanKind::kInternal, {}, absl::Now(), random);
    const Call call = Call::Background(turns.timeout(), span.trace());
    const observe::ScopedTrace scope(call.trace());
    const absl::Time begun = absl::Now();
    const absl::StatusOr<bool> ours = turns.Begin(call);
    if (ours.ok() && !*ours) return;
    absl::Status status = ours.status();
    if (status.ok()) {
      status = tick(call);
      turns.End(begun);
    }
    span.End(status.code(), absl::Now(), [&](observe::FinishedSpan& finished) {
      finished.name = absl::StrCat("timer ", name);
    });
    if (said->exchange(status.code()) == status.code()) return;
    if (status.ok()) {
      observe::Info("periodic task recovered", {{"timer", name}});
    } else {
      observe::Warning("periodic task failed", {{"timer", name}, {"status", status}});
    }
  });
}

ModuleMesh::ModuleMesh(Shared& shared, const ModuleInfo& info)
    : shared_(shared),
      name_(info.name),
      group_(info.group),
      tracer_(shared.TracerOf(info.name)),
      database_(shared.database->WithRole(absl::StrCat("selfology_", info.name))),
      erasure_(name_, *database_),
      export_(name_) {}

void ModuleMesh::Serve(std::shared_ptr<rpc::Endpoints> endpoints) {
  endpoints->OnDeleteUserData(
      [this](const Call& call, int64_t user_id) { return erasure_.EraseHereOnly(call, user_id); });
  endpoints->RecordBy(&tracer_);
  export_.Add(endpoints);
  shared_.grpc->Add(name_, std::move(endpoints));
}

void ModuleMesh::Every(absl::Duration period, std::string name,
                       std::function<absl::Status(const Call&)> tick) {
  const std::string lease_name = absl::StrCat(name_, ".", name);
  shared_.Every(period, std::move(name), lease_name, tracer_, std::move(tick));
}

void ModuleMesh::Run(std::string name, std::function<void(StopSignal&)> loop) {
  loops_.push_back({std::move(name), std::move(loop)});
}

void ModuleMesh::OnErase(ModuleErasure::EraseFunction erase) { erasure_.OnErase(std::move(erase)); }

void ModuleMesh::OnErased(ModuleErasure::ErasedFunction erased) {
  erasure_.OnErased(std::move(erased));
}

absl::StatusOr<int64_t> ModuleMesh::EraseUser(const Call& call, int64_t user_id) {
  return shared_.erasure->EraseUser(call, user_id);
}

absl::Status ModuleMesh::ExportUser(const Call& call, int64_t user_id, ModuleExport::Take take) {
  return shared_.exporting->Run(call, user_id, take);
}

void ModuleMesh::Check(std::string name, Dependency kind, Health::CheckFunction check) {
  shared_.health.Add(name_, std::move(name), kind, std::move(check));
}

void ModuleMesh::Report(std::string name, std::function<double()> value) {
  shared_.reports.Add(name_, std::move(name), Reports::Kind::kNumber, std::move(value));
}

void ModuleMesh::ReportQueue(std::string name, std::function<double()> length) {
  shared_.reports.Add(name_, std::move(name), Reports::Kind::kQueue, std::move(length));
}

void ModuleMesh::ForgetRequests(const std::string& table) {
  OnErase([table](postgres::Transaction& tx, int64_t user_id) {
    return idempotency::ForgetUser(tx, table, user_id);
  });
  const auto forget = [this, table](const Call& call) {
    return database_
        ->Write(
            call,
            [&](postgres::Transaction& tx) { return idempotency::ForgetOld(tx, table, clock()()); })
        .status();
  };
  if (const absl::Status status = forget(Call::Background(kForgetTimeout)); !status.ok()) {
    observe::Warning("expired idempotency keys not deleted", {{"status", status}});
  }
  Every(kForgetPeriod, "forget_requests", forget);
}

absl::Status ModuleMesh::StartWork() {
  for (auto& [lane, consumer] : consumers_) RETURN_IF_ERROR(consumer->Start());
  if (!consumers_.empty()) {
    shared_.timers.Every(kReplayPeriod, "dead_letters.replay", [this] {
      for (auto& [lane, consumer] : consumers_) {
        const absl::Status status = consumer->ReplayDeadLetters(Call::Background(absl::Minutes(1)));
        if (!status.ok()) {
          observe::Warning("replay of events failed",
                           {{"group", consumer->group()}, {"status", status}});
        }
      }
    });
  }
  for (auto& [name, loop] : loops_) {
    threads_.emplace_back([this, &name = name, &loop = loop] {
      constexpr size_t kLongestThreadName = 15;
      pthread_setname_np(pthread_self(), name.substr(0, kLongestThreadName).c_str());
      loop(stop_);
    });
  }
  return absl::OkStatus();
}

void ModuleMesh::StopLoops() {
  stop_.Request();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void ModuleMesh::DrainConsumers(absl::Time deadline) {
  for (auto& [lane, consumer] : consumers_) consumer->Drain(deadline);
}

events::Consumer& ModuleMesh::ConsumerFor(std::string_view lane) {
  std::unique_ptr<events::Consumer>& consumer = consumers_[std::string(lane)];
  if (consumer == nullptr) {
    consumer = std::make_unique<events::Consumer>(
        events::ConsumerOptions{.group = lane.empty() ? group_ : absl::StrCat(group_, ".", lane),
                                .replica = settings().replica,
                                .concurrency = settings().event_concurrency,
                                .tracer = &tracer_},
        *shared_.streams, *database_, shared_.metrics);
  }
  return *consumer;
}

}  // namespace selfology::service
