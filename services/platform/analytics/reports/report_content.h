// The numbers of reports and dashboards, read from the database.
//
//   ASSIGN_OR_RETURN(content, ReadContent(tx, report, due_at));
//   ASSIGN_OR_RETURN(content, ReadContent(tx, DashboardOf(user_id, "Europe/Berlin"), now, 30));
//
// A report without sections is a dashboard: one section for each thing of which most happened.
// Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/analytics/v1/report.pb.h"

namespace selfology::analytics {

// The numbers are those of report.user_id(), or everybody's.
absl::StatusOr<v1::ReportContent> ReadContent(postgres::Transaction& tx, const v1::Report& report,
                                              absl::Time due_at, int days = 30);

// user_id 0: everybody's.
v1::Report DashboardOf(int64_t user_id, const std::string& time_zone);

}  // namespace selfology::analytics
