// gzip, for answers. Pure. Source: RFC 1952.
#pragma once

#include <string>
#include <string_view>

namespace selfology::api_gateway {

// Below that much, packing costs more than it saves.
inline constexpr size_t kWorthPacking = 1024;

// Empty: not to be had (out of memory).
std::string Gzip(std::string_view text);

}  // namespace selfology::api_gateway
