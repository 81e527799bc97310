// A server on loopback that speaks the part of Qdrant's REST API that profiles use, refuses what
// Qdrant refuses, and fails when the test says so.
//
//   FakeQdrant qdrant;
//   qdrant.Next(FakeQdrant::Status(503));                       // once; then as ever
//   auto vectors = MakeQdrantVectors({.url = qdrant.url()}, http, metrics);
//   ...
//   qdrant.requests()                // {"GET /collections/user_profiles_512d", ...}, in order
//
// It knows one collection, of dense vectors without a name, and of all filters has_id. Requests are
// held against the API's schema: what it does not name is refused, as is a wrong type.
// Threads: thread-safe.
// Sources: Qdrant's OpenAPI description and the HTTP codes of its errors, 1.10 and newer.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/http/server.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace selfology::profile {

class FakeQdrant {
 public:
  using Value = nlohmann::json;
  // What to answer to one request instead.
  using Behaviour = std::function<http::Response()>;

  struct Stored {
    std::vector<double> vector;
    Value payload;
  };

  FakeQdrant() {
    const std::string collection = absl::StrCat("/collections/", kName);
    auto server = http::Server::Start(
        {}, {
                Route("GET", "/collections",
                      [](const Value&) { return Ok({{"collections", Value::array()}}); }),
                Route("GET", collection, [this](const Value&) { return Describe(); }),
                Route("PUT", collection, [this](const Value& body) { return Create(body); }),
                Route("PUT", absl::StrCat(collection, "/points"),
                      [this](const Value& body) { return Upsert(body); }),
                Route("POST", absl::StrCat(collection, "/points/query"),
                      [this](const Value& body) { return Query(body); }),
                Route("POST", absl::StrCat(collection, "/points/delete"),
                      [this](const Value& body) { return Delete(body); }),
            });
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  ~FakeQdrant() { released_.Notify(); }

  std::string url() const { return absl::StrCat("http://127.0.0.1:", server_->port()); }

  // The next request is answered so; the one after it by what is said next.
  void Next(Behaviour behaviour) {
    absl::MutexLock lock(&mutex_);
    next_.push_back(std::move(behaviour));
  }
  // All further requests, until told otherwise; null: as ever.
  void Always(Behaviour behaviour) {
    absl::MutexLock lock(&mutex_);
    always_ = std::move(behaviour);
  }
  static Behaviour Status(int status, http::Headers headers = {}) {
    return [status, headers = std::move(headers)] {
      http::Response response = Error(status, "told to");
      for (const auto& [name, value] : headers) response.headers.Set(name, value);
      return response;
    };
  }
  static Behaviour Raw(std::string body) {
    return [body = std::move(body)] { return http::Response::Json(body); };
  }
  static Behaviour Drop() {
    return [] { return http::Response{.drop = true}; };
  }
  // Answers only once the test is over.
  Behaviour Hang() {
    return [this] {
      released_.WaitForNotification();
      return http::Response{.drop = true};
    };
  }

  // As another program would.
  void CreateCollection(int size, std::string distance) {
    absl::MutexLock lock(&mutex_);
    collection_ = Collection{size, std::move(distance), {}};
  }
  void DropCollection() {
    absl::MutexLock lock(&mutex_);
    collection_.reset();
  }

  // Method and path of each, without the query.
  std::vector<std::string> requests() {
    absl::MutexLock lock(&mutex_);
    return requests_;
  }
  std::map<int64_t, Stored> points() {
    absl::MutexLock lock(&mutex_);
    return collection_.has_value() ? collection_->points : std::map<int64_t, Stored>();
  }

 private:
  static constexpr std::string_view kName = "user_profiles_512d";

  struct Collection {
    int size = 0;
    std::string distance;
    std::map<int64_t, Stored> points;
  };

  static http::Response Ok(Value result) {
    Value reply = Value::object();
    reply["result"] = std::move(result);
    reply["status"] = "ok";
    reply["time"] = 0.001;
    return http::Response::Json(reply.dump());
  }
  static http::Response Error(int status, const std::string& message) {
    Value reply = Value::object();
    reply["status"]["error"] = message;
    reply["time"] = 0.001;
    return http::Response::Json(reply.dump(), status);
  }
  static http::Response BadFormat(std::string_view what) {
    return Error(400, absl::StrCat("Format error in JSON body: ", what));
  }

  http::Route Route(std::string method, std::string path,
                    std::function<http::Response(const Value&)> handle) {
    return {.method = method,
            .path = path,
            .handler = [this, method, path, handle = std::move(handle)](
                           const http::Request& request) -> absl::StatusOr<http::Response> {
              Behaviour told;
              {
                absl::MutexLock lock(&mutex_);
                requests_.push_back(absl::StrCat(method, " ", path));
                told = always_;
                if (!next_.empty()) {
                  told = std::move(next_.front());
                  next_.pop_front();
                }
              }
              if (told) return told();
              for (const auto& [name, value] : request.query) {
                if (name != "wait" || (value != "true" && value != "false")) {
                  return Error(400, absl::StrCat("Deserialize error: ", name));
                }
              }
              if (method == "GET") return handle(Value());
              if (request.headers.Get("Content-Type") != http::kJson) {
                return Error(400, "Content type error");
              }
              const Value body = Value::parse(request.body, nullptr, false);
              return body.is_object() ? handle(body) : BadFormat("expected an object");
            }};
  }

  // The first member of the object that the schema does not name.
  static std::optional<std::string> Unknown(const Value& object,
                                            const std::set<std::string>& known) {
    for (const auto& [name, value] : object.items()) {
      if (!known.contains(name)) return absl::StrCat("unknown field `", name, "`");
    }
    return std::nullopt;
  }
  // Of the two kinds of ids, numbers.
  static bool IsId(const Value& id) { return id.is_number_unsigned(); }
  static bool IsVector(const Value& vector) {
    return vector.is_array() && !vector.empty() &&
           std::all_of(vector.begin(), vector.end(), [](const Value& x) { return x.is_number(); });
  }
  static http::Response NoCollection() {
    return Error(404, absl::StrCat("Not found: Collection `", kName, "` doesn't exist!"));
  }
  http::Response WrongSize(size_t size) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return Error(400, absl::StrCat("Wrong input: Vector dimension error: expected dim: ",
                                   collection_->size, ", got ", size));
  }
  static http::Response Done() { return Ok({{"operation_id", 1}, {"status", "completed"}}); }

