// Links that expire: an address that says what may be read, until when, and that we said so.
//
//   std::string url = LinkTo(base, secret, {.file_id = id, .expires_at = now + absl::Hours(1)});
//   ASSIGN_OR_RETURN(Link link, ReadLink(secret, "/files/<id>", query, now));
//
// The signature is HMAC-SHA-256 over all that the link says; nothing about it is kept, so a link ends
// when it expires or its file is gone.
// Errors of ReadLink: PERMISSION_DENIED, forged or expired. Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace selfology::file {

struct Link {
  std::string file_id = {};
  std::string variant = {};  // Empty: the file itself.
  absl::Time expires_at;     // Whole seconds.
  friend bool operator==(const Link&, const Link&) = default;
};

// base: "https://files.example.org", before "/files/…".
std::string LinkTo(std::string_view base, std::string_view secret, const Link& link);

absl::StatusOr<Link> ReadLink(std::string_view secret, std::string_view file_id,
                              std::string_view variant, std::string_view expires,
                              std::string_view signature, absl::Time now);

}  // namespace selfology::file
