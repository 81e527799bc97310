#include "services/platform/queue/queue_events.h"

#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/platform/queue/enqueue.h"
#include "services/platform/queue/job_rules.h"

namespace selfology::queue {

absl::Status QueueEvents::Enqueue(const events::v1::JobRequested& event,
                                  events::Handling& handling) {
  v1::NewJob job = Completed(event.job());
  job.set_user_id(event.user_id());
  job.set_announce(true);
  status::FieldViolations bad;
  CheckNewJob(job, "job", bad);
  if (!job.after_positions().empty()) bad.Add("job.after_positions", "must be empty");
  RETURN_IF_ERROR(bad.ToStatus());
  // The inbox knows the event, so no key of the request is needed.
  return queue::Enqueue(handling.tx(), {&job, 1},
                        {.now = timestamps::WholeMicroseconds(handling.now())}, signal_)
      .status();
}

}  // namespace selfology::queue
