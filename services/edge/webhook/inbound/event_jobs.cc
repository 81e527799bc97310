#include "services/edge/webhook/inbound/event_jobs.h"

#include <cstdint>
#include <string>

#include "absl/strings/numbers.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "google/protobuf/struct.pb.h"
#include "selfology/queue/v1/job_types.pb.h"

namespace selfology::webhook {
namespace {

constexpr char kExternalEvent[] = "external_event";
constexpr char kCallback[] = "callback_processing";

absl::StatusOr<std::string> DeliveryOf(const jobs::Job& job) {
  if (job.kind() == kCallback) {
    queue::v1::CallbackProcessing payload;
    RETURN_IF_ERROR(job.ReadPayload(payload));
    return payload.delivery_id();
  }
  queue::v1::ExternalEvent payload;
  RETURN_IF_ERROR(job.ReadPayload(payload));
  return payload.delivery_id();
}

}  // namespace

absl::StatusOr<jobs::Result> WorkEventJob(const Call& call, const jobs::Job& job,
                                          SourceMethods& sources) {
  ASSIGN_OR_RETURN(const std::string delivery, DeliveryOf(job));
  int64_t received_id = 0;
  if (!absl::SimpleAtoi(delivery, &received_id) || received_id <= 0) {
    return status::InvalidField("delivery_id", "must be the number of a stored request");
  }
  ASSIGN_OR_RETURN(const v1::Received received,
                   sources.RouteForJob(call, job.user_id(), received_id, job.id()));
  google::protobuf::Struct result;
  auto& rules = *(*result.mutable_fields())["matched_rules"].mutable_list_value();
  for (const std::string& rule : received.matched_rules()) {
    rules.add_values()->set_string_value(rule);
  }
  return result;
}

void AddEventJobs(jobs::Worker& worker, SourceMethods& sources) {
  for (const char* kind : {kExternalEvent, kCallback}) {
    worker.On(kind, [&sources](const Call& call, jobs::Job& job) {
      return WorkEventJob(call, job, sources);
    });
  }
}

}  // namespace selfology::webhook
