#include "services/platform/queue/job_rules.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/text/text.h"
#include "services/platform/queue/job_types.h"

namespace selfology::queue {
namespace {

constexpr size_t kMaxWord = 64;

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

std::string In(std::string_view field, std::string_view name) {
  return absl::StrCat(field, field.empty() ? "" : ".", name);
}

void CheckKeyText(std::string_view key, std::string_view field, status::FieldViolations& bad) {
  if (text::Characters(key) > kMaxKeyLength) {
    bad.Add(field, absl::StrCat("must be at most ", kMaxKeyLength, " characters"));
  }
}

void CheckNumbers(const v1::NewJob& job, std::string_view field, status::FieldViolations& bad) {
  if (job.priority() < 1 || job.priority() > kMaxPriority) {
    bad.Add(In(field, "priority"), absl::StrCat("must be 1 to ", kMaxPriority, ", or 0"));
  }
  if (job.max_attempts() < 1 || job.max_attempts() > kMaxAttempts) {
    bad.Add(In(field, "max_attempts"), absl::StrCat("must be 1 to ", kMaxAttempts, ", or 0"));
  }
  if (job.user_id() < 0) bad.Add(In(field, "user_id"), "must not be below 0");
  if (job.after_job_ids_size() + job.after_positions_size() > kMaxPredecessors) {
    bad.Add(In(field, "after_job_ids"), absl::StrCat("must be at most ", kMaxPredecessors));
  }
  if (std::any_of(job.after_job_ids().begin(), job.after_job_ids().end(),
                  [](int64_t id) { return id < 1; })) {
    bad.Add(In(field, "after_job_ids"), "must be above 0");
  }
}

void CheckDelays(const v1::NewJob& job, std::string_view field, status::FieldViolations& bad) {
  const RetryDelays delays = DelaysOf(job);
  if (delays.size() > kMaxRetryDelays) {
    bad.Add(In(field, "retry_delays"), absl::StrCat("must be at most ", kMaxRetryDelays));
  }
  if (std::any_of(delays.begin(), delays.end(), [](absl::Duration delay) {
        return delay < absl::ZeroDuration() || delay > kLongestDelay;
      })) {
    bad.Add(In(field, "retry_delays"), "must each be 0 s to 30 days");
  }
}

void CheckPayloadOf(const v1::NewJob& job, std::string_view field, status::FieldViolations& bad) {
  if (job.payload().ByteSizeLong() > kMaxPayloadBytes) {
    bad.Add(In(field, "payload"), absl::StrCat("must be at most ", kMaxPayloadBytes, " bytes"));
    return;
  }
  const JobTypeEntry* const type = FindJobType(job.kind());
  if (type == nullptr) return;
  if (job.queue() != type->options.queue()) {
    bad.Add(In(field, "queue"), absl::StrCat("must be ", type->options.queue(), " for this kind"));
  }
  if (!CheckPayload(*type, job.payload()).ok()) {
    bad.Add(In(field, "payload"),
            absl::StrCat("must be the JSON of ", type->options.payload_type()));
  }
}

}  // namespace

v1::NewJob Completed(v1::NewJob job) {
  if (const JobTypeEntry* const type = FindJobType(job.kind()); type != nullptr) {
    job.set_kind(type->options.kind());
    if (job.queue().empty()) job.set_queue(type->options.queue());
  }
  if (job.priority() == 0) job.set_priority(kDefaultPriority);
  if (job.max_attempts() == 0) job.set_max_attempts(kDefaultAttempts);
  return job;
}

void CheckNewJob(const v1::NewJob& job, std::string_view field, status::FieldViolations& bad) {
  CheckWord(job.queue(), In(field, "queue"), bad);
  CheckWord(job.kind(), In(field, "kind"), bad);
  CheckPayloadOf(job, field, bad);
  CheckNumbers(job, field, bad);
  CheckDelays(job, field, bad);
  CheckKeyText(job.unique_key(), In(field, "unique_key"), bad);
  CheckKeyText(job.ordering_key(), In(field, "ordering_key"), bad);
  CheckKeyText(job.concurrency_key(), In(field, "concurrency_key"), bad);
  CheckKeyText(job.reference(), In(field, "reference"), bad);
}

void CheckWord(std::string_view word, std::string_view field, status::FieldViolations& bad) {
  const bool spelt = std::all_of(word.begin(), word.end(), [](char c) {
    const auto letter = static_cast<unsigned char>(c);
    return absl::ascii_islower(letter) || absl::ascii_isdigit(letter) || c == '_' || c == '-' ||
           c == '.';
  });
  if (word.empty() || word.size() > kMaxWord || !spelt) {
    bad.Add(field, "must be 1 to 64 characters of a-z, 0-9, \"_\", \"-\" and \".\"");
  }
}

RetryDelays DelaysOf(const v1::NewJob& job) {
  RetryDelays delays;
  for (const google::protobuf::Duration& delay : job.retry_delays()) {
    delays.push_back(ToDuration(delay));
  }
  return delays;
}

v1::JobStatus StatusOf(const Waiting& waiting, absl::Time now) {
  if (waiting.for_predecessors) return v1::JOB_STATUS_BLOCKED;
  if (waiting.for_its_key) return v1::JOB_STATUS_QUEUED;
  return waiting.run_at > now ? v1::JOB_STATUS_SCHEDULED : v1::JOB_STATUS_READY;
}

Outcome OutcomeOf(const FailedAttempt& failed) {
  if (failed.cancel_requested) return Outcome::kCancelled;
  if (failed.permanent) return Outcome::kDead;
  if (failed.not_counted) return Outcome::kRetry;
  return failed.attempt < failed.max_attempts ? Outcome::kRetry : Outcome::kDead;
}

}  // namespace selfology::queue