  http::Response Describe() {
    absl::MutexLock lock(&mutex_);
    if (!collection_.has_value()) return NoCollection();
    Value result = Value::object();
    result["status"] = "green";
    result["points_count"] = collection_->points.size();
    result["config"]["params"]["vectors"]["size"] = collection_->size;
    result["config"]["params"]["vectors"]["distance"] = collection_->distance;
    return Ok(std::move(result));
  }

  http::Response Create(const Value& body) {
    if (const auto problem = Unknown(body, {"vectors"})) return BadFormat(*problem);
    const Value vectors = body.value("vectors", Value());
    if (!vectors.is_object()) return BadFormat("missing field `vectors`");
    if (const auto problem = Unknown(vectors, {"size", "distance"})) return BadFormat(*problem);
    const Value size = vectors.value("size", Value());
    const Value distance = vectors.value("distance", Value());
    if (!size.is_number_unsigned() || size < 1) return BadFormat("`size`");
    if (distance != "Cosine" && distance != "Euclid" && distance != "Dot" &&
        distance != "Manhattan") {
      return BadFormat("`distance`");
    }
    absl::MutexLock lock(&mutex_);
    if (collection_.has_value()) {
      return Error(409, absl::StrCat("Wrong input: Collection `", kName, "` already exists!"));
    }
    collection_ = Collection{size.get<int>(), distance.get<std::string>(), {}};
    return Ok(true);
  }

  http::Response Upsert(const Value& body) {
    if (const auto problem = Unknown(body, {"points"})) return BadFormat(*problem);
    const Value points = body.value("points", Value());
    if (!points.is_array() || points.empty()) return BadFormat("`points`");
    absl::MutexLock lock(&mutex_);
    if (!collection_.has_value()) return NoCollection();
    std::map<int64_t, Stored> added;
    for (const Value& point : points) {
      if (!point.is_object()) return BadFormat("`points`");
      if (const auto problem = Unknown(point, {"id", "vector", "payload"})) {
        return BadFormat(*problem);
      }
      if (!IsId(point.value("id", Value()))) return BadFormat("`id`");
      if (!IsVector(point.value("vector", Value()))) return BadFormat("`vector`");
      const Value payload = point.value("payload", Value());
      if (!payload.is_object() && !payload.is_null()) return BadFormat("`payload`");
      if (point["vector"].size() != static_cast<size_t>(collection_->size)) {
        return WrongSize(point["vector"].size());
      }
      added[point["id"].get<int64_t>()] = {point["vector"].get<std::vector<double>>(), payload};
    }
    for (auto& [id, point] : added) collection_->points[id] = std::move(point);
    return Done();
  }

