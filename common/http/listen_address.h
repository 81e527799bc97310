// The address that a server listens on, as settings write it.
//
//   ASSIGN_OR_RETURN(http::ListenAddress address, http::ParseListenAddress("[::]:8080"));
//   address.host;                        // "::"
//   http::Format(address);               // "[::]:8080"
//
// IPv6 addresses are in brackets, as in URLs. Port 0 means any free port.
// Errors: INVALID_ARGUMENT that says what is wrong; the caller adds the setting's name.
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace selfology::http {

struct ListenAddress {
  std::string host;  // An IP address without brackets.
  uint16_t port = 0;
  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

absl::StatusOr<ListenAddress> ParseListenAddress(std::string_view text);

std::string Format(const ListenAddress& address);

}  // namespace selfology::http
