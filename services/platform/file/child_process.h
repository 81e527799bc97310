// Processes that this one starts of itself, under another name: what runs then is declared before
// main() of the program, so that nothing has to be found, installed or kept in step.
//
//   ASSIGN_OR_RETURN(const pid_t child, StartItself({.name = "selfology-picture",
//                                                    .descriptors = {{requests, 3}}}));
//   ...
//   if (const auto said = AwaitAnswer(process.get(), answer.get(), 512, deadline, call)) ...
//
// Errors: UNAVAILABLE when no process can be started. Threads: thread-safe; a Descriptor is one
// thread's at a time.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"

namespace selfology::file {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() { Close(); }
  int get() const { return number_; }
  void Close();

 private:
  int number_;
};

// How this program was started. Run by the loader itself, as tests run it, it is the loader that has
// to be started again, with the same libraries.
struct OwnProgram {
  std::string path = {};       // Of the loader, if it was that.
  std::string libraries = {};  // The loader's folders of libraries, with ":" between them.
  std::string program = {};    // What the loader runs; empty: there is none.
};
absl::StatusOr<OwnProgram> ThisProgram();

struct ChildStart {
  std::string name = {};  // argv[0].
  std::vector<std::string> arguments = {};
  std::vector<std::string> environment = {};
  // Ours, and the numbers that they have there, below 100. Standard input, output and error are
  // /dev/null otherwise.
  std::vector<std::pair<int, int>> descriptors = {};
};
absl::StatusOr<pid_t> StartItself(const ChildStart& start);

absl::Status CannotStart();

// Waits until there is something to read, or the process of a pidfd has ended; false: not by then,
// or the caller is gone. What is there already is never too late.
bool WaitFor(int descriptor, absl::Time deadline, const Call& call);

// SIGKILL, by a pidfd.
void Kill(int process);

// What it writes to `answer` until it has ended, at most `longest` bytes; nullopt: it had to be
// killed.
std::optional<std::string> AwaitAnswer(int process, int answer, size_t longest, absl::Time deadline,
                                       const Call& call);

}  // namespace selfology::file
