// Events of the outbox as webhooks at a receiver of this machine, each endpoint's in their order:
// relay, streams, the webhook service and the calls. The service and the relay are a process of
// their own; the receiver is this one.

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/events/outbox.h"
#include "common/http/server.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "common/rpc/channel.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/gamification.pb.h"
#include "selfology/webhook/v1/webhook_service_client.h"
#include "testing/servers/free_port.h"
#include "testing/servers/postgres_server.h"
#include "testing/servers/redis_server.h"
#include "tests/bench/ground.h"
#include "tests/bench/programs.h"
#include "tests/bench/rows.h"

namespace selfology::bench {
namespace {

namespace v1 = webhook::v1;

constexpr int kEndpoints = 200;
constexpr int64_t kEach = 150;  // Messages of an endpoint, in one round.
constexpr int kRounds = 3;
constexpr int64_t kTransaction = 100;  // Events committed together.
constexpr absl::Duration kPatience = absl::Minutes(2);

// Takes what comes, and looks at the order. The messages of an endpoint are numbered from 1 by their
// points.
class Receiver {
 public:
  absl::Status Start() {
    ASSIGN_OR_RETURN(
        server_,
        http::Server::Start(
            {}, {{.method = "POST",
                  .path = "/*",
                  .handler = [this](const http::Request& request) { return Take(request); },
                  .runs_inline = true}}));
    return absl::OkStatus();
  }
  std::string Url(int endpoint) const {
    return absl::StrCat("http://127.0.0.1:", server_->port(), "/", endpoint);
  }

  // Until so many have come, in all; when the first and the last of them did after `taken`.
  struct Span {
    absl::Time first, last;
  };
  absl::StatusOr<Span> Await(int64_t count, int64_t taken) {
    const absl::Time deadline = absl::Now() + kPatience;
    const absl::MutexLock lock(&mutex_);
    wanted_ = count;
    while (taken_ < count && disorder_.empty()) {
      if (changed_.WaitWithDeadline(&mutex_, deadline)) {
        return absl::DeadlineExceededError(absl::StrCat(taken_, " of ", count, " have come"));
      }
    }
    if (!disorder_.empty()) return absl::InternalError(disorder_);
    return Span{times_[static_cast<size_t>(taken)], times_[static_cast<size_t>(count - 1)]};
  }

 private:
  absl::StatusOr<http::Response> Take(const http::Request& request) {
    int endpoint = 0;
    int64_t number = 0;
    constexpr std::string_view kNumber = "\"xp\":\"";
    const size_t at = request.body.find(kNumber);
    const size_t from = at + kNumber.size();
    const bool read =
        absl::SimpleAtoi(request.path.substr(1), &endpoint) && endpoint < kEndpoints &&
        at != std::string::npos &&
        absl::SimpleAtoi(request.body.substr(from, request.body.find('"', from) - from), &number);
    const absl::MutexLock lock(&mutex_);
    if (!read) {
      disorder_ = absl::StrCat("cannot be read: ", request.body);
    } else if (int64_t& last = last_[static_cast<size_t>(endpoint)]; number != last + 1) {
      disorder_ = absl::StrCat("endpoint ", endpoint, " got ", number, " after ", last);
    } else {
      last = number;
    }
    times_.push_back(absl::Now());
    ++taken_;
    if (taken_ >= wanted_ || !disorder_.empty()) changed_.SignalAll();
    return http::Response::Text("ok");
  }

