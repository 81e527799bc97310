#include "services/platform/file/tus/protocol.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/platform/file/digest.h"

namespace selfology::file::tus {
namespace {

constexpr size_t kMaxPairs = 64;
constexpr size_t kMaxParts = 64;
constexpr int64_t kMaxBytes = int64_t{1} << 53;

}  // namespace

absl::StatusOr<Metadata> ReadMetadata(std::string_view header) {
  Metadata metadata;
  if (absl::StripAsciiWhitespace(header).empty()) return metadata;
  for (std::string_view pair : absl::StrSplit(header, ',')) {
    pair = absl::StripAsciiWhitespace(pair);
    const size_t space = std::min(pair.find(' '), pair.size());
    const std::string_view key = pair.substr(0, space);
    const bool is_key = !key.empty() && std::all_of(key.begin(), key.end(), absl::ascii_isgraph);
    std::string value;
    if (!is_key || !absl::Base64Unescape(absl::StripAsciiWhitespace(pair.substr(space)), &value)) {
      return absl::InvalidArgumentError("Upload-Metadata: must be keys with Base64 values");
    }
    if (metadata.size() == kMaxPairs || !metadata.emplace(key, std::move(value)).second) {
      return absl::InvalidArgumentError("Upload-Metadata: must be at most 64 different keys");
    }
  }
  return metadata;
}

absl::StatusOr<Concat> ReadConcat(std::string_view header) {
  Concat concat;
  if (header.empty()) return concat;
  if (header == "partial") {
    concat.is_partial = true;
    return concat;
  }
  constexpr std::string_view kFinal = "final;";
  if (header.starts_with(kFinal)) {
    concat.parts = absl::StrSplit(header.substr(kFinal.size()), ' ', absl::SkipEmpty());
  }
  if (concat.parts.empty() || concat.parts.size() > kMaxParts) {
    return absl::InvalidArgumentError(
        "Upload-Concat: must be \"partial\", or \"final;\" and 1 to 64 addresses");
  }
  return concat;
}

absl::StatusOr<Checksum> ReadChecksum(std::string_view header) {
  const size_t space = std::min(header.find(' '), header.size());
  const std::string_view name = header.substr(0, space);
  Checksum checksum{};
  size_t size = 0;
  if (name == "sha1") {
    checksum.algorithm = Checksum::Algorithm::kSha1;
    size = 20;
  } else if (name == "sha256") {
    checksum.algorithm = Checksum::Algorithm::kSha256;
    size = 32;
  } else if (name == "md5") {
    checksum.algorithm = Checksum::Algorithm::kMd5;
    size = 16;
  } else {
    return absl::UnimplementedError("Upload-Checksum: must be of sha1, sha256 or md5");
  }
  if (!absl::Base64Unescape(absl::StripAsciiWhitespace(header.substr(space)), &checksum.digest) ||
      checksum.digest.size() != size) {
    return absl::InvalidArgumentError("Upload-Checksum: must be a digest in Base64");
  }
  return checksum;
}

bool Matches(const Checksum& checksum, std::string_view body) {
  switch (checksum.algorithm) {
    case Checksum::Algorithm::kSha1:
      return Sha1Of(body) == checksum.digest;
    case Checksum::Algorithm::kSha256:
      return Sha256::Of(body) == checksum.digest;
    case Checksum::Algorithm::kMd5:
      return Md5Of(body) == checksum.digest;
  }
  return false;
}

absl::StatusOr<int64_t> ReadBytes(std::string_view name, std::string_view header) {
  int64_t bytes = 0;
  const bool digits =
      !header.empty() && std::all_of(header.begin(), header.end(), absl::ascii_isdigit);
  if (!digits || !absl::SimpleAtoi(header, &bytes) || bytes > kMaxBytes) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": must be a number of bytes"));
  }
  return bytes;
}

std::string HttpTime(absl::Time time) {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", time, absl::UTCTimeZone());
}

}  // namespace selfology::file::tus
