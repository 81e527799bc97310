// What the mesh is asked to do beside the crowd's conversations, while faults are injected: jobs for
// workers, notifications for people, webhooks for servers. Who asks does so again with the same key
// until there is an answer, and writes down what was promised; the checker (errands_check.h) compares
// that with what became of it.
//
//   Errands errands(mesh, {.seed = 1});
//   RETURN_IF_ERROR(errands.Start());
//   ...
//   errands.StopAsking();
//   while (!errands.done()) ...         // Jobs still have their workers.
//   const ErrandsLedger ledger = errands.Stop();
//
// Askers, workers and the receiver of the webhooks are threads of this process. Some workers leave
// their jobs without a word or fail them, and the receiver refuses some messages. What each does
// depends on the seed and on what comes. Threads: one at a time; the functions above in that order.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/http/server.h"
#include "selfology/notification/v1/device_service_client.h"
#include "selfology/notification/v1/notification_service_client.h"
#include "selfology/notification/v1/subscription_service_client.h"
#include "selfology/queue/v1/queue_service_client.h"
#include "selfology/queue/v1/worker_service_client.h"
#include "selfology/webhook/v1/webhook_service_client.h"
#include "tests/journey/mesh.h"

namespace selfology::chaos {

inline constexpr char kErrandsQueue[] = "chaos";
inline constexpr char kAllEventsPath[] = "all";

struct ErrandsOptions {
  uint64_t seed = 1;
  int askers = 3;  // Each with a person, an ordering key and an endpoint of its own.
  int workers = 3;
  absl::Duration pause = absl::Milliseconds(40);  // Between two errands of an asker, on average.
};

// What one asker was promised.
struct Promised {
  int64_t user_id = 0;
  std::string ordering_key = {};  // Of half of its jobs; the others have none.
  std::string endpoint_id = {};
  std::string path = {};                    // Of its URL.
  std::vector<int64_t> jobs = {};           // In the order in which they were asked for.
  std::vector<int64_t> notifications = {};  // Likewise.
  std::vector<int64_t> deliveries = {};     // Of webhooks, to the endpoint.
};

struct ErrandsLedger {
  std::vector<Promised> promised = {};
  std::string all_events_endpoint = {};  // The installation's own.
  // How often the queue took a worker's word that a job is done, by job.
  std::map<int64_t, int> completed = {};
  // When a worker first had the job, and when one was about to say that it is done, which was taken:
  // numbers that grow with time.
  std::map<int64_t, int64_t> leased = {};
  std::map<int64_t, int64_t> completing = {};
  // Ids of messages as they came, by the endpoint's path.
  std::map<std::string, std::vector<std::string>> taken = {};
  int64_t abandoned = 0;  // Jobs that a worker left without a word.
  int64_t refused = 0;    // Messages that the receiver did not take.
};

class Errands {
 public:
  // The mesh outlives it.
  Errands(journey::Mesh& mesh, ErrandsOptions options);
  ~Errands();
  Errands(const Errands&) = delete;
  Errands& operator=(const Errands&) = delete;

  // Makes endpoints and devices; then the askers begin.
  absl::Status Start();
  void StopAsking();
  // Whether all jobs that were promised are completed, as far as their workers know.
  bool done() const;
  // Workers, and the receiver.
  ErrandsLedger Stop();

  // What a program needs for it: by program, as in MeshOptions::flags.
  static std::map<std::string, std::vector<std::string>, std::less<>> Flags();

 private:
  using Random = std::mt19937_64;

  absl::StatusOr<std::string> MakeEndpoint(int64_t user_id, const std::string& path);
  absl::Status MakePerson(Promised& promised, int nth);
  void Ask(size_t nth);
  bool AskForJob(Promised& promised, int64_t number, Random& random);
  bool AskForNotification(Promised& promised, int64_t number);
  bool AskForWebhook(Promised& promised, int64_t number);
  void Work(int nth);
  void Finish(const queue::v1::LeaseJobsResponse& leased, Random& random);
  absl::StatusOr<http::Response> Take(const http::Request& request);

  // Calls until it answers OK, or nobody wants to know any more.
  template <typename Answer>
  std::optional<Answer> Insist(const std::atomic<bool>& stopped,
                               const std::function<absl::StatusOr<Answer>(const Call&)>& call);

  const ErrandsOptions options_;
  queue::v1::QueueServiceClient jobs_;
  queue::v1::WorkerServiceClient workers_;
  notification::v1::NotificationServiceClient notifications_;
  notification::v1::DeviceServiceClient devices_;
  notification::v1::SubscriptionServiceClient subscriptions_;
  webhook::v1::WebhookServiceClient webhooks_;
  std::atomic<bool> asking_stopped_ = false;
  std::atomic<bool> stopped_ = false;
  std::vector<std::thread> askers_;
  std::vector<std::thread> threads_;
  mutable absl::Mutex mutex_;
  ErrandsLedger ledger_ ABSL_GUARDED_BY(mutex_);
  int64_t moment_ ABSL_GUARDED_BY(mutex_) = 0;
  Random receiver_random_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<http::Server> receiver_;  // Last: its threads use all the above.
};

}  // namespace selfology::chaos
