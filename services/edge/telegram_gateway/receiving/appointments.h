// Calls a function for somebody at a time, from one thread for all.
//
//   Appointments appointments([&](int64_t user_id) { LookAt(user_id); });
//   appointments.Make(user_id, absl::Now() + absl::Seconds(2));   // in place of an earlier one
//
// The thread is there once there was an appointment. The function must not block. Threads:
// thread-safe; AppointmentBook, the core, is not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace selfology::telegram_gateway {

class AppointmentBook {
 public:
  // Later or earlier than the one that there is, which it replaces.
  void Make(int64_t id, absl::Time at);
  // Those whose time has come, the earliest first: they are gone then.
  std::vector<int64_t> TakeDue(absl::Time now);
  // Infinite: there is none.
  absl::Time next() const;

 private:
  std::map<int64_t, absl::Time> times_;
  std::set<std::pair<absl::Time, int64_t>> order_;
};

class Appointments {
 public:
  explicit Appointments(std::function<void(int64_t id)> keep) : keep_(std::move(keep)) {}
  ~Appointments() { Stop(); }
  Appointments(const Appointments&) = delete;
  Appointments& operator=(const Appointments&) = delete;

  void Make(int64_t id, absl::Time at);

  // Forgets all. Idempotent.
  void Stop();

 private:
  void Run();

  const std::function<void(int64_t)> keep_;
  absl::Mutex mutex_;
  absl::CondVar changed_;
  AppointmentBook book_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::telegram_gateway
