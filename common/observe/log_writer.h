#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace selfology::observe {

// Writes lines to a file descriptor, many of them with one system call: a line for each RPC and
// event, written on its own, cost half of an RPC's time on two cores.
//
//   LogWriter::ToStandardError().Write("{...}\n");
//
// Lines keep their order and never mix. Whoever writes faster than the reader reads waits once 1 MB
// is pending; nothing is dropped, but what is pending is lost with a process that is killed.
// Thread-safe.
class LogWriter {
 public:
  // Within `delay` of a Write its line is on its way.
  LogWriter(int descriptor, absl::Duration delay);
  ~LogWriter();  // Writes what is pending.
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  // That of the process; writes what is pending when the process exits.
  static LogWriter& ToStandardError();

  void Write(std::string_view line);
  // Returns once it and all before it are written.
  void WriteNow(std::string_view line);
  void Flush();

 private:
  void Run();
  // False if the reader is too far behind for more.
  bool Append(std::string_view line, size_t most);

  const int descriptor_;
  const absl::Duration delay_;
  // Before mutex_: whoever has it writes, so what is taken from pending_ stays in order.
  absl::Mutex writing_ ABSL_ACQUIRED_BEFORE(mutex_);
  std::string taken_ ABSL_GUARDED_BY(writing_);
  absl::Mutex mutex_;
  // A condition variable, as an awaited absl::Condition would be evaluated at each line.
  absl::CondVar filled_;
  std::string pending_ ABSL_GUARDED_BY(mutex_);
  absl::Notification stopping_;
  std::thread thread_;
};

}  // namespace selfology::observe
