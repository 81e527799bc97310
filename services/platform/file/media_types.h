// What bytes are, whatever their sender says, and what of them is refused.
//
//   const std::string type = SniffMediaType(head);          // "image/jpeg"
//   RETURN_IF_ERROR(CheckContent(type, head, tail));        // FAILED_PRECONDITION says why not
//
// `head` are the first kHeadBytes of a file, or all; `tail` the last kTailBytes, or all.
// Threads: pure functions. Sources: the formats' own signatures (PNG, ISO 14496-12, RIFF, APPNOTE
// 6.3.9, GIF89a, T.81); https://mimesniff.spec.whatwg.org for HTML.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace selfology::file {

inline constexpr size_t kHeadBytes = 64 * 1024;
inline constexpr size_t kTailBytes = 66 * 1024;  // An end of a ZIP file with the longest comment.

// "application/octet-stream" for what is not known, "text/plain" for UTF-8 without control
// characters.
std::string SniffMediaType(std::string_view head);

// Pictures that can be resized.
bool IsPicture(std::string_view media_type);

// What may be a video of a kind that can be processed, or only sound.
bool IsVideo(std::string_view media_type);

// FAILED_PRECONDITION, with a reason for the owner, for what can run in a browser as a picture (SVG)
// and for files that are a picture and something else at once.
absl::Status CheckContent(std::string_view media_type, std::string_view head,
                          std::string_view tail);

}  // namespace selfology::file
