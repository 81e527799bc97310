// The words of tus 1.0.0: what a client's headers say.
//
//   ASSIGN_OR_RETURN(const Metadata metadata, ReadMetadata("filename d29ybGQ=,is_private"));
//   ASSIGN_OR_RETURN(const Checksum checksum, ReadChecksum("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="));
//   if (!Matches(checksum, body)) ...                                     // 460
//
// Errors: INVALID_ARGUMENT says what is wrong. Threads: pure functions.
// Source: https://tus.io/protocols/resumable-upload, version 1.0.0.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace selfology::file::tus {

inline constexpr std::string_view kVersion = "1.0.0";
inline constexpr std::string_view kExtensions =
    "creation,creation-with-upload,checksum,concatenation,expiration,termination";
inline constexpr std::string_view kChecksums = "sha1,sha256,md5";
inline constexpr std::string_view kPieceType = "application/offset+octet-stream";
inline constexpr int kChecksumMismatch = 460;  // HTTP status of the checksum extension.

using Metadata = std::map<std::string, std::string>;

// Pairs with commas between, a key and, behind a space, its value in Base64; a value may be missing.
// Keys are unique, of ASCII without space and comma.
absl::StatusOr<Metadata> ReadMetadata(std::string_view header);

struct Checksum {
  enum class Algorithm { kSha1, kSha256, kMd5 };
  Algorithm algorithm;
  std::string digest;  // Bytes.
};
// UNIMPLEMENTED: an algorithm that is not of kChecksums.
absl::StatusOr<Checksum> ReadChecksum(std::string_view header);
bool Matches(const Checksum& checksum, std::string_view body);

// "partial", or "final;" and the addresses of the parts; empty: neither.
struct Concat {
  bool is_partial = false;
  std::vector<std::string> parts = {};  // Not empty: it is the final one.
};
absl::StatusOr<Concat> ReadConcat(std::string_view header);

// A number of bytes: digits only, at most 2^53.
absl::StatusOr<int64_t> ReadBytes(std::string_view name, std::string_view header);

// As RFC 9110 writes times: "Wed, 25 Jun 2014 16:00:00 GMT".
std::string HttpTime(absl::Time time);

}  // namespace selfology::file::tus
