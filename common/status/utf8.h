// Protobuf's string fields must be UTF-8: one bad byte in an error's message would lose all of its
// details.
#pragma once

#include <string>
#include <string_view>

namespace selfology::status_internal {

// The text with U+FFFD in place of what is not UTF-8.
std::string ValidUtf8(std::string_view text);

}  // namespace selfology::status_internal
