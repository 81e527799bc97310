#include "common/observe/log_writer.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace selfology::observe {
namespace {

constexpr size_t kMaxPending = 1 << 20;
// At this delay even a reader who follows the log sees it live.
constexpr absl::Duration kDelay = absl::Milliseconds(5);

void WriteAll(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // Nowhere to complain to.
    text.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace

LogWriter::LogWriter(int descriptor, absl::Duration delay)
    : descriptor_(descriptor), delay_(delay), thread_([this] { Run(); }) {}

LogWriter::~LogWriter() {
  stopping_.Notify();
  {
    absl::MutexLock lock(&mutex_);
    filled_.Signal();
  }
  thread_.join();
  Flush();
}

LogWriter& LogWriter::ToStandardError() {
  // Never destroyed, as threads may still log while the process exits.
  static LogWriter* const writer = [] {
    auto* made = new LogWriter(STDERR_FILENO, kDelay);
    std::atexit([] { ToStandardError().Flush(); });
    return made;
  }();
  return *writer;
}

bool LogWriter::Append(std::string_view line, size_t most) {
  absl::MutexLock lock(&mutex_);
  if (pending_.size() > most) return false;
  if (pending_.empty()) filled_.Signal();
  pending_ += line;
  return true;
}

void LogWriter::Write(std::string_view line) {
  if (!Append(line, kMaxPending)) WriteNow(line);
}

void LogWriter::WriteNow(std::string_view line) {
  Append(line, std::string::npos);
  Flush();
}

void LogWriter::Flush() {
  absl::MutexLock writing(&writing_);
  taken_.clear();
  {
    absl::MutexLock lock(&mutex_);
    taken_.swap(pending_);
  }
  WriteAll(descriptor_, taken_);
}

void LogWriter::Run() {
  do {
    {
      absl::MutexLock lock(&mutex_);
      while (pending_.empty() && !stopping_.HasBeenNotified()) filled_.Wait(&mutex_);
    }
    // Lets lines gather.
    stopping_.WaitForNotificationWithTimeout(delay_);
    Flush();
  } while (!stopping_.HasBeenNotified());
}

}  // namespace selfology::observe
