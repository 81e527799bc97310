// AWS Signature Version 4, as S3 wants it: what proves that a request is ours.
//
//   const Signed put = Sign(keys, {.method = "PUT", .host = "bucket.s3.amazonaws.com",
//                                  .path = "/a/b", .payload_sha256 = ToHex(Sha256::Of(bytes))}, now);
//   for (const auto& [name, value] : put.headers) request.headers.Set(name, value);
//
//   const std::string query = Presign(keys, {.method = "GET", ...}, now, absl::Hours(1));
//
// Threads: pure functions; time is passed in.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html and
// sigv4-query-string-auth.html, whose examples are the tests' vectors.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace selfology::file {

struct SigningKeys {
  std::string access_key = {};
  std::string secret_key = {};
  std::string region = "us-east-1";
};

struct S3Request {
  std::string method = "GET";
  std::string host = {};   // With the port unless it is the scheme's own.
  std::string path = "/";  // Not encoded.
  std::vector<std::pair<std::string, std::string>> query = {};  // Not encoded.
  std::map<std::string, std::string> headers = {};              // Lower-case names; to be signed.
  std::string payload_sha256 = {};  // Hexadecimal, or "UNSIGNED-PAYLOAD".
};

// A path or a part of a query as S3 encodes it: all but A-Z, a-z, 0-9, "-", ".", "_", "~", and, in
// paths, "/".
std::string UriEncode(std::string_view text, bool keep_slashes);
// "a=b&c=d", encoded, in the order of the names.
std::string CanonicalQuery(std::vector<std::pair<std::string, std::string>> query);

// The headers to send besides those of the request: Authorization, x-amz-date, x-amz-content-sha256.
std::vector<std::pair<std::string, std::string>> Sign(const SigningKeys& keys,
                                                      const S3Request& request, absl::Time now);

// The query, encoded, of an address that anybody can use until then. lifetime: whole seconds, at
// most 7 days.
std::string Presign(const SigningKeys& keys, const S3Request& request, absl::Time now,
                    absl::Duration lifetime);

}  // namespace selfology::file
