#include "services/platform/analytics/reports/report_service.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/idempotency/once.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/local_time.h"
#include "common/timestamps/timestamp.h"
#include "services/platform/analytics/reports/report_content.h"
#include "services/platform/analytics/reports/report_rules.h"
#include "services/platform/analytics/reports/report_schedule.h"
#include "services/platform/analytics/reports/report_store.h"
#include "services/platform/analytics/steps.h"

namespace selfology::analytics {
namespace {

using postgres::Transaction;

constexpr paging::Limits kPage = {.default_size = 20, .max_size = 100};
constexpr int64_t kMostReports = 100;
constexpr int64_t kMostWaiting = 10;
constexpr int kUsualDays = 30;
constexpr int kMostDays = 366;

absl::Status NoSuchReport() { return absl::NotFoundError("no such report"); }

template <typename Response, typename Request>
absl::StatusOr<Response> Create(const Call& call, postgres::Database& database, absl::Time now,
                                const Request& request, std::string_view rpc, bool everybody) {
  v1::Report report = request.report();
  report.clear_report_id();
  report.clear_next_run_at();
  report.set_user_id(request.user_id());
  report.set_everybody(everybody);
  *report.mutable_created_at() = timestamps::ToProto(now);
  status::FieldViolations bad = status::CheckUser(request);
  idempotency::CheckKey(request.idempotency_key(), bad);
  CheckReport(report, bad);
  RETURN_IF_ERROR(bad.ToStatus());
  if (report.has_schedule()) {
    *report.mutable_next_run_at() = timestamps::ToProto(
        NextRun(report.schedule(), timestamps::ZoneOf(report.time_zone()), now));
  }
  return database.Write(call, [&](Transaction& tx) {
    return idempotency::Once<Response>(
        tx,
        {.table = kRequests,
         .user_id = request.user_id(),
         .rpc = rpc,
         .key = request.idempotency_key(),
         .now = now},
        [&]() -> absl::StatusOr<Response> {
          ASSIGN_OR_RETURN(const int64_t kept, store::CountReports(tx, report.user_id()));
          if (kept >= kMostReports) {
            return absl::ResourceExhaustedError("at most 100 reports are kept");
          }
          ASSIGN_OR_RETURN(const int64_t report_id, store::AddReport(tx, report));
          report.set_report_id(report_id);
          RETURN_IF_ERROR(store::AddRun(tx, report, "created", now, now).status());
          Response response;
          *response.mutable_report() = report;
          return response;
        });
  });
}

template <typename Request>
absl::StatusOr<v1::ReportContent> ReadDashboard(const Call& call, postgres::Database& database,
                                                absl::Time now, const Request& request,
                                                int64_t user_id, status::FieldViolations bad) {
  if (request.days() < 0 || request.days() > kMostDays) {
    bad.Add("days", absl::StrCat("must be 1 to ", kMostDays, ", or 0"));
  }
  if (!ReadZone(request.time_zone()).ok()) {
    bad.Add("time_zone", "must be a time zone such as Europe/Berlin, or empty");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  return database.Read(call, [&](Transaction& tx) {
    return ReadContent(tx, DashboardOf(user_id, request.time_zone()), now,
                       request.days() == 0 ? kUsualDays : request.days());
  });
}

}  // namespace

ReportService::ReportService(postgres::Database& database, Clock clock)
    : database_(database), clock_(std::move(clock)) {}

absl::StatusOr<v1::CreateReportResponse> ReportService::CreateReport(
    const Call& call, const v1::CreateReportRequest& request) {
  return Create<v1::CreateReportResponse>(call, database_, timestamps::WholeMicroseconds(clock_()),
                                          request, "CreateReport", false);
}

absl::StatusOr<v1::CreateProductReportResponse> ReportService::CreateProductReport(
    const Call& call, const v1::CreateProductReportRequest& request) {
  return Create<v1::CreateProductReportResponse>(call, database_,
                                                 timestamps::WholeMicroseconds(clock_()), request,
                                                 "CreateProductReport", true);
}

absl::StatusOr<v1::GetDashboardResponse> ReportService::GetDashboard(
    const Call& call, const v1::GetDashboardRequest& request) {
  v1::GetDashboardResponse response;
  ASSIGN_OR_RETURN(*response.mutable_content(),
                   ReadDashboard(call, database_, timestamps::WholeMicroseconds(clock_()), request,
                                 request.user_id(), status::CheckUser(request)));
  return response;
}

absl::StatusOr<v1::GetProductDashboardResponse> ReportService::GetProductDashboard(
    const Call& call, const v1::GetProductDashboardRequest& request) {
  v1::GetProductDashboardResponse response;
  ASSIGN_OR_RETURN(*response.mutable_content(),
                   ReadDashboard(call, database_, timestamps::WholeMicroseconds(clock_()), request,
                                 /*user_id=*/0, {}));
  return response;
}

absl::StatusOr<v1::ListReportsResponse> ReportService::ListReports(
    const Call& call, const v1::ListReportsRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(std::vector<v1::Report> reports, database_.Read(call, [&](Transaction& tx) {
    return store::ListReports(tx, request.user_id(), before, page.limit());
  }));
  v1::ListReportsResponse response;
  response.set_next_page_token(page.Cut(reports, &v1::Report::report_id));
  for (v1::Report& report : reports) *response.add_reports() = std::move(report);
  return response;
}

absl::StatusOr<v1::ListReportRunsResponse> ReportService::ListReportRuns(
    const Call& call, const v1::ListReportRunsRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(
      std::vector<v1::ReportRun> runs,
      database_.Read(call, [&](Transaction& tx) -> absl::StatusOr<std::vector<v1::ReportRun>> {
        ASSIGN_OR_RETURN(const bool is_theirs,
                         store::HasReport(tx, request.user_id(), request.report_id()));
        if (!is_theirs) return NoSuchReport();
        return store::ListRuns(tx, request.report_id(), before, page.limit());
      }));
  v1::ListReportRunsResponse response;
  response.set_next_page_token(page.Cut(runs, &v1::ReportRun::run_id));
  for (v1::ReportRun& run : runs) *response.add_runs() = std::move(run);
  return response;
}

absl::StatusOr<v1::RunReportResponse> ReportService::RunReport(
    const Call& call, const v1::RunReportRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  idempotency::CheckKey(request.idempotency_key(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = timestamps::WholeMicroseconds(clock_());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::RunReportResponse> {
    ASSIGN_OR_RETURN(const std::optional<v1::Report> report,
                     store::LockReport(tx, request.user_id(), request.report_id()));
    if (!report.has_value()) return NoSuchReport();
    ASSIGN_OR_RETURN(const int64_t waiting, store::CountWaiting(tx, request.report_id()));
    v1::RunReportResponse response;
    ASSIGN_OR_RETURN(
        *response.mutable_run(),
        store::AddRun(tx, *report, absl::StrCat("asked/", request.idempotency_key()), now, now));
    // One that is there already counts among those that wait.
    ASSIGN_OR_RETURN(const int64_t with_it, store::CountWaiting(tx, request.report_id()));
    if (with_it > waiting && with_it > kMostWaiting) {
      return absl::ResourceExhaustedError("at most 10 runs wait");
    }
    return response;
  });
}

absl::StatusOr<v1::DeleteReportResponse> ReportService::DeleteReport(
    const Call& call, const v1::DeleteReportRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const bool deleted, database_.Write(call, [&](Transaction& tx) {
    return store::DeleteReport(tx, request.user_id(), request.report_id());
  }));
  v1::DeleteReportResponse response;
  response.set_deleted(deleted);
  return response;
}

}  // namespace selfology::analytics
