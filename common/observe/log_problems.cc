#include "common/observe/log_problems.h"

#include <algorithm>
#include <utility>

namespace selfology::observe {

void LogProblems::Add(LoggedProblem problem) {
  absl::MutexLock lock(&mutex_);
  const auto known =
      std::find_if(problems_.begin(), problems_.end(), [&](const LoggedProblem& one) {
        return one.severity == problem.severity && one.message == problem.message &&
               one.code == problem.code;
      });
  if (known != problems_.end()) {
    problem.first = known->first;
    problem.count += known->count;
    problems_.erase(known);
  }
  problems_.push_front(std::move(problem));
  if (problems_.size() > most_) problems_.pop_back();
}

std::vector<LoggedProblem> LogProblems::Newest() const {
  absl::MutexLock lock(&mutex_);
  return {problems_.begin(), problems_.end()};
}

}  // namespace selfology::observe
