// Whether an address belongs to the public Internet: servers that people name may lie nowhere else.
//
//   http::Client client({.may_connect = &IsPublicAddress});
//
// Threads: pure. Source: IANA's registries of special-purpose addresses (RFC 6890).
#pragma once

#include <string_view>

namespace selfology::social {

// "192.0.2.1" or "2001:db8::1". False for what is no address.
bool IsPublicAddress(std::string_view address);

}  // namespace selfology::social
