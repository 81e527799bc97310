// Ends a poll from another thread: a file descriptor that becomes readable.
#pragma once

namespace selfology::relay {

class Wakeup {
 public:
  Wakeup();
  ~Wakeup();
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  void Signal();  // From any thread.
  void Clear();   // By the one that waits.
  int fd() const { return fd_; }

 private:
  const int fd_;
};

}  // namespace selfology::relay
