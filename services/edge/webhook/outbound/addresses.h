// Which network addresses a URL of somebody else's choice may lead to: public ones.
//
//   MayReach("93.184.216.34", {})                  // true
//   MayReach("169.254.169.254", {})                // false: link-local, where clouds keep secrets
//   MayReach("::ffff:10.0.0.1", {})                // false: what it stands for counts
//   MayReach("127.0.0.1", *ParseNetworks({"127.0.0.0/8"}))    // true: development
//
// IPv4 addresses that IPv6 carries inside (mapped, compatible, NAT64, 6to4, Teredo) count as
// themselves. Threads: pure functions.
// Sources: IANA's special-purpose address registries for IPv4 and IPv6 (RFC 6890 and updates).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace selfology::webhook {

// 16 bytes; an IPv4 address as ::ffff:a.b.c.d.
using AddressBytes = std::array<uint8_t, 16>;

struct Network {
  AddressBytes address = {};
  int prefix = 0;  // Bits of the 128.
};

// "10.0.0.0/8", "fd00::/8". INVALID_ARGUMENT names what is none.
absl::StatusOr<std::vector<Network>> ParseNetworks(absl::Span<const std::string> texts);

// address: as inet_ntop writes it; what is none may not be reached. allowed: may be reached besides.
bool MayReach(std::string_view address, absl::Span<const Network> allowed);

}  // namespace selfology::webhook
