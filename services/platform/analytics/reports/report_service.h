// ReportService's RPCs; see proto/selfology/analytics/v1/report_service.proto for what each does.
#pragma once

#include <functional>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/analytics/v1/report_service_endpoints.h"

namespace selfology::analytics {

// Where the service remembers requests.
inline constexpr std::string_view kRequests = "analytics_requests";

class ReportService final : public v1::ReportServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  ReportService(postgres::Database& database, Clock clock);

  absl::StatusOr<v1::CreateReportResponse> CreateReport(
      const Call& call, const v1::CreateReportRequest& request) override;
  absl::StatusOr<v1::CreateProductReportResponse> CreateProductReport(
      const Call& call, const v1::CreateProductReportRequest& request) override;
  absl::StatusOr<v1::GetDashboardResponse> GetDashboard(
      const Call& call, const v1::GetDashboardRequest& request) override;
  absl::StatusOr<v1::GetProductDashboardResponse> GetProductDashboard(
      const Call& call, const v1::GetProductDashboardRequest& request) override;
  absl::StatusOr<v1::ListReportsResponse> ListReports(
      const Call& call, const v1::ListReportsRequest& request) override;
  absl::StatusOr<v1::ListReportRunsResponse> ListReportRuns(
      const Call& call, const v1::ListReportRunsRequest& request) override;
  absl::StatusOr<v1::RunReportResponse> RunReport(const Call& call,
                                                  const v1::RunReportRequest& request) override;
  absl::StatusOr<v1::DeleteReportResponse> DeleteReport(
      const Call& call, const v1::DeleteReportRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::analytics
