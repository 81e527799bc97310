// Whether an address belongs to the public Internet: what a URL of somebody else's choice may lead to,
// so that nobody makes us call machines of our own network (server-side request forgery).
//
//   http::Client client({.may_connect = &http::IsPublicAddress});
//
//   ASSIGN_OR_RETURN(std::vector<http::Network> allowed, http::ParseNetworks({"127.0.0.0/8"}));
//   http::IsPublicAddress("127.0.0.1");                // false
//   http::IsPublicOrIn("127.0.0.1", allowed);          // true: an operator's setting
//
// Public is what is given out to people: IPv4 and 2000::/3, without what the registries below reserve.
// They call the anycast services of the nearest network (192.0.0.9, AS112, AMT) globally reachable; here
// they are not public, since whoever answers is a neighbour. IPv4 addresses within IPv6: mapped ones
// (::ffff:0:0/96) and NAT64's (64:ff9b::/96) count as the IPv4 address; compatible ones, 6to4, Teredo and
// ISATAP are tunnels that nobody needs today and are refused.
//
// Ask it of addresses, after names have been resolved, at each connection: a name may change its
// address between two looks, and "0x7f.1" is a spelling of 127.0.0.1. http::Client does so.
// Not known to it: public addresses that an operator gave to machines meant to be private, and the
// prefix of a NAT64 of their own (RFC 6052).
//
// Threads: pure functions.
// Sources, as of 2026:
//   https://www.iana.org/assignments/iana-ipv4-special-registry (RFC 6890, RFC 8190)
//   https://www.iana.org/assignments/iana-ipv6-special-registry (RFC 6890, RFC 8190, RFC 9602, RFC 9637)
//   https://www.iana.org/assignments/ipv6-address-space (RFC 4291: 2000::/3)
//   https://www.iana.org/assignments/multicast-addresses (RFC 5771: 224.0.0.0/4)
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace selfology::http {

struct Network {
  std::array<uint8_t, 16> address = {};  // IPv4's as ::ffff:a.b.c.d.
  int bits = 0;                          // Of the 128, how many count.
};

// "10.0.0.0/8", "fd00::/8". INVALID_ARGUMENT says which is none. Bits after the prefix do not count.
absl::StatusOr<std::vector<Network>> ParseNetworks(absl::Span<const std::string> texts);

// address: as inet_ntop writes it, "192.0.2.1" or "2001:db8::1". False for all that is no address: names,
// numbers, brackets, ports, zone ids ("fe80::1%eth0"), spaces.
bool IsPublicAddress(std::string_view address);

// Or in one of the networks; ::ffff:10.0.0.1 is in 10.0.0.0/8, too.
bool IsPublicOrIn(std::string_view address, absl::Span<const Network> networks);

}  // namespace selfology::http
