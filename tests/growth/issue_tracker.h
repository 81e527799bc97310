// Plays the part of GitHub's REST API that has to do with one repository's issues.
//
//   IssueTracker tracker("me/home", clock);
//   provider options: .answer_api = [&](const http::Request& request) { return tracker.Answer(request); }
//   const int64_t number = tracker.Open({.title = "Buy paint"});     // As a person would there.
//   tracker.FailNext({.status = 403, .retry_after = absl::Seconds(90)});
//
// Written from https://docs.github.com/rest/issues/issues, version 2022-11-28. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/http/server.h"

namespace selfology {

class IssueTracker {
 public:
  struct Issue {
    int64_t number = 0;
    std::string title = {};
    std::string body = {};
    std::vector<std::string> labels = {};
    bool is_closed = false;
    bool is_dropped = false;  // Closed as not planned.
    bool is_pull_request = false;
    bool is_gone = false;
    absl::Time updated_at = {};
    absl::Time closed_at = {};
  };
  struct Fault {
    std::string method = {};  // Only of this one; empty: of any.
    int status = 0;           // 0: the connection is lost instead.
    std::optional<absl::Duration> retry_after = {};
    bool after_doing_it = false;
  };

  IssueTracker(std::string repository, std::function<absl::Time()> clock)
      : repository_(std::move(repository)), clock_(std::move(clock)) {}

  http::Response Answer(const http::Request& request);

  // What a person does there.
  int64_t Open(Issue issue);
  void Edit(int64_t number, const std::function<void(Issue&)>& change);

  std::vector<Issue> issues() const;  // In the order of their numbers, without those that are gone.
  int requests() const;
  int writes() const;  // That were done.
  void FailNext(Fault fault);

 private:
  http::Response List(const http::Request& request) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  http::Response Do(const http::Request& request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  http::Response Write(const http::Request& request, Issue& issue)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // To the second, as it is told.
  absl::Time Now() const;

  const std::string repository_;
  const std::function<absl::Time()> clock_;
  mutable absl::Mutex mutex_;
  std::map<int64_t, Issue> issues_ ABSL_GUARDED_BY(mutex_);
  std::deque<Fault> faults_ ABSL_GUARDED_BY(mutex_);
  int requests_ ABSL_GUARDED_BY(mutex_) = 0;
  int writes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace selfology
