#include "services/platform/file/links.h"

#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/crypto.h"
#include "common/http/url.h"
#include "common/status/status.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::file {
namespace {

// The lengths keep two different links from being the same text.
std::string SignatureOf(std::string_view secret, const Link& link) {
  return absl::WebSafeBase64Escape(crypto::HmacSha256(
      secret,
      absl::StrCat("link/1\n", link.file_id.size(), ":", link.file_id, "\n", link.variant.size(),
                   ":", link.variant, "\n", absl::ToUnixSeconds(link.expires_at))));
}

absl::Status Refused(std::string_view why) {
  return status::Error(mesh::v1::ERROR_CODE_PERMISSION_DENIED, why);
}

}  // namespace

std::string LinkTo(std::string_view base, std::string_view secret, const Link& link) {
  std::string url = absl::StrCat(base, "/files/", http::Encode(link.file_id),
                                 "?expires=", absl::ToUnixSeconds(link.expires_at));
  if (!link.variant.empty()) absl::StrAppend(&url, "&variant=", http::Encode(link.variant));
  absl::StrAppend(&url, "&signature=", SignatureOf(secret, link));
  return url;
}

absl::StatusOr<Link> ReadLink(std::string_view secret, std::string_view file_id,
                              std::string_view variant, std::string_view expires,
                              std::string_view signature, absl::Time now) {
  int64_t seconds = 0;
  if (!absl::SimpleAtoi(expires, &seconds)) return Refused("the link is malformed");
  const Link link{.file_id = std::string(file_id),
                  .variant = std::string(variant),
                  .expires_at = absl::FromUnixSeconds(seconds)};
  if (!crypto::SameBytes(SignatureOf(secret, link), signature))
    return Refused("the link is not ours");
  if (link.expires_at <= now) return Refused("the link has expired");
  return link;
}

}  // namespace selfology::file