  absl::Mutex mutex_;
  absl::CondVar changed_;
  std::array<int64_t, kEndpoints> last_ ABSL_GUARDED_BY(mutex_) = {};
  std::vector<absl::Time> times_ ABSL_GUARDED_BY(mutex_);
  int64_t taken_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t wanted_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string disorder_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<http::Server> server_;  // Last: its threads use all the above.
};

// Each person's endpoint gets the events about them.
absl::Status MakeEndpoints(const std::string& address, const Receiver& receiver) {
  observe::Requests requests(nullptr, "rpc_client");
  const v1::WebhookServiceClient webhooks(rpc::Channel::Connect("webhook", address, requests));
  for (int i = 0; i < kEndpoints; ++i) {
    v1::CreateEndpointRequest request;
    request.set_user_id(1 + i);
    request.set_url(receiver.Url(i));
    request.add_event_types("level.changed");
    request.set_idempotency_key(absl::StrCat("bench-", i));
    RETURN_IF_ERROR(webhooks.CreateEndpoint(Patient(), request).status());
  }
  return absl::OkStatus();
}

// `kEach` events of everybody, numbered on from `before`.
absl::Status PublishAll(postgres::Database& database, int64_t before) {
  std::vector<events::v1::LevelChanged> all;
  for (int64_t number = before + 1; number <= before + kEach; ++number) {
    for (int i = 0; i < kEndpoints; ++i) {
      events::v1::LevelChanged& event = all.emplace_back();
      event.set_user_id(1 + i);
      event.set_level_before(1);
      event.set_level(2);
      event.set_xp(number);
    }
  }
  for (size_t at = 0; at < all.size(); at += kTransaction) {
    RETURN_IF_ERROR(database.Write(Patient(), [&](postgres::Transaction& tx) -> absl::Status {
      for (size_t i = at; i < std::min(all.size(), at + kTransaction); ++i) {
        RETURN_IF_ERROR(events::Publish(tx, all[i]));
      }
      return absl::OkStatus();
    }));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WebhookRows(const Scale&, const Wanted&, Report& report) {
  ASSIGN_OR_RETURN(const auto postgres, servers::PostgresServer::Start({.durable = true}));
  ASSIGN_OR_RETURN(const auto redis, servers::RedisServer::Start({}));
  Receiver receiver;
  RETURN_IF_ERROR(receiver.Start());
  const std::string address = absl::StrCat("127.0.0.1:", servers::FreePort());
  ASSIGN_OR_RETURN(
      const auto mesh,
      StartProgram("services/selfology",
                   {"--modules=webhook,outbox_relay", absl::StrCat("--grpc_address=", address),
                    "--http_address=127.0.0.1:0", "--webhook_listen=127.0.0.1:0",
                    "--webhook_allowed_networks=127.0.0.0/8"},
                   {absl::StrCat("DATABASE_URL=", postgres->url()),
                    absl::StrCat("REDIS_URL=", redis->url())},
                   "\"serving\""));
  RETURN_IF_ERROR(MakeEndpoints(address, receiver));
  ASSIGN_OR_RETURN(const auto database, postgres::Database::Open({.url = postgres->url()}));
  std::vector<double> delivered, end_to_end;
  constexpr int64_t kRound = kEach * kEndpoints;
  for (int round = 0; round <= kRounds; ++round) {
    const int64_t before = round * kRound;
    const absl::Time begun = absl::Now();
    RETURN_IF_ERROR(PublishAll(*database, round * kEach));
    ASSIGN_OR_RETURN(const Receiver::Span span, receiver.Await(before + kRound, before));
    if (round == 0) {
      // Warms up; autovacuum would soon see how large the tables have become.
      RETURN_IF_ERROR(database->Write(
          Patient(), [](postgres::Transaction& tx) { return tx.Execute("ANALYZE").status(); }));
      continue;
    }
    delivered.push_back(kRound / absl::ToDoubleSeconds(span.last - span.first));
    end_to_end.push_back(kRound / absl::ToDoubleSeconds(span.last - begun));
  }
  report.Add({.name = "webhook.deliveries",
              .what = "events delivered in order, 200 endpoints",
              .unit = "deliveries/s",
              .ours = Median(delivered),
              .reference = Median(end_to_end),
              .peer = "with their commits",
              .aim = {.kind = Aim::kAtLeast, .value = 3000}});
  return absl::OkStatus();
}

}  // namespace selfology::bench
