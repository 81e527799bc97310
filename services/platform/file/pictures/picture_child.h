// The part of this program that reads pictures: a process for each picture, with hard limits.
//
// Decoders of pictures read bytes of strangers, so they never run in the process that serves. The
// program starts itself again under the name kPictureChild (see pictures.h); then it runs what is
// declared here before main(), and ends. Starting costs more than most pictures, so that process only
// waits, and forks one for each picture; it ends when nobody has asked it for a while, or who
// started it has. A picture's process has its input at descriptor kInput, may write nowhere but to
// kOutput and standard output, opens no files and no sockets, and has little memory and time.
//
// A request is a message at descriptor kInput: words, each with a 0 after it, and the descriptors of
// input, output and answer; the answer to it is a pidfd of the picture's process. The words, and what
// that says, one line:
//
//   look                                             -> "ok jpeg 800 600 1"
//   make WIDTH HEIGHT COVER FORMAT QUALITY MAX_BYTES -> "ok 320 240"
//
// or "refused <reason>".
#pragma once

#include <cstddef>
#include <cstdint>

namespace selfology::file {

inline constexpr char kPictureChild[] = "selfology-picture";
inline constexpr int kInput = 3;
inline constexpr int kOutput = 4;
inline constexpr int kDescriptors = 3;        // Of a request.
inline constexpr size_t kLongestWords = 256;  // Bytes of all of them.

inline constexpr int64_t kMaxPixels = 50'000'000;  // Of one picture or frame.
inline constexpr int64_t kMaxFrames = 1'000;
inline constexpr int64_t kMaxAllPixels = 1'000'000'000;  // Of all frames together.

// Makes the linker keep the child's code; of no other use.
extern const int kPictureChildIsLinked;

}  // namespace selfology::file
