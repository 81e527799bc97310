// Many people at once live through consent, questions, answers and the coach, on one mesh of one
// process with real PostgreSQL and Redis beside it, and the local model (so the figures are the
// mesh's own).
//
//   ASSIGN_OR_RETURN(Journey journey, Live({.people = 500, .answers = 5}));
//   journey.Milliseconds(kNext, 0.99)
//
// What a person waits for is measured from the call to the arrival of the event in its stream,
// which is when the gateway would send it. The people are threads of the same process.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace selfology::bench {

inline constexpr char kInstant[] = "answer to instant feedback";
inline constexpr char kNext[] = "answer to next question";
inline constexpr char kLearnt[] = "answer to profile changed";
inline constexpr char kProfile[] = "profile query";
inline constexpr char kChat[] = "chat message to coach's reply";

struct JourneyOptions {
  int people = 100;  // At once.
  int answers = 5;   // Of each.
  // Answers a second of all together; 0: each person answers as soon as there is a question.
  double rate = 0;
  bool statements = false;  // Have PostgreSQL count what statements cost and tables change.
};

struct Journey {
  double answers_per_second = 0;  // From the first answer to the last question.
  double done_per_second = 0;     // From the first answer until the last has changed its profile.
  std::map<std::string, std::vector<double>> milliseconds;
  // From the first answer until the last one has changed its profile.
  absl::Duration cpu;           // Of this process, people included.
  absl::Duration postgres_cpu;  // Of its processes that are there at both times.
  absl::Duration redis_cpu;
  // The costliest first: "12 ms 500 calls, planning 3 ms 5 times  SELECT ..."; then the tables.
  std::vector<std::string> statements = {};

  size_t Count(const std::string& what) { return milliseconds[what].size(); }
  double Milliseconds(const std::string& what, double quantile);
};

absl::StatusOr<Journey> Live(const JourneyOptions& options);

}  // namespace selfology::bench
