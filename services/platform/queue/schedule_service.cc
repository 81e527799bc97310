#include "services/platform/queue/schedule_service.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/platform/queue/cron.h"
#include "services/platform/queue/enqueue.h"
#include "services/platform/queue/job_rules.h"
#include "services/platform/queue/schedule_store.h"

namespace selfology::queue {
namespace {

using postgres::Transaction;

constexpr paging::Limits kPage = {.default_size = 50, .max_size = 200};
constexpr int kDefaultTimes = 5;
constexpr int kMaxTimes = 100;

// When, by an expression and a time zone's name.
struct When {
  Cron cron;
  absl::TimeZone zone;
  absl::Time Next(absl::Time after) const { return cron.Next(after, zone); }
};

absl::StatusOr<When> ReadWhen(std::string_view cron, const std::string& time_zone) {
  absl::TimeZone zone = absl::UTCTimeZone();
  // A name could be a path, or the machine's own zone; IANA's begin with a letter.
  const bool is_name = !time_zone.empty() && time_zone.size() <= 64 && time_zone != "localtime" &&
                       std::all_of(time_zone.begin(), time_zone.end(),
                                   [](char c) {
                                     return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                                            c == '/' || c == '_' || c == '-' || c == '+';
                                   }) &&
                       absl::ascii_isalpha(static_cast<unsigned char>(time_zone[0]));
  if (!time_zone.empty() && (!is_name || !absl::LoadTimeZone(time_zone, &zone))) {
    return status::InvalidField("time_zone", "must be IANA's name of a time zone");
  }
  ASSIGN_OR_RETURN(Cron parsed, Cron::Parse(cron));
  return When{std::move(parsed), zone};
}

void CheckJob(const v1::NewJob& job, status::FieldViolations& bad) {
  CheckNewJob(job, "schedule.job", bad);
  const std::pair<bool, std::string_view> given[] = {
      {job.has_run_at(), "schedule.job.run_at"},
      {!job.unique_key().empty(), "schedule.job.unique_key"},
      {!job.ordering_key().empty(), "schedule.job.ordering_key"},
      {!job.after_job_ids().empty(), "schedule.job.after_job_ids"},
      {!job.after_positions().empty(), "schedule.job.after_positions"},
  };
  for (const auto& [is_given, field] : given) {
    if (is_given) bad.Add(field, "must be absent in a schedule");
  }
}

// Enqueues the job of the next time.
absl::Status EnqueueNext(Transaction& tx, const v1::Schedule& schedule, absl::Time next,
                         absl::Time now, ReadySignal& signal) {
  v1::NewJob job = schedule.job();
  *job.mutable_run_at() = timestamps::ToProto(next);
  return Enqueue(tx, {&job, 1}, {.schedule = schedule.schedule_id(), .now = now}, signal).status();
}

}  // namespace

ScheduleService::ScheduleService(postgres::Database& database, Clock clock, ReadySignal& signal)
    : database_(database), clock_(std::move(clock)), signal_(signal) {}

absl::StatusOr<v1::PutScheduleResponse> ScheduleService::PutSchedule(
    const Call& call, const v1::PutScheduleRequest& request) {
  v1::Schedule schedule = request.schedule();
  *schedule.mutable_job() = Completed(schedule.job());
  status::FieldViolations bad;
  CheckWord(schedule.schedule_id(), "schedule.schedule_id", bad);
  CheckJob(schedule.job(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const When when, ReadWhen(schedule.cron(), schedule.time_zone()));
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::PutScheduleResponse> {
    const absl::Time now = timestamps::WholeMicroseconds(clock_());
    store::LockSchedule(tx, schedule.schedule_id());
    store::TakeBack(tx, schedule.schedule_id());
    schedule.clear_next_at();
    if (!schedule.paused()) {
      const absl::Time next = when.Next(now);
      *schedule.mutable_next_at() = timestamps::ToProto(next);
      RETURN_IF_ERROR(EnqueueNext(tx, schedule, next, now, signal_));
    }
    ASSIGN_OR_RETURN(const std::optional<absl::Time> last_at, store::SaveSchedule(tx, schedule));
    v1::PutScheduleResponse response;
    *response.mutable_schedule() = schedule;
    response.mutable_schedule()->clear_last_at();
    if (last_at) *response.mutable_schedule()->mutable_last_at() = timestamps::ToProto(*last_at);
    return response;
  });
}

absl::StatusOr<v1::ListSchedulesResponse> ScheduleService::ListSchedules(
    const Call& call, const v1::ListSchedulesRequest& request) {
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(std::vector<v1::Schedule> schedules, database_.Read(call, [&](Transaction& tx) {
    return store::ListSchedules(tx, page.after, page.limit());
  }));
  v1::ListSchedulesResponse response;
  response.set_next_page_token(page.Cut(schedules, &v1::Schedule::schedule_id));
  for (v1::Schedule& schedule : schedules) *response.add_schedules() = std::move(schedule);
  return response;
}

absl::StatusOr<v1::DeleteScheduleResponse> ScheduleService::DeleteSchedule(
    const Call& call, const v1::DeleteScheduleRequest& request) {
  status::FieldViolations bad;
  CheckWord(request.schedule_id(), "schedule_id", bad);
  RETURN_IF_ERROR(bad.ToStatus());
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) {
    store::LockSchedule(tx, request.schedule_id());
    store::TakeBack(tx, request.schedule_id());
    store::DeleteSchedule(tx, request.schedule_id());
    return absl::OkStatus();
  }));
  return v1::DeleteScheduleResponse();
}

absl::StatusOr<v1::PreviewScheduleResponse> ScheduleService::PreviewSchedule(
    const Call& /*call*/, const v1::PreviewScheduleRequest& request) {
  if (request.times() < 0 || request.times() > kMaxTimes) {
    return status::InvalidField("times", "must be 1 to 100, or 0");
  }
  ASSIGN_OR_RETURN(const When when, ReadWhen(request.cron(), request.time_zone()));
  absl::Time time = request.has_after() ? timestamps::FromProto(request.after()) : clock_();
  v1::PreviewScheduleResponse response;
  const int times = request.times() == 0 ? kDefaultTimes : request.times();
  for (int i = 0; i < times; ++i) {
    time = when.Next(time);
    if (time == absl::InfiniteFuture()) break;
    *response.add_times() = timestamps::ToProto(time);
  }
  return response;
}

absl::Status ScheduleService::TakeTurns(const Call& call) {
  return database_.Write(call, [&](Transaction& tx) -> absl::Status {
    const absl::Time now = timestamps::WholeMicroseconds(clock_());
    ASSIGN_OR_RETURN(const std::vector<v1::Schedule> due, store::LockDue(tx, now));
    for (const v1::Schedule& schedule : due) {
      ASSIGN_OR_RETURN(const When when, ReadWhen(schedule.cron(), schedule.time_zone()));
      // From now on: the job that is due stands for all that were missed.
      const absl::Time next = when.Next(now);
      RETURN_IF_ERROR(EnqueueNext(tx, schedule, next, now, signal_));
      store::SaveTurn(tx, schedule.schedule_id(), timestamps::FromProto(schedule.next_at()), next);
    }
    return absl::OkStatus();
  });
}

}  // namespace selfology::queue
