// Names for a caller: one to count by, one to log.
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "common/http/message.h"
#include "common/identity/caller.h"

namespace selfology::api_gateway {

// Whom a rate limit counts: the person, API key or service, else the address.
std::string RateKeyOf(const identity::Caller& caller, std::string_view address);

// 12 hexadecimal digits that are the same for one caller as long as the secret is: to tell callers
// apart in logs without saying who they are. "-" for who came without a token.
std::string PseudonymOf(const identity::Caller& caller, std::string_view secret);

// 12 hexadecimal digits that stand for the text as long as the secret is the same.
std::string KeyedHash(std::string_view text, std::string_view secret);

// The client's address: the peer's, or, behind so many proxies of ours, the one that the outermost of
// these added to X-Forwarded-For.
std::string ClientAddress(std::string_view peer, const http::Headers& headers, int proxies);

}  // namespace selfology::api_gateway
