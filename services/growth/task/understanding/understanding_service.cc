#include "services/growth/task/understanding/understanding_service.h"

#include <utility>

#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/growth/task/tasks/task_rules.h"
#include "services/growth/task/understanding/understanding.h"

namespace selfology::task {

TaskUnderstandingService::TaskUnderstandingService(Clock clock) : clock_(std::move(clock)) {}

absl::StatusOr<v1::UnderstandTaskResponse> TaskUnderstandingService::UnderstandTask(
    const Call&, const v1::UnderstandTaskRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  CheckSentence(request.text(), request.time_zone(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  return Understand({.text = request.text(),
                     .language = request.language(),
                     .zone = ZoneOf(request.time_zone()),
                     .now = request.has_now() ? timestamps::FromProto(request.now()) : clock_()});
}

}  // namespace selfology::task
