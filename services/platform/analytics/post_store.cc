#include "services/platform/analytics/post_store.h"

#include <tuple>

#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::analytics::store {

using postgres::Transaction;

absl::StatusOr<bool> AddReading(Transaction& tx, const events::v1::SocialPostMeasured& measured,
                                absl::Time at) {
  const social::v1::Metrics& metrics = measured.metrics();
  ASSIGN_OR_RETURN(
      const int64_t added,
      tx.Execute("INSERT INTO analytics_post_readings (publication_id, reading, user_id, post_id,"
                 " platform, likes, reposts, replies, views, measured_at)"
                 " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
                 measured.publication_id(), int64_t{measured.reading()}, measured.user_id(),
                 measured.post_id(), int64_t{measured.platform()}, metrics.likes(),
                 metrics.reposts(), metrics.replies(), metrics.views(), at));
  return added > 0;
}

absl::StatusOr<std::vector<double>> OtherEngagement(Transaction& tx, int64_t user_id,
                                                    int64_t publication_id, int64_t reading) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<double>("SELECT (likes + reposts + replies)::double precision"
                                    " FROM analytics_post_readings WHERE user_id = $1"
                                    " AND publication_id <> $2 AND reading = $3"
                                    " ORDER BY measured_at DESC LIMIT 200",
                                    user_id, publication_id, reading));
  std::vector<double> others;
  for (const auto& [engagement] : rows) others.push_back(engagement);
  return others;
}

absl::StatusOr<bool> AddViral(Transaction& tx, int64_t user_id, int64_t publication_id) {
  ASSIGN_OR_RETURN(const int64_t added,
                   tx.Execute("INSERT INTO analytics_viral (publication_id, user_id)"
                              " VALUES ($1, $2) ON CONFLICT DO NOTHING",
                              publication_id, user_id));
  return added > 0;
}

absl::StatusOr<std::vector<v1::PlatformPerformance>> ReadPerformance(Transaction& tx,
                                                                     int64_t user_id,
                                                                     int64_t post_id) {
  ASSIGN_OR_RETURN(
      const auto rows,
      (tx.Query<int64_t, int64_t, int64_t, int64_t, int64_t, absl::Time>(
          "SELECT platform, sum(likes)::bigint, sum(reposts)::bigint, sum(replies)::bigint,"
          " sum(views)::bigint, max(measured_at) FROM (SELECT DISTINCT ON (publication_id) *"
          " FROM analytics_post_readings WHERE user_id = $1 AND post_id = $2"
          " ORDER BY publication_id, measured_at DESC, reading DESC) latest"
          " GROUP BY platform ORDER BY sum(likes + reposts + replies) DESC, platform",
          user_id, post_id)));
  std::vector<v1::PlatformPerformance> platforms;
  for (const auto& [platform, likes, reposts, replies, views, measured_at] : rows) {
    v1::PlatformPerformance& one = platforms.emplace_back();
    one.set_platform(static_cast<social::v1::Platform>(platform));
    one.set_likes(likes);
    one.set_reposts(reposts);
    one.set_replies(replies);
    one.set_views(views);
    *one.mutable_measured_at() = timestamps::ToProto(measured_at);
  }
  return platforms;
}

}  // namespace selfology::analytics::store
