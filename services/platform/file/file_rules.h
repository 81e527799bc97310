// What may be asked of the file service.
//
//   status::FieldViolations bad = status::CheckUser(request);
//   CheckName(request.name(), bad);
//   ASSIGN_OR_RETURN(const uuid::Uuid id, ReadId("file_id", request.file_id()));
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/status/status.h"
#include "common/uuid/uuid.h"

namespace selfology::file {

inline constexpr int kMaxName = 255;                   // Unicode code points.
inline constexpr int64_t kMaxUnary = 3 * 1024 * 1024;  // Bytes in one message.
inline constexpr int64_t kMaxPiece =
    8 * 1024 * 1024;                           // Bytes in one request over HTTP, and in an object.
inline constexpr int64_t kMaxPieces = 10'000;  // Of one upload.
inline constexpr int kMaxUploads = 100;        // Unfinished ones of one person.

struct Limits {
  int64_t max_file_bytes = int64_t{500} * 1024 * 1024;
  int64_t quota_bytes = int64_t{1024} * 1024 * 1024;  // Of one person.
  absl::Duration upload_life = absl::Hours(24);       // Of an unfinished upload.
  int64_t object_bytes = kMaxPiece;                   // Of what is made, in one object.
};

// At most kMaxName characters, none of them a control character, "/" or "\".
void CheckName(std::string_view name, status::FieldViolations& bad);
// What a name from elsewhere, such as a tus client's, becomes: its last part, without what CheckName
// refuses.
std::string CleanName(std::string_view name);
// At most 32 of a to z, 0 to 9, "_" and ".".
void CheckPurpose(std::string_view purpose, status::FieldViolations& bad);

// INVALID_ARGUMENT naming the field.
absl::StatusOr<uuid::Uuid> ReadId(std::string_view field, std::string_view text);

// The name of an object: "<first two hexadecimal digits>/<the id>". The id is of version 4, so that
// objects spread evenly and tell nothing.
std::string KeyOf(const uuid::Uuid& random);
bool IsKey(std::string_view key);

// Takes the prefix off the front of the text; false, and nothing taken, if it does not begin so.
bool TakePrefix(std::string_view& text, std::string_view prefix);

// What of a content, from `offset` on and `limit` bytes at most, lies in a piece.
struct Piece {
  std::string key;
  int64_t begins;
  int64_t size;
};
struct Slice {
  std::string key;
  int64_t offset;  // In the piece.
  int64_t size;
  friend bool operator==(const Slice&, const Slice&) = default;
};
// `pieces` in their order, without gaps.
std::vector<Slice> SlicesOf(const std::vector<Piece>& pieces, int64_t offset, int64_t limit);

// What a client asks for by a Range header of one range (RFC 9110, section 14.2).
struct ByteRange {
  enum class Kind { kWhole, kPart, kUnsatisfiable };
  Kind kind = Kind::kWhole;  // kWhole also for what is malformed, or has several ranges.
  int64_t offset = 0;
  int64_t length = 0;
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};
ByteRange ReadRange(std::string_view header, int64_t size);

// The Content-Disposition (RFC 6266) of a file: shown in place only for what a browser plays and
// cannot run, and for pages of ours.
std::string DispositionOf(std::string_view media_type, std::string_view name,
                          bool is_page_of_ours = false);

// The purpose of reports, whose pages are shown where their link leads instead of being saved. So it
// is for services only: a page of a person's on this address could pretend to be somebody else's.
inline constexpr std::string_view kReportPurpose = "analytics.report";

// When a check that could not be done is tried again: 5 s, 10 s ... 10 min.
absl::Duration CheckAgainAfter(int checks);

}  // namespace selfology::file
