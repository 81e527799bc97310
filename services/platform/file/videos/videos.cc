#include "services/platform/file/videos/videos.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"
#include "services/platform/file/child_process.h"
#include "services/platform/file/jail.h"
#include "services/platform/file/videos/video_commands.h"
#include "services/platform/file/videos/video_process.h"

namespace selfology::file {
namespace {

constexpr size_t kLongestAnswer = 256 * 1024;
constexpr absl::Duration kLookCpu = absl::Seconds(20);
constexpr int64_t kPosterBytes = int64_t{64} * 1024 * 1024;
constexpr absl::Duration kPosterAt = absl::Seconds(1);

}  // namespace

absl::StatusOr<std::string> Videos::Run(const Call& call, const Task& task, const WorkFile& input,
                                        const WorkFile& output) {
  {
    absl::MutexLock lock(&mutex_);
    const auto is_free = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return free_ > 0; };
    if (!mutex_.AwaitWithDeadline(absl::Condition(&is_free), call.deadline())) {
      return absl::UnavailableError("too many videos at once");
    }
    --free_;
  }
  const absl::Cleanup give_back = [this] {
    absl::MutexLock lock(&mutex_);
    ++free_;
  };
  ASSIGN_OR_RETURN(const Descriptor read_only, input.OpenForReading());
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return CannotStart();
  const Descriptor answer(ends[0]);
  Descriptor say(ends[1]);
  ASSIGN_OR_RETURN(const pid_t child, StartVideoProcess({.ffmpeg = options_.ffmpeg,
                                                         .program = task.program,
                                                         .words = task.words,
                                                         .cpu = task.cpu,
                                                         .output_bytes = task.output_bytes,
                                                         .answer = say.get(),
                                                         .input = read_only.get(),
                                                         .output = output.descriptor()}));
  say.Close();
  const Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
  const absl::Time deadline = std::min(call.deadline(), absl::Now() + task.patience);
  std::optional<std::string> said;
  if (process.get() >= 0) {
    said = AwaitAnswer(process.get(), answer.get(), kLongestAnswer, deadline, call);
  } else {
    kill(child, SIGKILL);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (said.has_value() && WIFEXITED(status) && WEXITSTATUS(status) == 0) return *std::move(said);
  if (process.get() < 0) return CannotStart();
  if (call.Cancelled()) return absl::CancelledError("the caller is gone");
  if (!said.has_value() && absl::Now() >= call.deadline()) {
    return absl::DeadlineExceededError("no time is left for a video");
  }
  if (!said.has_value() || WIFSIGNALED(status)) {
    return absl::FailedPreconditionError("the video takes too much memory or time");
  }
  // What ffmpeg says of broken videos is for its developers, and may quote the video.
  return absl::FailedPreconditionError("the video is damaged, or of a kind that cannot be read");
}

bool Videos::available() const { return !options_.ffmpeg.empty() && CanRestrictFiles(); }

absl::Status Videos::Try(const Call& call) {
  {
    absl::MutexLock lock(&mutex_);
    if (works_) return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const WorkFile nothing, NewFile());
  for (const char* program : {"ffprobe", "ffmpeg"}) {
    const absl::StatusOr<std::string> said = Run(
        call,
        {.program = program, .words = {"-version"}, .cpu = kLookCpu, .patience = options_.patience},
        nothing, nothing);
    if (said.ok()) continue;
    if (!absl::IsFailedPrecondition(said.status())) return said.status();
    return NoFfmpeg(absl::StrCat(program, " does not start"));
  }
  absl::MutexLock lock(&mutex_);
  works_ = true;
  return absl::OkStatus();
}

absl::StatusOr<VideoLook> Videos::LookAt(const Call& call, const WorkFile& input) {
  ASSIGN_OR_RETURN(const int64_t size, input.Size());
  RETURN_IF_ERROR(CheckVideoSize(size));
  // What does not start would refuse every video.
  RETURN_IF_ERROR(Try(call));
  ASSIGN_OR_RETURN(const WorkFile nothing, NewFile());
  const auto ask = [&](const char* program, std::vector<std::string> words) {
    return Run(call,
               {.program = program,
                .words = std::move(words),
                .cpu = kLookCpu,
                .patience = options_.patience},
               input, nothing);
  };
  ASSIGN_OR_RETURN(const std::string said, ask("ffprobe", ProbeWords()));
  ASSIGN_OR_RETURN(const Probe probe, ReadProbe(said));
  RETURN_IF_ERROR(CheckProbe(probe));
  if (probe.codec.empty()) return VideoLook{};
  ASSIGN_OR_RETURN(const std::string progress, ask("ffmpeg", MeasureWords()));
  const absl::Duration length = LengthOf(probe, ReadProgress(progress));
  RETURN_IF_ERROR(CheckLength(length));
  return VideoLook{.width = probe.width, .height = probe.height, .length = length};
}

absl::StatusOr<std::string> Videos::Poster(const Call& call, const WorkFile& input,
                                           const VideoLook& look) {
  std::string png;
  // Where nothing can be decoded there, the first frame will do.
  for (const absl::Duration at : {std::min(kPosterAt, look.length / 2), absl::ZeroDuration()}) {
    ASSIGN_OR_RETURN(const WorkFile output, NewFile());
    const absl::StatusOr<std::string> said = Run(call,
                                                 {.program = "ffmpeg",
                                                  .words = PosterWords(at),
                                                  .cpu = kLookCpu,
                                                  .patience = options_.patience,
                                                  .output_bytes = kPosterBytes},
                                                 input, output);
    RETURN_IF_ERROR(said.status());
    ASSIGN_OR_RETURN(png, output.Read(0, kPosterBytes));
    if (!png.empty()) return png;
  }
  return absl::FailedPreconditionError("the video has no picture that can be read");
}

absl::StatusOr<MadeVideo> Videos::Transcode(const Call& call, const WorkFile& input,
                                            const VideoLook& look, int lines) {
  constexpr int kSlow = 4;  // A machine that others use, too.
  ASSIGN_OR_RETURN(WorkFile output, NewFile());
  const absl::Duration cpu = TranscodeCpu(look.length);
  RETURN_IF_ERROR(Run(call,
                      {.program = "ffmpeg",
                       .words = TranscodeWords(lines),
                       .cpu = cpu,
                       .patience = options_.patience + kSlow * cpu,
                       .output_bytes = kMaxVideoBytes},
                      input, output)
                      .status());
  // What has come out is what counts.
  ASSIGN_OR_RETURN(const VideoLook made, LookAt(call, output));
  if (made.width == 0) return absl::FailedPreconditionError("the video cannot be decoded");
  return MadeVideo{.bytes = std::move(output), .look = made};
}

}  // namespace selfology::file
