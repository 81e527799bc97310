#include "services/platform/analytics/reports/report_runner.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "common/timestamps/local_time.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/notification.pb.h"
#include "services/platform/analytics/reports/report_content.h"
#include "services/platform/analytics/reports/report_page.h"
#include "services/platform/analytics/reports/report_rules.h"
#include "services/platform/analytics/reports/report_schedule.h"

namespace selfology::analytics {
namespace {

using postgres::Transaction;

constexpr int64_t kDueAtOnce = 100;
constexpr absl::Duration kMaking = absl::Seconds(20);  // Of one run.
constexpr absl::Duration kHold = absl::Minutes(1);     // Longer than it can take.
constexpr int64_t kMostAttempts = 30;
constexpr absl::Duration kLongestDelay = absl::Hours(1);
constexpr int32_t kLinkSeconds = 7 * 24 * 3600;

// 10 s, 20 s, ... 1 h; 30 of them are about a day.
absl::Duration DelayAfter(int64_t attempts) {
  return std::min(absl::Seconds(5) * (int64_t{1} << std::min<int64_t>(attempts, 20)),
                  kLongestDelay);
}

bool IsFinal(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kPermissionDenied:
      return true;
    default:
      return false;
  }
}

events::v1::NotificationRequested Notification(const store::TakenRun& taken,
                                               const v1::ReportContent& content,
                                               const v1::ReportRun& run) {
  events::v1::NotificationRequested event;
  const bool is_done = run.state() == v1::REPORT_RUN_STATE_DONE;
  event.set_user_id(taken.user_id);
  event.set_kind(is_done ? "analytics.report.ready" : "analytics.report.failed");
  auto& parameters = *event.mutable_parameters();
  parameters["title"] = content.title();
  parameters["text"] = is_done ? SummaryOf(content) : run.reason();
  if (is_done) {
    const std::string& url = run.files(0).url();
    // Others than https come from a machine where one tries it.
    if (absl::StartsWith(url, "https://") && url.size() <= 2048) {
      event.set_link(url);
    } else {
      absl::StrAppend(&parameters["text"], "\n", url);
    }
  }
  event.set_topic("reports");
  event.set_deduplication_key(absl::StrCat("analytics.report/", taken.run_id));
  return event;
}

}  // namespace

ReportRunner::ReportRunner(postgres::Database& database, std::shared_ptr<rpc::Channel> files,
                           Clock clock)
    : database_(database), files_(std::move(files)), clock_(std::move(clock)) {}

absl::Status ReportRunner::Run(const Call& call) {
  RETURN_IF_ERROR(BeginDue(call));
  while (!call.Cancelled()) {
    const absl::Time now = timestamps::WholeMicroseconds(clock_());
    std::optional<store::TakenRun> taken;
    RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(taken, store::TakeRun(tx, now, now + kHold));
      return absl::OkStatus();
    }));
    if (!taken.has_value()) return absl::OkStatus();
    const Call making = Call::Background(kMaking, call.trace());
    const absl::Status made = Make(making, *taken);
    if (made.ok()) continue;
    if (!IsFinal(made) && taken->attempts < kMostAttempts) {
      RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) {
        store::SaveNextTry(tx, taken->run_id, now + DelayAfter(taken->attempts));
        return absl::OkStatus();
      }));
      continue;
    }
    v1::Report report;
    report.ParseFromString(taken->report);
    v1::ReportContent content;
    content.set_title(report.title());
    v1::ReportRun run;
    run.set_state(v1::REPORT_RUN_STATE_FAILED);
    run.set_reason(IsFinal(made) ? std::string(made.message())
                                 : "the files could not be kept; it was tried for a day");
    RETURN_IF_ERROR(Finish(making, *taken, content, std::move(run)));
  }
  return absl::OkStatus();
}

