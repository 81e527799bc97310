// SQL of posts' numbers; see migrations/. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "common/postgres/transaction.h"
#include "selfology/analytics/v1/analytics_service.pb.h"
#include "selfology/events/v1/social.pb.h"

namespace selfology::analytics::store {

// Keeps a reading, whichever comes first of those of the same age; false: it was there.
absl::StatusOr<bool> AddReading(postgres::Transaction& tx,
                                const events::v1::SocialPostMeasured& measured, absl::Time at);

// Engagement of a person's other publications at that reading, of the last 200.
absl::StatusOr<std::vector<double>> OtherEngagement(postgres::Transaction& tx, int64_t user_id,
                                                    int64_t publication_id, int64_t reading);

// Notes that a publication is viral; false: it was noted before.
absl::StatusOr<bool> AddViral(postgres::Transaction& tx, int64_t user_id, int64_t publication_id);

// The latest numbers of a post at each platform, without sums of them.
absl::StatusOr<std::vector<v1::PlatformPerformance>> ReadPerformance(postgres::Transaction& tx,
                                                                     int64_t user_id,
                                                                     int64_t post_id);

}  // namespace selfology::analytics::store
