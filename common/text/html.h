// Text within HTML.
//
//   "<b>" + text::EscapeHtml(title) + "</b>"
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace selfology::text {

// &, <, > and " as entities, which is all that Telegram's parser and attributes need.
std::string EscapeHtml(std::string_view text);

}  // namespace selfology::text
