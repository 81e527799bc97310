// The words of a piece of HTML, as people see them: paragraphs and breaks are lines.
//
//   PlainOfHtml("<p>Hello <a href=...>@me</a></p><p>Bye</p>");   // "Hello @me\n\nBye"
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace selfology::social {

// Scripts and styles are left out.
std::string PlainOfHtml(std::string_view html);

}  // namespace selfology::social
