// One run of load: so many people for so long, and what became of it.
//
//   ASSIGN_OR_RETURN(const Result result, Run({.people = 50, .per_second = 10}, show, stopped));
//   std::puts(Table(result).c_str());
//
// Errors: UNAVAILABLE when the emulator is not there, or goes. Threads: one run at a time.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tools/load/people.h"

namespace selfology::load {

struct RunOptions {
  std::string telegram = "http://127.0.0.1:8081";  // The emulator's.
  int people = 50;
  double per_second = 10;  // Messages of all of them.
  absl::Duration time = absl::Seconds(30);
  absl::Duration patience = absl::Seconds(30);
  int senders = 32;  // Requests to the emulator at once.
};

struct Result {
  RunOptions options = {};
  absl::Duration took = absl::ZeroDuration();  // From the first act to the last.
  int waiting = 0;                             // For an answer, now.
  Figures figures = {};
};

// show: is called every `every` with how it stands. stopped: ends the run early, for Ctrl-C.
absl::StatusOr<Result> Run(const RunOptions& options, absl::Duration every,
                           const std::function<void(const Result&)>& show,
                           const std::function<bool()>& stopped);

// "12 s  50 people, 9 wait  10.0 messages/s  answer p50 310 p95 420 p99 500 ms  0 errors"
std::string Line(const Result& result);
// A line for each thing that people wait for, and the errors.
std::string Table(const Result& result);
// One object on one line.
std::string ToJson(const Result& result);

}  // namespace selfology::load
