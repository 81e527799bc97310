#include "services/platform/queue/schedule_store.h"

#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/events/event_type.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/platform/queue/job_store.h"

namespace selfology::queue::store {
namespace {

using postgres::Transaction;

struct ScheduleRow {
  std::string schedule_id;
  std::string cron;
  std::string time_zone;
  postgres::Bytes job;
  bool paused = false;
  std::optional<absl::Time> next_at;
  std::optional<absl::Time> last_at;
};

constexpr std::string_view kSchedules =
    "SELECT schedule_id, cron, time_zone, job, paused, next_at, last_at FROM queue_schedules";

std::vector<v1::Schedule> ToProtos(const std::vector<ScheduleRow>& rows) {
  std::vector<v1::Schedule> schedules;
  for (const ScheduleRow& row : rows) {
    v1::Schedule& schedule = schedules.emplace_back();
    schedule.set_schedule_id(row.schedule_id);
    schedule.set_cron(row.cron);
    schedule.set_time_zone(row.time_zone);
    schedule.mutable_job()->ParseFromString(row.job.value);
    schedule.set_paused(row.paused);
    if (row.next_at) *schedule.mutable_next_at() = timestamps::ToProto(*row.next_at);
    if (row.last_at) *schedule.mutable_last_at() = timestamps::ToProto(*row.last_at);
  }
  return schedules;
}

}  // namespace

void LockSchedule(Transaction& tx, std::string_view schedule_id) {
  LockKeys(tx, {events::HashedKey("queue.schedule", schedule_id)});
}

absl::StatusOr<std::optional<absl::Time>> SaveSchedule(Transaction& tx,
                                                       const v1::Schedule& schedule) {
  const std::string job = schedule.job().SerializeAsString();
  std::optional<absl::Time> next_at;
  if (schedule.has_next_at()) next_at = timestamps::FromProto(schedule.next_at());
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<std::optional<absl::Time>>(
          "INSERT INTO queue_schedules (schedule_id, cron, time_zone, job, user_id, paused,"
          " next_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (schedule_id) DO UPDATE"
          " SET cron = EXCLUDED.cron, time_zone = EXCLUDED.time_zone, job = EXCLUDED.job,"
          " user_id = EXCLUDED.user_id, paused = EXCLUDED.paused, next_at = EXCLUDED.next_at"
          " RETURNING last_at",
          schedule.schedule_id(), schedule.cron(), schedule.time_zone(), postgres::BytesView{job},
          schedule.job().user_id(), schedule.paused(), next_at));
  return std::get<0>(row.value());
}

void DeleteSchedule(Transaction& tx, std::string_view schedule_id) {
  tx.Queue("DELETE FROM queue_schedules WHERE schedule_id = $1", schedule_id);
}

absl::StatusOr<std::vector<v1::Schedule>> ListSchedules(Transaction& tx, std::string_view after,
                                                        int64_t limit) {
  ASSIGN_OR_RETURN(
      const std::vector<ScheduleRow> rows,
      tx.Query<ScheduleRow>(
          absl::StrCat(kSchedules, " WHERE schedule_id > $1 ORDER BY schedule_id LIMIT $2"), after,
          limit));
  return ToProtos(rows);
}

absl::StatusOr<std::vector<v1::Schedule>> LockDue(Transaction& tx, absl::Time now) {
  ASSIGN_OR_RETURN(
      const std::vector<ScheduleRow> rows,
      tx.Query<ScheduleRow>(absl::StrCat(kSchedules,
                                         " WHERE NOT paused AND next_at <= $1 ORDER BY next_at"
                                         " LIMIT 100 FOR UPDATE SKIP LOCKED"),
                            now));
  return ToProtos(rows);
}

void SaveTurn(Transaction& tx, std::string_view schedule_id, absl::Time last_at,
              absl::Time next_at) {
  tx.Queue("UPDATE queue_schedules SET last_at = $2, next_at = $3 WHERE schedule_id = $1",
           schedule_id, last_at, next_at);
}

void TakeBack(Transaction& tx, std::string_view schedule_id) {
  tx.Queue("DELETE FROM queue_jobs WHERE schedule = $1 AND state = 1 AND attempt = 0", schedule_id);
}

}  // namespace selfology::queue::store
