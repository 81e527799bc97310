// The kinds of jobs that the product knows, as the contract says them (JobType).
//
//   const JobTypeEntry* type = FindJobType("schedule_post_job");   // Null: any other kind.
//   type->options.queue();                                         // "content_publishing_queue"
//   RETURN_IF_ERROR(CheckPayload(*type, job.payload()));
//
// Read from the descriptors; nothing lists them a second time. Threads: thread-safe.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/struct.pb.h"
#include "selfology/queue/v1/job_types.pb.h"

namespace selfology::queue {

struct JobTypeEntry {
  v1::JobType type = v1::JOB_TYPE_UNSPECIFIED;
  v1::JobTypeOptions options;
};

// In the order of their numbers.
const std::vector<JobTypeEntry>& JobTypes();

// By kind or alias. Null: none of them.
const JobTypeEntry* FindJobType(std::string_view kind);

// The name that a kind goes by: that of a type for its alias, else itself.
std::string_view KindOf(std::string_view kind);

// Whether the payload is the JSON of the type's message. INVALID_ARGUMENT names `payload` and says
// what is wrong, without repeating the payload's values.
absl::Status CheckPayload(const JobTypeEntry& type, const google::protobuf::Struct& payload);

}  // namespace selfology::queue
