// Where profiles' vectors are kept and searched: Qdrant, or without one the service's own database.
//
//   ASSIGN_OR_RETURN(std::vector<Match> matches, vectors.Search(call, vector, {.limit = 10}));
//
// Vectors have kDimensions components and unit length; scores are cosines, -1 to 1.
// Errors: Qdrant's are UNAVAILABLE with reason SERVICE_DEGRADED, and RetryInfo when it is known how
// long to wait; the database's are its own. Threads: thread-safe.
// Requirements: R000-14, R001-19 (user_profiles_512d, cosine).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/http/client.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "common/resilience/retry.h"

namespace selfology::profile {

inline constexpr int kDimensions = 512;

struct Point {
  int64_t user_id = 0;
  std::vector<double> vector;
  std::string summary;
  absl::Time created_at;  // The profile's.
};

struct Match {
  int64_t user_id = 0;
  double score = 0;
  std::string summary;
};

struct SearchOptions {
  int limit = 10;
  std::optional<double> min_score = std::nullopt;
  int64_t except_user = 0;
};

class VectorStore {
 public:
  virtual ~VectorStore() = default;
  virtual absl::Status Upsert(const Call& call, const std::vector<Point>& points) = 0;
  // Best first.
  virtual absl::StatusOr<std::vector<Match>> Search(const Call& call,
                                                    const std::vector<double>& vector,
                                                    const SearchOptions& options) = 0;
  virtual absl::Status Delete(const Call& call, int64_t user_id) = 0;
  virtual absl::Status Healthy(const Call& call) = 0;
};

std::unique_ptr<VectorStore> MakePostgresVectors(postgres::Database& database);

struct QdrantOptions {
  std::string url;                         // Such as http://qdrant:6333.
  resilience::RetryOptions retry = {};     // Of all calls: each bears being made twice.
  std::function<absl::Time()> clock = {};  // The circuit breaker's. Empty: the real one.
};

// Makes the collection user_profiles_512d when it is missing, and works with none of another shape.
// Needs Qdrant 1.10 or newer. `http` and `metrics` must outlive it.
std::unique_ptr<VectorStore> MakeQdrantVectors(QdrantOptions options, http::Client& http,
                                               observe::Metrics& metrics);

// UNAVAILABLE, SERVICE_DEGRADED: `part` cannot be had because of `cause`, whose RetryInfo it keeps.
absl::Status Degraded(std::string_view part, const absl::Status& cause);

}  // namespace selfology::profile
