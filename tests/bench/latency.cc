// The latencies that the product's documents promise, with many people at once on one mesh of one
// process, real PostgreSQL and Redis beside it, and the local model (so the figures are the mesh's
// own):
//
//   bazel run -c opt //tests/bench:latency -- --people=100 --answers=5
//
// What a person waits for is measured from the call to the arrival of the event in its stream,
// which is when the gateway would send it.

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/events/envelope.h"
#include "common/observe/log.h"
#include "common/observe/metrics.h"
#include "common/redis/client.h"
#include "common/rpc/channel.h"
#include "common/servers/postgres_server.h"
#include "common/servers/redis_server.h"
#include "common/service/host.h"
#include "common/status/status_macros.h"
#include "selfology/coach/v1/coach_service.mesh.h"
#include "selfology/profile/v1/profile_service.mesh.h"
#include "selfology/session/v1/session_service.mesh.h"
#include "services/ai/module.h"
#include "services/analysis/module.h"
#include "services/coach/module.h"
#include "services/outbox_relay/module.h"
#include "services/profile/module.h"
#include "services/question/module.h"
#include "services/session/module.h"
#include "services/trait/module.h"

ABSL_FLAG(int, people, 100, "At once.");
ABSL_FLAG(int, answers, 5, "Of each.");

namespace selfology::bench {
namespace {

constexpr int kPartitions = 16;
constexpr char kConsent[] = "2025-10-01";
constexpr absl::Duration kPatience = absl::Seconds(60);

// Arrivals of events in the streams, by type and user.
class Arrivals {
 public:
  explicit Arrivals(redis::Client& redis) : connection_(redis.Connect()) {
    thread_ = std::thread([this] { Read(); });
  }
  ~Arrivals() {
    {
      absl::MutexLock lock(&mutex_);
      stopped_ = true;
    }
    connection_->Interrupt();
    thread_.join();
  }

  // When the `count`th event of the type came for the user; InfiniteFuture if it did not in time.
  absl::Time Await(const std::string& type, int64_t user, size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto came = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return times_[{type, user}].size() >= count;
    };
    if (!mutex_.AwaitWithTimeout(absl::Condition(&came), kPatience)) return absl::InfiniteFuture();
    return times_[{type, user}][count - 1];
  }

 private:
  void Read() {
    std::vector<std::string> cursors(kPartitions, "0");
    while (true) {
      {
        absl::MutexLock lock(&mutex_);
        if (stopped_) return;
      }
      redis::Args read{"XREAD", "BLOCK", 200, "STREAMS"};
      for (int p = 0; p < kPartitions; ++p) read.Add(events::StreamName(p, kPartitions));
      for (const std::string& cursor : cursors) read.Add(cursor);
      const auto reply = connection_->Command(Call::Background(absl::Seconds(5)), read);
      if (!reply.ok() || reply->is_nil()) continue;
      Note(*reply, cursors);
    }
  }

  void Note(const redis::Reply& reply, std::vector<std::string>& cursors) {
    const absl::Time now = absl::Now();
    const auto streams = reply.Array();
    absl::MutexLock lock(&mutex_);
    for (const redis::Reply& stream : *streams) {
      const absl::Span<const redis::Reply> pair = *stream.Array();
      const absl::Span<const redis::Reply> entries = *pair[1].Array();
      for (const redis::Reply& entry : entries) {
        const absl::Span<const redis::Reply> parts = *entry.Array();
        const absl::Span<const redis::Reply> values = *parts[1].Array();
        std::vector<std::string> fields;
        for (const redis::Reply& value : values) fields.emplace_back(*value.String());
        const auto envelope = events::DecodeEntry(fields);
        if (!envelope.ok()) continue;
        times_[{envelope->type, envelope->partition_key}].push_back(now);
        const auto p =
            static_cast<size_t>(events::PartitionOf(envelope->partition_key, kPartitions));
        cursors[p] = std::string(*parts[0].String());
      }
    }
  }

  std::unique_ptr<redis::Connection> connection_;
  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::pair<std::string, int64_t>, std::vector<absl::Time>> times_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

class Samples {
 public:
  void Add(const std::string& what, absl::Duration took) {
    absl::MutexLock lock(&mutex_);
    samples_[what].push_back(absl::ToDoubleMilliseconds(took));
  }
  void Print(const std::string& what, double promised_ms) {
    absl::MutexLock lock(&mutex_);
    std::vector<double>& values = samples_[what];
    std::sort(values.begin(), values.end());
    const auto at = [&](double part) {
      return values.empty()
                 ? 0.0
                 : values[static_cast<size_t>(part * static_cast<double>(values.size() - 1))];
    };
    std::printf("%-44s %6zu %9.1f %9.1f %9.0f   %.2f\n", what.c_str(), values.size(), at(0.5),
                at(0.95), promised_ms, at(0.95) / promised_ms);
  }

