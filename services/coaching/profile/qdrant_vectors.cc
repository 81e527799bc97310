#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/http/client.h"
#include "common/resilience/circuit_breaker.h"
#include "common/status/status_macros.h"
#include "nlohmann/json.hpp"
#include "services/coaching/profile/vector_store.h"

namespace selfology::profile {
namespace {

using Value = nlohmann::json;

constexpr char kCollection[] = "/collections/user_profiles_512d";

// Source: Qdrant's REST API, https://qdrant.tech/documentation/ (points, collections).
class QdrantVectors final : public VectorStore {
 public:
  QdrantVectors(std::string url, http::Client& http, observe::Metrics& metrics)
      : url_(std::move(url)), http_(http), breaker_("qdrant", {.metrics = &metrics}) {}

  absl::Status Upsert(const Call& call, const std::vector<Point>& points) override {
    RETURN_IF_ERROR(EnsureCollection(call));
    Value body = {{"points", Value::array()}};
    for (const Point& point : points) {
      body["points"].push_back(
          {{"id", point.user_id},
           {"vector", point.vector},
           {"payload", {{"user_id", point.user_id}, {"profile_summary", point.summary}}}});
    }
    return Send(call, "PUT", absl::StrCat(kCollection, "/points?wait=true"), body).status();
  }

  absl::StatusOr<std::vector<Match>> Search(const Call& call, const std::vector<double>& vector,
                                            const SearchOptions& options) override {
    RETURN_IF_ERROR(EnsureCollection(call));
    Value body = {{"vector", vector}, {"limit", options.limit}, {"with_payload", true}};
    if (options.min_score.has_value()) body["score_threshold"] = *options.min_score;
    if (options.except_user != 0) {
      body["filter"] = {{"must_not", {{{"has_id", {options.except_user}}}}}};
    }
    ASSIGN_OR_RETURN(const Value reply,
                     Send(call, "POST", absl::StrCat(kCollection, "/points/search"), body));
    const auto result = reply.find("result");
    if (result == reply.end() || !result->is_array()) return Malformed();
    std::vector<Match> matches;
    for (const Value& hit : *result) {
      if (!hit.is_object() || !hit.contains("id") || !hit["id"].is_number_integer() ||
          !hit.contains("score") || !hit["score"].is_number()) {
        return Malformed();
      }
      const Value payload = hit.value("payload", Value::object());
      const bool has_summary = payload.is_object() && payload.contains("profile_summary") &&
                               payload["profile_summary"].is_string();
      matches.push_back({hit["id"].get<int64_t>(), hit["score"].get<double>(),
                         has_summary ? payload["profile_summary"].get<std::string>() : ""});
    }
    return matches;
  }

  absl::Status Delete(const Call& call, int64_t user_id) override {
    RETURN_IF_ERROR(EnsureCollection(call));
    return Send(call, "POST", absl::StrCat(kCollection, "/points/delete?wait=true"),
                {{"points", {user_id}}})
        .status();
  }

  absl::Status Healthy(const Call& call) override {
    return Send(call, "GET", "/collections", Value()).status();
  }

 private:
  static absl::Status Malformed() { return absl::InternalError("Qdrant's reply is malformed"); }

  absl::Status EnsureCollection(const Call& call) {
    if (collection_exists_) return absl::OkStatus();
    const absl::Status found = Send(call, "GET", kCollection, Value()).status();
    if (absl::IsNotFound(found)) {
      const absl::Status made = Send(call, "PUT", kCollection,
                                     {{"vectors", {{"size", kDimensions}, {"distance", "Cosine"}}}})
                                    .status();
      // Another replica may have been faster.
      if (!made.ok() && !absl::IsAlreadyExists(made)) return made;
    } else {
      RETURN_IF_ERROR(found);
    }
    collection_exists_ = true;
    return absl::OkStatus();
  }

  absl::StatusOr<Value> Send(const Call& call, std::string method, std::string_view path,
                             const Value& body) {
    return breaker_.Run([&]() -> absl::StatusOr<Value> {
      http::ClientRequest request;
      request.target = absl::StrCat("qdrant ", method);
      request.method = std::move(method);
      request.url = absl::StrCat(url_, path);
      if (!body.is_null()) {
        request.headers.Set("Content-Type", http::kJson);
        request.body = body.dump();
      }
      ASSIGN_OR_RETURN(const http::ClientResponse response, http_.Send(call, request));
      RETURN_IF_ERROR(http::ToStatus(response));
      Value reply = Value::parse(response.body, /*cb=*/nullptr, /*allow_exceptions=*/false);
      if (!reply.is_object()) return Malformed();
      return reply;
    });
  }

  const std::string url_;
  http::Client& http_;
  resilience::CircuitBreaker breaker_;
  std::atomic<bool> collection_exists_ = false;
};

}  // namespace

std::unique_ptr<VectorStore> MakeQdrantVectors(std::string url, http::Client& http,
                                               observe::Metrics& metrics) {
  return std::make_unique<QdrantVectors>(std::move(url), http, metrics);
}

}  // namespace selfology::profile
