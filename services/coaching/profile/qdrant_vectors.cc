#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/http/client.h"
#include "common/resilience/circuit_breaker.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "nlohmann/json.hpp"
#include "services/coaching/profile/vector_store.h"

namespace selfology::profile {
namespace {

using Value = nlohmann::json;

constexpr char kCollection[] = "/collections/user_profiles_512d";
constexpr char kDistance[] = "Cosine";
// So that one that hangs leaves time for another attempt.
constexpr absl::Duration kAttemptTimeout = absl::Seconds(5);

absl::Status Malformed() { return absl::InternalError("Qdrant's reply is malformed"); }

absl::Status StatusOf(const http::ClientResponse& response) {
  const absl::Status error = http::ToStatus(response);
  // Qdrant's service error (500) is often transient, and its rate limit (429) always is, also
  // without a Retry-After.
  if (response.status == 500) return absl::UnavailableError(error.message());
  if (response.status == 429 && !status::RetryAfter(error).has_value()) {
    return status::WithRetryAfter(error, absl::ZeroDuration());
  }
  return error;
}

Value Entry(const Point& point) {
  Value payload = Value::object();
  payload["user_id"] = point.user_id;
  payload["profile_summary"] = point.summary;
  payload["created_at"] =
      absl::FormatTime(absl::RFC3339_full, point.created_at, absl::UTCTimeZone());
  Value entry = Value::object();
  entry["id"] = point.user_id;
  entry["vector"] = point.vector;
  entry["payload"] = std::move(payload);
  return entry;
}

Value Query(const std::vector<double>& vector, const SearchOptions& options) {
  Value body = Value::object();
  body["query"] = vector;
  body["limit"] = options.limit;
  body["with_payload"] = Value::array({"profile_summary"});
  if (options.min_score.has_value()) body["score_threshold"] = *options.min_score;
  if (options.except_user != 0) {
    Value condition = Value::object();
    condition["has_id"] = Value::array({options.except_user});
    body["filter"]["must_not"] = Value::array({std::move(condition)});
  }
  return body;
}

absl::StatusOr<std::vector<Match>> ReadMatches(const Value& reply) {
  const Value::json_pointer points("/result/points");
  if (!reply.contains(points) || !reply[points].is_array()) return Malformed();
  std::vector<Match> matches;
  for (const Value& hit : reply[points]) {
    if (!hit.is_object() || !hit.contains("id") || !hit["id"].is_number_integer() ||
        !hit.contains("score") || !hit["score"].is_number()) {
      return Malformed();
    }
    const Value::json_pointer summary("/payload/profile_summary");
    const bool has_summary = hit.contains(summary) && hit[summary].is_string();
    matches.push_back({hit["id"].get<int64_t>(), hit["score"].get<double>(),
                       has_summary ? hit[summary].get<std::string>() : ""});
  }
  return matches;
}

// Vectors of another size or distance are another program's, or those of a release to come.
absl::Status CheckShape(const Value& collection) {
  const Value::json_pointer size("/result/config/params/vectors/size");
  const Value::json_pointer distance("/result/config/params/vectors/distance");
  if (collection.contains(size) && collection[size] == kDimensions &&
      collection.contains(distance) && collection[distance] == kDistance) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat("the collection user_profiles_512d is not of ",
                                                    kDimensions, " dimensions and distance ",
                                                    kDistance));
}

// Source: Qdrant's REST API, https://api.qdrant.tech (points, collections).
class QdrantVectors final : public VectorStore {
 public:
  QdrantVectors(QdrantOptions options, http::Client& http, observe::Metrics& metrics)
      : options_(std::move(options)),
        http_(http),
        breaker_("qdrant", {.clock = options_.clock ? options_.clock
                                                    : std::function<absl::Time()>(&absl::Now),
                            .metrics = &metrics}) {}

