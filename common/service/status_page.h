// The status page of the admin port: all processes of the mesh, how far their consumer groups are
// behind, queues, circuit breakers and last errors, with charts that move. It needs nothing besides
// this process and Redis.
//
//   StatusPage page(report, redis, partitions);
//   Admin::Start(address, sources, page.Routes());
//   page.Publish();     // every few seconds, by a timer
//   page.Withdraw();    // when the process ends
//
//   GET /status           the page; its files are below it
//   GET /status/mesh      {"timestamp", "replica": whose answer it is, "redis": "healthy" or why not,
//                          "replicas": [process_report.h's JSON, ...]}: this process first
//   GET /status/streams   {"timestamp", "groups": [{"group", "waiting": entries, "at_least": whether
//                          there are more than were counted, "partitions"}]}: see stream_lag.h
//
// Processes tell each other how they are by the hash "selfology:status" in Redis, one field a
// replica; what a replica said last is shown for 5 minutes, and with "away": true after 30 s. Nothing
// in it is about a person. Without Redis the page shows this process, and says so.
//
// Threads: thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/http/server.h"
#include "common/redis/client.h"
#include "common/service/process_report.h"

namespace selfology::service {

class StatusPage {
 public:
  // What it reads must outlive it.
  StatusPage(const ProcessReport& report, redis::Client& redis, int partitions)
      : report_(report), redis_(redis), partitions_(partitions) {}

  std::vector<http::Route> Routes() const;

  // Where Redis is away, nothing: it is told again with the next turn.
  void Publish() const;
  void Withdraw() const;
  // When a process begins: what was said by those that ended without Withdraw, such as killed ones.
  // Else it would stay until somebody looks at the page.
  void Forget() const;

 private:
  // What others said, and forgets who is gone.
  absl::StatusOr<std::vector<nlohmann::ordered_json>> Others(const Call& call,
                                                             absl::Time now) const;
  absl::StatusOr<http::Response> Mesh(const Call& call) const;
  absl::StatusOr<http::Response> Streams(const Call& call) const;

  const ProcessReport& report_;
  redis::Client& redis_;
  const int partitions_;
};

// What the other replicas said, of the hash's fields and values: those that are JSON objects with a
// time of the last 5 minutes, by service and replica. `gone` gets the fields of the rest. Pure.
std::vector<nlohmann::ordered_json> HeardOf(
    const std::vector<std::pair<std::string, std::string>>& fields, std::string_view self,
    absl::Time now, std::vector<std::string>& gone);

}  // namespace selfology::service
