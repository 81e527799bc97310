#include "tests/chaos/errands.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"

namespace selfology::chaos {
namespace {

// Of accounts of the web, where none of the crowd is.
constexpr int64_t kFirstPerson = (int64_t{1} << 52) + 1'000'000;
constexpr absl::Duration kOneTry = absl::Seconds(5);
constexpr absl::Duration kBetweenTries = absl::Milliseconds(100);
// Nothing may take that long without a fault; with faults it does not.
constexpr absl::Duration kInsist = absl::Minutes(5);
constexpr absl::Duration kLease = absl::Seconds(2);
constexpr int kLeaseAtOnce = 5;
// Longer than any fault, so that no message is given up.
constexpr int kRetries = 19;

bool Happens(std::mt19937_64& random, double share) {
  return std::uniform_real_distribution<>(0, 1)(random) < share;
}

}  // namespace

std::map<std::string, std::vector<std::string>, std::less<>> Errands::Flags() {
  return {{"notification", {"--notification_local_messages"}},
          {"webhook", {"--webhook_allowed_networks=127.0.0.0/8"}}};
}

Errands::Errands(journey::Mesh& mesh, ErrandsOptions options)
    : options_(options),
      jobs_(mesh.Peer("queue")),
      workers_(mesh.Peer("queue")),
      notifications_(mesh.Peer("notification")),
      devices_(mesh.Peer("notification")),
      subscriptions_(mesh.Peer("notification")),
      webhooks_(mesh.Peer("webhook")),
      receiver_random_(options.seed) {}

Errands::~Errands() { Stop(); }

absl::Status Errands::Start() {
  ASSIGN_OR_RETURN(
      receiver_,
      http::Server::Start(
          {}, {{.method = "POST",
                .path = "/*",
                .handler = [this](const http::Request& request) { return Take(request); },
                .runs_inline = true}}));
  std::vector<Promised> promised(static_cast<size_t>(options_.askers));
  for (int i = 0; i < options_.askers; ++i) {
    RETURN_IF_ERROR(MakePerson(promised[static_cast<size_t>(i)], i));
  }
  ASSIGN_OR_RETURN(const std::string all, MakeEndpoint(0, kAllEventsPath));
  {
    const absl::MutexLock lock(&mutex_);
    ledger_.promised = std::move(promised);
    ledger_.all_events_endpoint = all;
  }
  for (int i = 0; i < options_.workers; ++i) {
    threads_.emplace_back([this, i] { Work(i); });
  }
  for (int i = 0; i < options_.askers; ++i) {
    askers_.emplace_back([this, i] { Ask(static_cast<size_t>(i)); });
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Errands::MakeEndpoint(int64_t user_id, const std::string& path) {
  webhook::v1::CreateEndpointRequest request;
  request.set_user_id(user_id);
  request.set_url(absl::StrCat("http://127.0.0.1:", receiver_->port(), "/", path));
  for (int i = 0; i < kRetries; ++i) request.add_retry_seconds(i < 10 ? 1 : 10);
  request.set_idempotency_key(absl::StrCat("errands-", path));
  ASSIGN_OR_RETURN(const auto made, webhooks_.CreateEndpoint(journey::Mesh::Deadline(), request));
  return made.endpoint().endpoint_id();
}

absl::Status Errands::MakePerson(Promised& promised, int nth) {
  const Call call = journey::Mesh::Deadline();
  promised.user_id = kFirstPerson + nth;
  promised.ordering_key = absl::StrCat("key-", nth);
  promised.path = absl::StrCat("person-", nth);
  ASSIGN_OR_RETURN(promised.endpoint_id, MakeEndpoint(promised.user_id, promised.path));
  notification::v1::RegisterDeviceRequest device;
  device.mutable_device()->set_user_id(promised.user_id);
  device.mutable_device()->set_kind(notification::v1::DEVICE_KIND_APNS);
  device.mutable_device()->set_token(absl::StrFormat("%064d", nth));
  RETURN_IF_ERROR(devices_.RegisterDevice(call, device).status());
  notification::v1::SetPhoneRequest phone;
  phone.set_user_id(promised.user_id);
  phone.set_phone(absl::StrFormat("+49170%07d", nth));
  return subscriptions_.SetPhone(call, phone).status();
}

template <typename Answer>
std::optional<Answer> Errands::Insist(
    const std::atomic<bool>& stopped,
    const std::function<absl::StatusOr<Answer>(const Call&)>& call) {
  const absl::Time deadline = absl::Now() + kInsist;
  while (true) {
    absl::StatusOr<Answer> answer = call(Call::Background(kOneTry));
    if (answer.ok()) return *std::move(answer);
    if (stopped || absl::Now() > deadline) return std::nullopt;
    absl::SleepFor(kBetweenTries);
  }
}

void Errands::Ask(size_t nth) {
  Random random(options_.seed * 1000 + nth);
  Promised promised;
  {
    const absl::MutexLock lock(&mutex_);
    promised = ledger_.promised[nth];
  }
  for (int64_t number = 1; !asking_stopped_; ++number) {
    // One kind after the other, so that each has as many.
    const bool answered = number % 3 == 0   ? AskForJob(promised, number, random)
                          : number % 3 == 1 ? AskForNotification(promised, number)
                                            : AskForWebhook(promised, number);
    if (!answered) break;
    {
      const absl::MutexLock lock(&mutex_);
      ledger_.promised[nth] = promised;
    }
    absl::SleepFor(std::uniform_real_distribution<>(0, 2)(random) * options_.pause);
  }
}

bool Errands::AskForJob(Promised& promised, int64_t number, Random& random) {
  queue::v1::EnqueueJobRequest request;
  queue::v1::NewJob& job = *request.mutable_job();
  job.set_queue(kErrandsQueue);
  job.set_kind("errand");
  job.set_user_id(promised.user_id);
  job.set_max_attempts(100);
  job.add_retry_delays()->set_nanos(200'000'000);
  job.set_announce(Happens(random, 0.3));
  job.set_priority(1 + static_cast<int>(random() % 9));
  if (Happens(random, 0.5)) job.set_ordering_key(promised.ordering_key);
  request.set_idempotency_key(absl::StrCat("errands-", number));
  const auto made = Insist<queue::v1::EnqueueJobResponse>(
      stopped_, [&](const Call& call) { return jobs_.EnqueueJob(call, request); });
  if (!made.has_value()) return false;
  promised.jobs.push_back(made->job().job_id());
  return true;
}

bool Errands::AskForNotification(Promised& promised, int64_t number) {
  notification::v1::SendNotificationRequest request;
  request.set_user_id(promised.user_id);
  request.set_kind("generic");
  request.add_channels(notification::v1::CHANNEL_PUSH);
  request.add_channels(notification::v1::CHANNEL_SMS);
  request.set_priority(notification::v1::PRIORITY_URGENT);  // Whatever the hour.
  request.set_deduplication_key(absl::StrCat("errands-", number));
  (*request.mutable_parameters())["title"] = absl::StrCat("Errand ", number);
  const auto sent = Insist<notification::v1::SendNotificationResponse>(
      stopped_, [&](const Call& call) { return notifications_.SendNotification(call, request); });
  if (!sent.has_value()) return false;
  promised.notifications.push_back(sent->notification().notification_id());
  return true;
}

bool Errands::AskForWebhook(Promised& promised, int64_t number) {
  webhook::v1::TriggerWebhookRequest request;
  request.set_user_id(promised.user_id);
  request.set_endpoint_id(promised.endpoint_id);
  request.set_event_type("webhook.test");
  (*request.mutable_data()->mutable_fields())["errand"].set_number_value(
      static_cast<double>(number));
  request.set_idempotency_key(absl::StrCat("errands-", number));
  const auto triggered = Insist<webhook::v1::TriggerWebhookResponse>(
      stopped_, [&](const Call& call) { return webhooks_.TriggerWebhook(call, request); });
  if (!triggered.has_value()) return false;
  promised.deliveries.insert(promised.deliveries.end(), triggered->delivery_ids().begin(),
                             triggered->delivery_ids().end());
  return true;
}

void Errands::Work(int nth) {
  Random random(options_.seed * 2000 + static_cast<uint64_t>(nth));
  queue::v1::LeaseJobsRequest ask;
  ask.set_queue(kErrandsQueue);
  ask.set_worker(absl::StrCat("worker-", nth));
  ask.set_max_jobs(kLeaseAtOnce);
  ask.mutable_lease_time()->set_seconds(absl::ToInt64Seconds(kLease));
  ask.mutable_wait()->set_nanos(500'000'000);
  while (!stopped_) {
    const auto leased = workers_.LeaseJobs(Call::Background(kOneTry), ask);
    if (leased.ok()) {
      const absl::MutexLock lock(&mutex_);
      for (const queue::v1::LeasedJob& job : leased->jobs()) {
        ledger_.leased.emplace(job.lease().job_id(), ++moment_);
      }
    }
    if (!leased.ok()) {
      absl::SleepFor(kBetweenTries);  // Jobs of an answer that got lost come back.
    } else if (Happens(random, 0.1)) {
      const absl::MutexLock lock(&mutex_);
      ledger_.abandoned += leased->jobs_size();
    } else {
      Finish(*leased, random);
    }
  }
}

void Errands::Finish(const queue::v1::LeaseJobsResponse& leased, Random& random) {
  queue::v1::CompleteJobsRequest complete;
  queue::v1::FailJobsRequest fail;
  for (const queue::v1::LeasedJob& job : leased.jobs()) {
    if (Happens(random, 0.05)) {
      queue::v1::Failure& failure = *fail.add_failures();
      *failure.mutable_lease() = job.lease();
      failure.set_error("it did not work this time");
    } else {
      *complete.add_completions()->mutable_lease() = job.lease();
    }
  }
  if (fail.failures_size() > 0) {
    // Without an answer the lease ends, which is the same.
    workers_.FailJobs(Call::Background(kOneTry), fail).IgnoreError();
  }
  if (complete.completions_size() == 0) return;
  int64_t moment = 0;
  {
    const absl::MutexLock lock(&mutex_);
    moment = ++moment_;
  }
  const auto completed = Insist<queue::v1::CompleteJobsResponse>(
      stopped_, [&](const Call& call) { return workers_.CompleteJobs(call, complete); });
  if (!completed.has_value()) return;
  const std::set<int64_t> lost(completed->lost_job_ids().begin(), completed->lost_job_ids().end());
  const absl::MutexLock lock(&mutex_);
  for (const queue::v1::Completion& completion : complete.completions()) {
    const int64_t id = completion.lease().job_id();
    if (lost.contains(id)) continue;
    ++ledger_.completed[id];
    ledger_.completing.emplace(id, moment);
  }
}

absl::StatusOr<http::Response> Errands::Take(const http::Request& request) {
  const absl::MutexLock lock(&mutex_);
  if (Happens(receiver_random_, 0.02)) {
    ++ledger_.refused;
    return http::Response::Text("not now", 503);
  }
  ledger_.taken[request.path.substr(1)].emplace_back(
      request.headers.Get("webhook-id").value_or(""));
  return http::Response::Text("ok");
}

void Errands::StopAsking() {
  asking_stopped_ = true;
  // What was asked for last is asked for until it is answered: without an answer nobody knows
  // whether it was promised.
  for (std::thread& asker : askers_) asker.join();
  askers_.clear();
}

bool Errands::done() const {
  const absl::MutexLock lock(&mutex_);
  for (const Promised& promised : ledger_.promised) {
    for (const int64_t job : promised.jobs) {
      if (!ledger_.completed.contains(job)) return false;
    }
  }
  return true;
}

ErrandsLedger Errands::Stop() {
  asking_stopped_ = stopped_ = true;
  for (std::thread& asker : askers_) asker.join();
  askers_.clear();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  receiver_.reset();
  const absl::MutexLock lock(&mutex_);
  return ledger_;
}

}  // namespace selfology::chaos
