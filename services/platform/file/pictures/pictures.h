// Pictures are looked at and made in processes of their own (picture_child.h): whatever a stranger's
// bytes do to a decoder, the process that serves stays as it was.
//
//   ASSIGN_OR_RETURN(PictureBytes input, PictureBytes::Make());
//   RETURN_IF_ERROR(input.Add(bytes)); ...
//   ASSIGN_OR_RETURN(Look look, pictures.LookAt(call, input));
//   ASSIGN_OR_RETURN(Made made, pictures.Make(call, input, ThumbnailSpec()));
//
// Errors: FAILED_PRECONDITION with a reason for the owner: the picture is refused, damaged, or took
// too much memory or time. UNAVAILABLE: no process could be started in time, or all slots stay taken.
// Threads: Pictures is thread-safe; PictureBytes is one thread's at a time.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "services/platform/file/pictures/variant_spec.h"

namespace selfology::file {

inline constexpr int64_t kMaxPictureBytes = 40 * 1024 * 1024;  // That are looked at.

// Bytes in memory that another process can read.
class PictureBytes {
 public:
  static absl::StatusOr<PictureBytes> Make();
  PictureBytes(PictureBytes&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  PictureBytes& operator=(PictureBytes&&) = delete;
  ~PictureBytes();

  absl::Status Add(std::string_view bytes);
  absl::StatusOr<std::string> ReadAll() const;
  int descriptor() const { return file_; }

 private:
  explicit PictureBytes(int file) : file_(file) {}
  int file_;
};

struct Look {
  std::string media_type = {};
  int width = 0;  // Pixels, as it is to be seen.
  int height = 0;
  int frames = 1;
};

struct Made {
  std::string bytes = {};
  int width = 0;
  int height = 0;
};

class Pictures {
 public:
  struct Options {
    int at_once = 2;                              // Processes.
    absl::Duration patience = absl::Seconds(10);  // With one of them.
  };
  explicit Pictures(Options options) : free_(options.at_once), options_(options) {}
  ~Pictures();

  absl::StatusOr<Look> LookAt(const Call& call, const PictureBytes& input);
  absl::StatusOr<Made> Make(const Call& call, const PictureBytes& input, const VariantSpec& spec);

 private:
  // The line that the child said, without "ok ".
  absl::StatusOr<std::string> Run(const Call& call, const std::vector<std::string>& arguments,
                                  int input, int output);

  // A process that does that, as a pidfd. Who has no time left leaves its answer to be taken away by
  // the next one: the process that starts others has those of other callers.
  absl::StatusOr<int> Begin(const Call& call, const std::vector<std::string>& arguments, int input,
                            int output, int answer);
  absl::StatusOr<int> Ask(const Call& call, const std::string& words, int input, int output,
                          int answer);
  absl::Status StartServer();
  void EndServer();

  absl::Mutex mutex_;
  int free_ ABSL_GUARDED_BY(mutex_);
  bool is_asked_ ABSL_GUARDED_BY(mutex_) = false;
  // The process that starts others, for whoever has set is_asked_.
  struct Server {
    int requests = -1;  // A socket to it; -1: there is none.
    pid_t pid = 0;
    int owed = 0;             // Answers that it has yet to give.
    absl::Time silent_since;  // While it owes any.
  } server_;
  const Options options_;
};

}  // namespace selfology::file