  absl::Status Upsert(const Call& call, const std::vector<Point>& points) override {
    Value body = Value::object();
    body["points"] = Value::array();
    for (const Point& point : points) body["points"].push_back(Entry(point));
    return Ask(call, "PUT", "/points?wait=true", body).status();
  }

  absl::StatusOr<std::vector<Match>> Search(const Call& call, const std::vector<double>& vector,
                                            const SearchOptions& options) override {
    ASSIGN_OR_RETURN(const Value reply, Ask(call, "POST", "/points/query", Query(vector, options)));
    absl::StatusOr<std::vector<Match>> matches = ReadMatches(reply);
    if (!matches.ok()) return Degraded("vector store", matches.status());
    return matches;
  }

  absl::Status Delete(const Call& call, int64_t user_id) override {
    Value body = Value::object();
    body["points"] = Value::array({user_id});
    return Ask(call, "POST", "/points/delete?wait=true", body).status();
  }

  absl::Status Healthy(const Call& call) override {
    return breaker_.Run([&] { return Send(call, "GET", "/collections", Value()); }).status();
  }

 private:
  // A request about the collection, which is there once it is sent.
  absl::StatusOr<Value> Ask(const Call& call, const std::string& method, std::string_view path,
                            const Value& body) {
    const auto attempt = [&]() -> absl::StatusOr<Value> {
      const Call turn = call.WithTimeout(kAttemptTimeout);
      RETURN_IF_ERROR(EnsureCollection(turn));
      absl::StatusOr<Value> reply = Send(turn, method, absl::StrCat(kCollection, path), body);
      if (!absl::IsNotFound(reply.status())) return reply;
      collection_exists_ = false;  // Somebody has dropped it.
      return absl::UnavailableError("the collection is gone");
    };
    absl::StatusOr<Value> reply =
        breaker_.Run([&] { return resilience::Retry(call, options_.retry, attempt); });
    if (reply.ok() || absl::IsCancelled(reply.status())) return reply;
    return Degraded("vector store", reply.status());
  }

  absl::Status EnsureCollection(const Call& call) {
    if (collection_exists_) return absl::OkStatus();
    absl::StatusOr<Value> found = Send(call, "GET", kCollection, Value());
    if (absl::IsNotFound(found.status())) {
      Value body = Value::object();
      body["vectors"]["size"] = kDimensions;
      body["vectors"]["distance"] = kDistance;
      const absl::Status made = Send(call, "PUT", kCollection, body).status();
      // HTTP 409: another replica was faster.
      if (!made.ok() && !absl::IsAborted(made)) return made;
      found = Send(call, "GET", kCollection, Value());
    }
    RETURN_IF_ERROR(found.status());
    RETURN_IF_ERROR(CheckShape(*found));
    collection_exists_ = true;
    return absl::OkStatus();
  }

  absl::StatusOr<Value> Send(const Call& call, std::string method, std::string_view path,
                             const Value& body) {
    http::ClientRequest request;
    request.target = absl::StrCat("qdrant ", method);
    request.method = std::move(method);
    request.url = absl::StrCat(options_.url, path);
    if (!body.is_null()) {
      request.headers.Set("Content-Type", http::kJson);
      request.body = body.dump();
    }
    ASSIGN_OR_RETURN(const http::ClientResponse response, http_.Send(call, request));
    RETURN_IF_ERROR(StatusOf(response));
    Value reply = Value::parse(response.body, /*cb=*/nullptr, /*allow_exceptions=*/false);
    if (!reply.is_object()) return Malformed();
    return reply;
  }

  const QdrantOptions options_;
  http::Client& http_;
  resilience::CircuitBreaker breaker_;
  std::atomic<bool> collection_exists_ = false;
};

}  // namespace

std::unique_ptr<VectorStore> MakeQdrantVectors(QdrantOptions options, http::Client& http,
                                               observe::Metrics& metrics) {
  return std::make_unique<QdrantVectors>(std::move(options), http, metrics);
}

}  // namespace selfology::profile
