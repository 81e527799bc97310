// Bytes of feeds and pages as UTF-8.
//
//   const std::string utf8 = ToUtf8(body, DeclaredCharset(body, content_type));
//
// Bytes that are wrong in their encoding, and NUL, become U+FFFD.
// Threads: pure functions. Source: the index tables of the WHATWG Encoding Standard.
#pragma once

#include <string>
#include <string_view>

namespace selfology::channel_reader {

// What the Content-Type, else the XML declaration or <meta charset> says, in lower case; "utf-8" if
// none does.
std::string DeclaredCharset(std::string_view body, std::string_view content_type);

// Knows utf-8, windows-1251, koi8-r, windows-1252 and its subset iso-8859-1; whatever else is read as
// UTF-8.
std::string ToUtf8(std::string_view bytes, std::string_view charset);

}  // namespace selfology::channel_reader