  http::Response Delete(const Value& body) {
    if (const auto problem = Unknown(body, {"points"})) return BadFormat(*problem);
    const Value ids = body.value("points", Value());
    if (!ids.is_array() || !std::all_of(ids.begin(), ids.end(), &IsId)) {
      return BadFormat("`points`");
    }
    absl::MutexLock lock(&mutex_);
    if (!collection_.has_value()) return NoCollection();
    for (const Value& id : ids) collection_->points.erase(id.get<int64_t>());
    return Done();
  }

  // The ids that the filter shuts out; nullopt when it is malformed.
  static std::optional<std::set<int64_t>> Excluded(const Value& filter) {
    std::set<int64_t> excluded;
    if (filter.is_null()) return excluded;
    if (!filter.is_object() || Unknown(filter, {"must_not"})) return std::nullopt;
    const Value conditions = filter.value("must_not", Value::array());
    if (!conditions.is_array()) return std::nullopt;
    for (const Value& condition : conditions) {
      if (!condition.is_object() || Unknown(condition, {"has_id"})) return std::nullopt;
      const Value ids = condition.value("has_id", Value());
      if (!ids.is_array() || !std::all_of(ids.begin(), ids.end(), &IsId)) return std::nullopt;
      for (const Value& id : ids) excluded.insert(id.get<int64_t>());
    }
    return excluded;
  }

  static double Cosine(const std::vector<double>& a, const std::vector<double>& b) {
    double product = 0, a_squared = 0, b_squared = 0;
    for (size_t i = 0; i < a.size(); ++i) {
      product += a[i] * b[i];
      a_squared += a[i] * a[i];
      b_squared += b[i] * b[i];
    }
    return a_squared == 0 || b_squared == 0 ? 0 : product / std::sqrt(a_squared * b_squared);
  }

  // Puts what `with_payload` asks for into the hit: everything, nothing, or some members. False: it
  // is malformed.
  static bool AddPayload(const Value& payload, const Value& wanted, Value& hit) {
    if (wanted.is_null() || wanted == false) return true;
    if (wanted == true) {
      hit["payload"] = payload;
      return true;
    }
    if (!wanted.is_array()) return false;
    hit["payload"] = Value::object();
    for (const Value& name : wanted) {
      if (!name.is_string()) return false;
      const std::string key = name.get<std::string>();
      if (payload.contains(key)) hit["payload"][key] = payload[key];
    }
    return true;
  }

  http::Response Query(const Value& body) {
    if (const auto problem =
            Unknown(body, {"query", "limit", "with_payload", "score_threshold", "filter"})) {
      return BadFormat(*problem);
    }
    const Value query = body.value("query", Value());
    if (!IsVector(query)) return BadFormat("`query`");
    const Value limit = body.value("limit", Value(10u));
    if (!limit.is_number_unsigned()) return BadFormat("`limit`");
    if (limit < 1) return Error(422, "Validation error in JSON body: [limit: must be 1 or larger]");
    const Value threshold = body.value("score_threshold", Value());
    if (!threshold.is_null() && !threshold.is_number()) return BadFormat("`score_threshold`");
    const auto excluded = Excluded(body.value("filter", Value()));
    if (!excluded.has_value()) return BadFormat("`filter`");

    absl::MutexLock lock(&mutex_);
    if (!collection_.has_value()) return NoCollection();
    if (query.size() != static_cast<size_t>(collection_->size)) return WrongSize(query.size());
    std::vector<std::pair<double, int64_t>> scored;
    for (const auto& [id, point] : collection_->points) {
      const double score = Cosine(query.get<std::vector<double>>(), point.vector);
      if (excluded->contains(id) || (threshold.is_number() && score < threshold)) continue;
      scored.push_back({-score, id});
    }
    std::sort(scored.begin(), scored.end());
    Value hits = Value::array();
    for (const auto& [negative, id] : scored) {
      if (hits.size() == limit.get<size_t>()) break;
      Value hit = {{"id", id}, {"version", 1}, {"score", -negative}};
      if (!AddPayload(collection_->points[id].payload, body.value("with_payload", Value()), hit)) {
        return BadFormat("`with_payload`");
      }
      hits.push_back(std::move(hit));
    }
    return Ok({{"points", std::move(hits)}});
  }

  absl::Notification released_;
  absl::Mutex mutex_;
  std::deque<Behaviour> next_ ABSL_GUARDED_BY(mutex_);
  Behaviour always_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> requests_ ABSL_GUARDED_BY(mutex_);
  std::optional<Collection> collection_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<http::Server> server_;
};

}  // namespace selfology::profile
