// Which addresses a browser's push service may have. The endpoint of a subscription is a URL that a
// client chose: it must not lead to the machines around us.
//
//   http::Client client({.may_connect = &IsPublicAddress});
//
// Threads: pure functions. Sources: the IANA special-purpose address registries (RFC 6890).
#pragma once

#include <string_view>

namespace selfology::notification {

// "192.0.2.1" or "2001:db8::1": one of the public Internet. IPv4 within IPv6 counts as IPv4.
bool IsPublicAddress(std::string_view address);

}  // namespace selfology::notification