absl::Status ReportRunner::BeginDue(const Call& call) {
  const absl::Time now = timestamps::WholeMicroseconds(clock_());
  bool is_more = true;
  while (is_more) {
    RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const std::vector<v1::Report> due, store::TakeDue(tx, now, kDueAtOnce));
      is_more = static_cast<int64_t>(due.size()) == kDueAtOnce;
      for (const v1::Report& report : due) {
        // After a standstill there is one run, not one for each time that went by.
        const absl::Time due_at = timestamps::FromProto(report.next_run_at());
        RETURN_IF_ERROR(store::AddRun(tx, report,
                                      absl::StrCat("schedule/", absl::ToUnixMicros(due_at)), due_at,
                                      now)
                            .status());
        store::SaveNextRun(tx, report.report_id(),
                           NextRun(report.schedule(), timestamps::ZoneOf(report.time_zone()), now));
      }
      return absl::OkStatus();
    }));
  }
  return absl::OkStatus();
}

absl::Status ReportRunner::Make(const Call& call, const store::TakenRun& taken) {
  v1::ReportContent content;
  if (taken.content.empty()) {
    v1::Report report;
    report.ParseFromString(taken.report);
    RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(content, ReadContent(tx, report, taken.due_at));
      store::SaveContent(tx, taken.run_id, content);
      return absl::OkStatus();
    }));
  } else {
    content.ParseFromString(taken.content);
  }
  v1::ReportRun run;
  run.set_state(v1::REPORT_RUN_STATE_DONE);
  RETURN_IF_ERROR(Keep(call, taken, content, run));
  return Finish(call, taken, content, std::move(run));
}

absl::Status ReportRunner::Keep(const Call& call, const store::TakenRun& taken,
                                const v1::ReportContent& content, v1::ReportRun& run) {
  const std::string day =
      absl::FormatTime("%Y-%m-%d", taken.due_at, timestamps::ZoneOf(content.time_zone()));
  const auto keep = [&](v1::ReportFormat format, std::string_view ending,
                        std::string bytes) -> absl::Status {
    file::v1::StoreFileRequest store;
    store.set_user_id(taken.user_id);
    store.set_name(absl::StrCat("report-", taken.report_id, "-", day, ".", ending));
    store.set_content(std::move(bytes));
    store.set_purpose("analytics.report");
    store.set_idempotency_key(absl::StrCat("analytics.report/", taken.run_id, "/", ending));
    ASSIGN_OR_RETURN(const file::v1::StoreFileResponse stored, files_.StoreFile(call, store));
    // A scanner may take its time.
    if (stored.file().state() == file::v1::FILE_STATE_CHECKING) {
      return absl::UnavailableError("the file is being checked");
    }
    v1::ReportFile& file = *run.add_files();
    file.set_format(format);
    file.set_file_id(stored.file().file_id());
    file::v1::CreateLinkRequest link;
    link.set_user_id(taken.user_id);
    link.set_file_id(file.file_id());
    link.set_lifetime_seconds(kLinkSeconds);
    ASSIGN_OR_RETURN(const file::v1::CreateLinkResponse linked, files_.CreateLink(call, link));
    file.set_url(linked.url());
    *file.mutable_url_expires_at() = linked.expires_at();
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(keep(v1::REPORT_FORMAT_HTML, "html", ReportPage(content)));
  RETURN_IF_ERROR(keep(v1::REPORT_FORMAT_CSV, "csv", ReportCsv(content)));
  return keep(v1::REPORT_FORMAT_JSON, "json", ReportJson(content));
}

absl::Status ReportRunner::Finish(const Call& call, const store::TakenRun& taken,
                                  const v1::ReportContent& content, v1::ReportRun run) {
  run.set_run_id(taken.run_id);
  run.set_report_id(taken.report_id);
  store::Finish finish = store::Finish::kDone;
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(finish, store::FinishRun(tx, run, timestamps::WholeMicroseconds(clock_())));
    if (finish != store::Finish::kDone) return absl::OkStatus();
    return events::Publish(tx, Notification(taken, content, run));
  }));
  if (finish != store::Finish::kIsGone) return absl::OkStatus();
  // Its owner removed it, or was erased, while it was made.
  for (const v1::ReportFile& file : run.files()) {
    file::v1::DeleteFileRequest remove;
    remove.set_user_id(taken.user_id);
    remove.set_file_id(file.file_id());
    RETURN_IF_ERROR(files_.DeleteFile(call, remove).status());
  }
  return absl::OkStatus();
}

}  // namespace selfology::analytics
