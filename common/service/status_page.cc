#include "common/service/status_page.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "absl/time/clock.h"
#include "common/http/static_file.h"
#include "common/service/status_files.h"
#include "common/service/stream_lag.h"
#include "common/status/status_macros.h"
#include "nlohmann/json.hpp"

namespace selfology::service {
namespace {

using Value = nlohmann::ordered_json;

constexpr std::string_view kHash = "selfology:status";
constexpr absl::Duration kTimeout = absl::Seconds(2);
// Six turns of Host's timer, so that one that is late is no alarm.
constexpr absl::Duration kAway = absl::Seconds(30);
constexpr absl::Duration kForgotten = absl::Minutes(5);
// In a frame it could be made to look like something else.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string Dump(const Value& value) {
  return value.dump(-1, ' ', false, Value::error_handler_t::replace);
}

std::string Format(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

std::string Text(const Value& object, std::string_view member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ReadHash(const Call& call,
                                                                          redis::Client& redis) {
  ASSIGN_OR_RETURN(const redis::Reply reply, redis.Command(call, {"HGETALL", kHash}));
  ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> all, reply.Array());
  std::vector<std::pair<std::string, std::string>> fields;
  for (size_t i = 0; i + 1 < all.size(); i += 2) {
    ASSIGN_OR_RETURN(const std::string_view field, all[i].String());
    ASSIGN_OR_RETURN(const std::string_view value, all[i + 1].String());
    fields.emplace_back(field, value);
  }
  return fields;
}

}  // namespace

std::vector<Value> HeardOf(const std::vector<std::pair<std::string, std::string>>& fields,
                           std::string_view self, absl::Time now, std::vector<std::string>& gone) {
  std::vector<Value> replicas;
  for (const auto& [replica, text] : fields) {
    if (replica == self) continue;
    Value said = Value::parse(text, nullptr, /*allow_exceptions=*/false);
    absl::Time time;
    if (!said.is_object() ||
        !absl::ParseTime(absl::RFC3339_full, Text(said, "timestamp"), &time, nullptr) ||
        now - time > kForgotten) {
      gone.push_back(replica);
      continue;
    }
    said["away"] = now - time > kAway;
    replicas.push_back(std::move(said));
  }
  std::sort(replicas.begin(), replicas.end(), [](const Value& a, const Value& b) {
    return std::make_tuple(Text(a, "service"), Text(a, "replica")) <
           std::make_tuple(Text(b, "service"), Text(b, "replica"));
  });
  return replicas;
}

void StatusPage::Publish() const {
  redis_
      .Command(Call::Background(kTimeout),
               {"HSET", kHash, report_.replica(), Dump(report_.Json(absl::Now()))})
      .status()
      .IgnoreError();
}

void StatusPage::Withdraw() const {
  redis_.Command(Call::Background(kTimeout), {"HDEL", kHash, report_.replica()})
      .status()
      .IgnoreError();
}

absl::StatusOr<std::vector<Value>> StatusPage::Others(const Call& call, absl::Time now) const {
  ASSIGN_OR_RETURN(const auto fields, ReadHash(call.WithTimeout(kTimeout), redis_));
  std::vector<std::string> gone;
  std::vector<Value> replicas = HeardOf(fields, report_.replica(), now, gone);
  if (!gone.empty()) {
    redis::Args forget{"HDEL", kHash};
    for (const std::string& field : gone) forget.Add(field);
    redis_.Command(call.WithTimeout(kTimeout), forget).status().IgnoreError();
  }
  return replicas;
}

void StatusPage::Forget() const {
  Others(Call::Background(kTimeout), absl::Now()).status().IgnoreError();
}

absl::StatusOr<http::Response> StatusPage::Mesh(const Call& call) const {
  const absl::Time now = absl::Now();
  Value replicas = Value::array();
  Value own = report_.Json(now);
  own["away"] = false;
  replicas.push_back(std::move(own));
  auto others = Others(call, now);
  if (others.ok()) {
    for (Value& replica : *others) replicas.push_back(std::move(replica));
  }
  return http::Response::Json(
      Dump({{"timestamp", Format(now)},
            {"replica", report_.replica()},
            {"redis", others.ok() ? std::string("healthy") : others.status().ToString()},
            {"replicas", std::move(replicas)}}));
}

absl::StatusOr<http::Response> StatusPage::Streams(const Call& call) const {
  ASSIGN_OR_RETURN(const std::vector<GroupLag> lags,
                   GroupLags(call.WithTimeout(kTimeout), redis_, partitions_));
  Value list = Value::array();
  for (const GroupLag& lag : lags) {
    list.push_back({{"group", lag.group},
                    {"waiting", lag.waiting},
                    {"at_least", lag.at_least},
                    {"partitions", lag.partitions}});
  }
  return http::Response::Json(
      Dump({{"timestamp", Format(absl::Now())}, {"groups", std::move(list)}}));
}

std::vector<http::Route> StatusPage::Routes() const {
  std::vector<http::Route> routes = {
      http::StaticFile("/status", "text/html; charset=utf-8", std::string(kStatusHtml),
                       {{"Content-Security-Policy", std::string(kPolicy)}}),
      http::StaticFile("/status/status.css", "text/css; charset=utf-8", std::string(kStatusCss)),
  };
  for (const auto& [path, bytes] :
       {std::pair("/status/status.js", kStatusJs), std::pair("/status/charts.js", kChartsJs)}) {
    routes.push_back(http::StaticFile(path, "text/javascript; charset=utf-8", std::string(bytes)));
  }
  // They may wait for Redis: never on the threads that answer the probes.
  routes.push_back({.path = "/status/mesh",
                    .handler = [this](const http::Request& request) { return Mesh(request.call); },
                    .long_poll = true});
  routes.push_back(
      {.path = "/status/streams",
       .handler = [this](const http::Request& request) { return Streams(request.call); },
       .long_poll = true});
  return routes;
}

}  // namespace selfology::service
