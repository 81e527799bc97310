// The analytics service's RPCs; see proto/selfology/analytics/v1/analytics_service.proto for what
// each does. DeleteUserData is the kernel's: it calls what module.cc gives to OnErase.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/analytics/v1/analytics_service_endpoints.h"

namespace selfology::analytics {

class AnalyticsService final : public v1::AnalyticsServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  AnalyticsService(postgres::Database& database, Clock clock);

  absl::StatusOr<v1::TrackResponse> Track(const Call& call,
                                          const v1::TrackRequest& request) override;
  absl::StatusOr<v1::TrackManyResponse> TrackMany(const Call& call,
                                                  const v1::TrackManyRequest& request) override;
  absl::StatusOr<v1::QuerySeriesResponse> QuerySeries(
      const Call& call, const v1::QuerySeriesRequest& request) override;
  absl::StatusOr<v1::GetUserSeriesResponse> GetUserSeries(
      const Call& call, const v1::GetUserSeriesRequest& request) override;
  absl::StatusOr<v1::QueryFunnelResponse> QueryFunnel(
      const Call& call, const v1::QueryFunnelRequest& request) override;
  absl::StatusOr<v1::QueryRetentionResponse> QueryRetention(
      const Call& call, const v1::QueryRetentionRequest& request) override;
  absl::StatusOr<v1::QueryTrendsResponse> QueryTrends(
      const Call& call, const v1::QueryTrendsRequest& request) override;
  absl::StatusOr<v1::ClusterPeopleResponse> ClusterPeople(
      const Call& call, const v1::ClusterPeopleRequest& request) override;
  absl::StatusOr<v1::PredictSeriesResponse> PredictSeries(
      const Call& call, const v1::PredictSeriesRequest& request) override;
  absl::StatusOr<v1::GetPostPerformanceResponse> GetPostPerformance(
      const Call& call, const v1::GetPostPerformanceRequest& request) override;
  absl::StatusOr<v1::PredictChurnResponse> PredictChurn(
      const Call& call, const v1::PredictChurnRequest& request) override;
  absl::StatusOr<v1::PutThresholdResponse> PutThreshold(
      const Call& call, const v1::PutThresholdRequest& request) override;
  absl::StatusOr<v1::ListThresholdsResponse> ListThresholds(
      const Call& call, const v1::ListThresholdsRequest& request) override;
  absl::StatusOr<v1::DeleteThresholdResponse> DeleteThreshold(
      const Call& call, const v1::DeleteThresholdRequest& request) override;
  absl::StatusOr<v1::RebuildRollupsResponse> RebuildRollups(
      const Call& call, const v1::RebuildRollupsRequest& request) override;

  // Counts events that are not in the roll-ups yet. For a timer.
  absl::Status Fold(const Call& call);
  // Looks whether thresholds are reached. For a timer.
  absl::Status LookAtThresholds(const Call& call);

 private:
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::analytics
