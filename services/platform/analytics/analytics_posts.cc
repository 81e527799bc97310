// Of AnalyticsService: posts' numbers.
#include <algorithm>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/platform/analytics/analytics_service.h"
#include "services/platform/analytics/post_store.h"

namespace selfology::analytics {
namespace {

void AddSums(v1::PlatformPerformance& numbers) {
  numbers.set_engagement(numbers.likes() + numbers.reposts() + numbers.replies());
}

}  // namespace

absl::StatusOr<v1::GetPostPerformanceResponse> AnalyticsService::GetPostPerformance(
    const Call& call, const v1::GetPostPerformanceRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  if (request.post_id() <= 0) bad.Add("post_id", "must be above 0");
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(std::vector<v1::PlatformPerformance> platforms,
                   database_.Read(call, [&](postgres::Transaction& tx) {
                     return store::ReadPerformance(tx, request.user_id(), request.post_id());
                   }));
  if (platforms.empty()) return absl::NotFoundError("no numbers of such a post");
  v1::GetPostPerformanceResponse response;
  v1::PlatformPerformance& total = *response.mutable_total();
  // Engagement where nobody tells views would make the rate too high.
  int64_t engagement_with_views = 0;
  absl::Time newest = absl::InfinitePast();
  for (v1::PlatformPerformance& one : platforms) {
    AddSums(one);
    if (one.views() > 0) {
      one.set_engagement_rate(static_cast<double>(one.engagement()) /
                              static_cast<double>(one.views()));
      engagement_with_views += one.engagement();
    }
    total.set_likes(total.likes() + one.likes());
    total.set_reposts(total.reposts() + one.reposts());
    total.set_replies(total.replies() + one.replies());
    total.set_views(total.views() + one.views());
    newest = std::max(newest, timestamps::FromProto(one.measured_at()));
    *response.add_platforms() = std::move(one);
  }
  AddSums(total);
  if (total.views() > 0) {
    total.set_engagement_rate(static_cast<double>(engagement_with_views) /
                              static_cast<double>(total.views()));
  }
  *total.mutable_measured_at() = timestamps::ToProto(newest);
  return response;
}

}  // namespace selfology::analytics
