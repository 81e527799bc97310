#include "services/platform/file/storage/sigv4.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/crypto/crypto.h"
#include "services/platform/file/digest.h"

namespace selfology::file {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kUnsigned = "UNSIGNED-PAYLOAD";

std::string Stamp(absl::Time now) {
  return absl::FormatTime("%Y%m%dT%H%M%SZ", now, absl::UTCTimeZone());
}

std::string Scope(const SigningKeys& keys, std::string_view day) {
  return absl::StrCat(day, "/", keys.region, "/s3/aws4_request");
}

struct Named {
  std::string names;      // "host;x-amz-date"
  std::string canonical;  // "host:...\nx-amz-date:...\n"
};

// The map is in the order of the names, as is asked.
Named Canonical(const std::map<std::string, std::string>& headers) {
  Named named;
  for (const auto& [name, value] : headers) {
    absl::StrAppend(&named.names, named.names.empty() ? "" : ";", name);
    std::string clean(absl::StripAsciiWhitespace(value));
    absl::RemoveExtraAsciiWhitespace(&clean);
    absl::StrAppend(&named.canonical, name, ":", clean, "\n");
  }
  return named;
}

std::string Signature(const SigningKeys& keys, std::string_view stamp,
                      std::string_view canonical_request) {
  const std::string_view day = stamp.substr(0, 8);
  std::string key = crypto::HmacSha256(absl::StrCat("AWS4", keys.secret_key), day);
  for (const std::string_view step :
       {std::string_view(keys.region), std::string_view("s3"), std::string_view("aws4_request")}) {
    key = crypto::HmacSha256(key, step);
  }
  const std::string to_sign = absl::StrCat(kAlgorithm, "\n", stamp, "\n", Scope(keys, day), "\n",
                                           ToHex(Sha256::Of(canonical_request)));
  return ToHex(crypto::HmacSha256(key, to_sign));
}

std::string CanonicalRequest(const S3Request& request, std::string_view query, const Named& headers,
                             std::string_view payload) {
  return absl::StrCat(request.method, "\n", UriEncode(request.path, /*keep_slashes=*/true), "\n",
                      query, "\n", headers.canonical, "\n", headers.names, "\n", payload);
}

}  // namespace

std::string UriEncode(std::string_view text, bool keep_slashes) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || c == '-' || c == '.' || c == '_' || c == '~' ||
        (c == '/' && keep_slashes)) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kDigits[byte >> 4];
      encoded += kDigits[byte & 15];
    }
  }
  return encoded;
}

std::string CanonicalQuery(std::vector<std::pair<std::string, std::string>> query) {
  for (auto& [name, value] : query) {
    name = UriEncode(name, false);
    value = UriEncode(value, false);
  }
  std::sort(query.begin(), query.end());
  return absl::StrJoin(query, "&", absl::PairFormatter("="));
}

std::vector<std::pair<std::string, std::string>> Sign(const SigningKeys& keys,
                                                      const S3Request& request, absl::Time now) {
  const std::string stamp = Stamp(now);
  std::map<std::string, std::string> headers = request.headers;
  headers["host"] = request.host;
  headers["x-amz-date"] = stamp;
  headers["x-amz-content-sha256"] = request.payload_sha256;
  const Named named = Canonical(headers);
  const std::string signature = Signature(
      keys, stamp,
      CanonicalRequest(request, CanonicalQuery(request.query), named, request.payload_sha256));
  return {{"Authorization", absl::StrCat(kAlgorithm, " Credential=", keys.access_key, "/",
                                         Scope(keys, std::string_view(stamp).substr(0, 8)),
                                         ",SignedHeaders=", named.names, ",Signature=", signature)},
          {"x-amz-date", stamp},
          {"x-amz-content-sha256", request.payload_sha256}};
}

std::string Presign(const SigningKeys& keys, const S3Request& request, absl::Time now,
                    absl::Duration lifetime) {
  const std::string stamp = Stamp(now);
  std::map<std::string, std::string> headers = request.headers;
  headers["host"] = request.host;
  const Named named = Canonical(headers);
  std::vector<std::pair<std::string, std::string>> query = request.query;
  query.emplace_back("X-Amz-Algorithm", kAlgorithm);
  query.emplace_back(
      "X-Amz-Credential",
      absl::StrCat(keys.access_key, "/", Scope(keys, std::string_view(stamp).substr(0, 8))));
  query.emplace_back("X-Amz-Date", stamp);
  query.emplace_back("X-Amz-Expires", absl::StrCat(absl::ToInt64Seconds(lifetime)));
  query.emplace_back("X-Amz-SignedHeaders", named.names);
  const std::string canonical = CanonicalQuery(query);
  return absl::StrCat(
      canonical, "&X-Amz-Signature=",
      Signature(keys, stamp, CanonicalRequest(request, canonical, named, kUnsigned)));
}

}  // namespace selfology::file