 private:
  absl::Mutex mutex_;
  std::map<std::string, std::vector<double>> samples_ ABSL_GUARDED_BY(mutex_);
};

constexpr char kInstant[] = "answer to instant feedback";
constexpr char kNext[] = "answer to next question";
constexpr char kLearnt[] = "answer to profile changed";
constexpr char kProfile[] = "profile query";
constexpr char kChat[] = "chat message to coach's reply";

absl::Status Live(int64_t user, int answers, const std::string& address, Arrivals& arrivals,
                  observe::Requests& requests, Samples& samples) {
  const auto channel = rpc::Channel::Connect("mesh", address, requests);
  const session::v1::SessionServiceClient sessions(channel);
  const profile::v1::ProfileServiceClient profiles(channel);
  const coach::v1::CoachServiceClient coach(channel);
  const auto call = [] { return Call::Background(kPatience); };

  session::v1::RecordConsentRequest consent;
  consent.set_user_id(user);
  consent.set_policy_version(kConsent);
  consent.set_granted(true);
  RETURN_IF_ERROR(sessions.RecordConsent(call(), consent));
  arrivals.Await("question.selected", user, 1);
  for (int n = 1; n <= answers; ++n) {
    session::v1::SubmitAnswerRequest answer;
    answer.set_user_id(user);
    answer.set_idempotency_key(absl::StrCat("answer-", n));
    answer.set_answer_text(absl::StrCat("For the ", n,
                                        "th time: I feel most alive when I paint with my"
                                        " friends, though I am often anxious before I begin."));
    const absl::Time start = absl::Now();
    // The question is in the stream before the session service has noted it.
    absl::Status submitted;
    do {
      submitted = sessions.SubmitAnswer(call(), answer).status();
    } while (absl::IsFailedPrecondition(submitted) && absl::Now() < start + kPatience);
    RETURN_IF_ERROR(submitted);
    const auto count = static_cast<size_t>(n);
    samples.Add(kInstant, arrivals.Await("answer.analyzed.instant", user, count) - start);
    samples.Add(kNext, arrivals.Await("question.selected", user, count + 1) - start);
    const absl::Time learnt = n == 1 ? arrivals.Await("profile.created", user, 1)
                                     : arrivals.Await("profile.updated", user, count - 1);
    samples.Add(kLearnt, learnt - start);
  }
  profile::v1::GetProfileRequest profile;
  profile.set_user_id(user);
  absl::Time start = absl::Now();
  RETURN_IF_ERROR(profiles.GetProfile(call(), profile));
  samples.Add(kProfile, absl::Now() - start);
  coach::v1::SendMessageRequest message;
  message.set_user_id(user);
  message.set_idempotency_key("message");
  message.set_message_text("I feel stuck at work. What could I do?");
  start = absl::Now();
  RETURN_IF_ERROR(coach.SendMessage(call(), message));
  samples.Add(kChat, arrivals.Await("coach.message.ready", user, 1) - start);
  return absl::OkStatus();
}

absl::Status Run(int people, int answers) {
  ASSIGN_OR_RETURN(const auto postgres, servers::PostgresServer::Start({.durable = true}));
  ASSIGN_OR_RETURN(const auto redis_server, servers::RedisServer::Start({}));
  service::Settings settings;
  settings.database_url = postgres->url();
  settings.redis_url = redis_server->url();
  settings.event_partitions = kPartitions;
  std::vector<std::unique_ptr<service::Module>> modules;
  modules.push_back(ai::MakeModule());
  modules.push_back(analysis::MakeModule());
  modules.push_back(coach::MakeModule());
  modules.push_back(outbox_relay::MakeModule());
  modules.push_back(profile::MakeModule());
  modules.push_back(question::MakeModule());
  modules.push_back(session::MakeModule());
  modules.push_back(trait::MakeModule());
  ASSIGN_OR_RETURN(const auto host, service::Host::Start(settings, std::move(modules)));
  ASSIGN_OR_RETURN(const auto redis, redis::Client::Open(redis_server->url()));
  observe::Requests requests(nullptr, "rpc_client");
  Arrivals arrivals(*redis);
  Samples samples;

  const absl::Time start = absl::Now();
  std::vector<std::thread> threads;
  std::vector<absl::Status> results(static_cast<size_t>(people));
  for (int i = 0; i < people; ++i) {
    threads.emplace_back([&, i] {
      results[static_cast<size_t>(i)] =
          Live(1'000 + i, answers, host->grpc_address(), arrivals, requests, samples);
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  for (const absl::Status& result : results) RETURN_IF_ERROR(result);

  std::printf("%d people at once, %d answers each, %.1f s, %.0f answers/s\n\n", people, answers,
              seconds, people * answers / seconds);
  std::printf("%-44s %6s %9s %9s %9s   %s\n", "", "n", "p50 ms", "p95 ms", "promised",
              "p95/promised");
  samples.Print(kInstant, 500);
  samples.Print(kNext, 2'000);
  samples.Print(kLearnt, 10'000);
  samples.Print(kProfile, 300);
  samples.Print(kChat, 3'000);
  return absl::OkStatus();
}

}  // namespace
}  // namespace selfology::bench

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  selfology::observe::ConfigureLog(
      {.service = "bench", .level = selfology::observe::Severity::kError});
  const absl::Status status =
      selfology::bench::Run(absl::GetFlag(FLAGS_people), absl::GetFlag(FLAGS_answers));
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return 1;
}
