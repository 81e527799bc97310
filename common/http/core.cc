#include "common/http/core.h"

#include <exception>
#include <utility>

#include "absl/status/status.h"
#include "common/observe/log.h"
#include "common/observe/trace.h"

namespace selfology::http {

void Core::Add(const std::shared_ptr<Session>& session) {
  absl::MutexLock lock(&mutex_);
  sessions_.emplace(session.get(), session);
}

void Core::Remove(const Session* session) {
  absl::MutexLock lock(&mutex_);
  sessions_.erase(session);
}

size_t Core::CountSessions() const {
  absl::MutexLock lock(&mutex_);
  return sessions_.size();
}

std::vector<std::shared_ptr<Session>> Core::Sessions() const {
  std::vector<std::shared_ptr<Session>> sessions;
  absl::MutexLock lock(&mutex_);
  for (const auto& [unused, weak] : sessions_) {
    if (auto session = weak.lock()) sessions.push_back(std::move(session));
  }
  return sessions;
}

bool Core::AwaitNoSessions(absl::Time deadline) const {
  const auto none = [this] {
    mutex_.AssertReaderHeld();
    return sessions_.empty();
  };
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithDeadline(absl::Condition(&none), deadline);
}

bool Core::Run(executor::WorkerPool& pool, const observe::TraceContext& trace,
               std::function<void()> work) {
  return pool.Submit([trace, work = std::move(work)] {
    observe::ScopedTrace scope(trace);
    work();
  });
}

void Core::RunHere(const observe::TraceContext& trace, const std::function<void()>& work) {
  observe::ScopedTrace scope(trace);
  work();
}

absl::Status CatchAll(const std::function<absl::Status()>& function) {
  try {
    return function();
  } catch (const std::exception& error) {
    observe::Error("HTTP handler threw an exception", {{"what", error.what()}});
  } catch (...) {
    observe::Error("HTTP handler threw an exception", {{"what", "not a std::exception"}});
  }
  return absl::InternalError("the handler failed");
}

}  // namespace selfology::http
