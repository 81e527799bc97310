// The secret that the processes of a mesh share, by which they know each other (access_control.h).
//
//   ASSIGN_OR_RETURN(const std::string secret, rpc::ReadServiceSecret("/run/secrets/mesh"));
//
// Threads: a pure function, but for the file.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace selfology::rpc {

// What the file holds: 32 or more printable ASCII characters without spaces, such as the output of
// `openssl rand -hex 32`; blanks around them do not count. INVALID_ARGUMENT otherwise, which never
// says what it holds.
absl::StatusOr<std::string> ReadServiceSecret(const std::string& path);

}  // namespace selfology::rpc
