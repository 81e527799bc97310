// What makes a job acceptable, what is filled in for what it leaves open, and how it may go on.
//
//   status::FieldViolations bad;
//   v1::NewJob job = Completed(request.job());     // Queue, priority, attempts ... filled in.
//   CheckNewJob(job, "job", bad);
//   RETURN_IF_ERROR(bad.ToStatus());
//
// Threads: pure functions. Time, randomness and I/O stay outside of this file, so its tests need no
// server.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/time/time.h"
#include "common/status/status.h"
#include "selfology/queue/v1/job.pb.h"
#include "services/platform/queue/retry.h"

namespace selfology::queue {

inline constexpr size_t kMaxPayloadBytes = size_t{48} * 1024;
inline constexpr int kMaxPriority = 9;
inline constexpr int kDefaultPriority = 5;
inline constexpr int kMaxAttempts = 100;
inline constexpr int kDefaultAttempts = 5;
inline constexpr int kMaxKeyLength = 128;
inline constexpr int kMaxPredecessors = 100;
inline constexpr int kMaxRetryDelays = 20;

// With the defaults for what it leaves open, and a kind's alias replaced by its name.
v1::NewJob Completed(v1::NewJob job);

// Of a completed job; `field` is where it stands in the request.
void CheckNewJob(const v1::NewJob& job, std::string_view field, status::FieldViolations& bad);

// 1 to 64 characters of a-z, 0-9, "_", "-" and ".".
void CheckWord(std::string_view word, std::string_view field, status::FieldViolations& bad);

RetryDelays DelaysOf(const v1::NewJob& job);

// Where a job stands that is not finished, by what it still waits for.
struct Waiting {
  bool for_predecessors = false;
  bool for_its_key = false;  // Earlier jobs of its ordering key.
  absl::Time run_at;
};
v1::JobStatus StatusOf(const Waiting& waiting, absl::Time now);

// What becomes of a job whose attempt failed.
struct FailedAttempt {
  int attempt = 0;  // Which, from 1.
  int max_attempts = 0;
  bool cancel_requested = false;
  bool permanent = false;
  bool not_counted = false;
};
enum class Outcome { kRetry, kDead, kCancelled };
Outcome OutcomeOf(const FailedAttempt& failed);

}  // namespace selfology::queue
