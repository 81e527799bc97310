#include <tuple>
#include <utility>

#include "common/status/status_macros.h"
#include "services/coaching/profile/vector_store.h"

namespace selfology::profile {
namespace {

using postgres::Transaction;

class PostgresVectors final : public VectorStore {
 public:
  explicit PostgresVectors(postgres::Database& database) : database_(database) {}

  absl::Status Upsert(const Call& call, const std::vector<Point>& points) override {
    return database_.Write(call, [&](Transaction& tx) {
      for (const Point& point : points) {
        tx.Queue(
            "INSERT INTO profile_vectors (user_id, embedding, profile_summary) VALUES ($1, $2, $3)"
            " ON CONFLICT (user_id) DO UPDATE SET embedding = EXCLUDED.embedding,"
            " profile_summary = EXCLUDED.profile_summary",
            point.user_id, point.vector, point.summary);
      }
      return absl::OkStatus();
    });
  }

  absl::StatusOr<std::vector<Match>> Search(const Call& call, const std::vector<double>& vector,
                                            const SearchOptions& options) override {
    // Unit vectors: the scalar product is the cosine.
    ASSIGN_OR_RETURN(const auto rows, database_.Read(call, [&](Transaction& tx) {
      return tx.Query<int64_t, double, std::string>(
          "SELECT user_id, score, profile_summary FROM ("
          "  SELECT user_id, profile_summary,"
          "    (SELECT sum(a * b) FROM unnest(embedding, $1) AS pair(a, b)) AS score"
          "  FROM profile_vectors WHERE user_id <> $2) AS scored"
          " WHERE score >= $3 ORDER BY score DESC, user_id LIMIT $4",
          vector, options.except_user, options.min_score.value_or(-2),
          static_cast<int64_t>(options.limit));
    }));
    std::vector<Match> matches;
    for (const auto& [user_id, score, summary] : rows) matches.push_back({user_id, score, summary});
    return matches;
  }

  absl::Status Delete(const Call& call, int64_t user_id) override {
    return database_.Write(call, [&](Transaction& tx) {
      tx.Queue("DELETE FROM profile_vectors WHERE user_id = $1", user_id);
      return absl::OkStatus();
    });
  }

  // The database's own check says it.
  absl::Status Healthy(const Call&) override { return absl::OkStatus(); }

 private:
  postgres::Database& database_;
};

}  // namespace

std::unique_ptr<VectorStore> MakePostgresVectors(postgres::Database& database) {
  return std::make_unique<PostgresVectors>(database);
}

}  // namespace selfology::profile
