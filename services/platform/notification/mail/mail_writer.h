// Writes mails as they go to a server.
//
//   const std::string mail = WriteMail({.from_name = "Selfology", .from = "bot@example.org",
//                                       .to = "ann@example.org", .subject = "Срок: чай",
//                                       .message_id = "n7.1@example.org", .date = now,
//                                       .text = text, .html = html,
//                                       .unsubscribe_url = "https://..."});
//
// multipart/alternative of text and HTML, both UTF-8 as quoted-printable, so that every line is short
// and ASCII; what a header field cannot hold is an encoded word. Line breaks in a header's words
// become spaces: nothing that a person wrote can begin a header. With an unsubscribe URL it has the
// fields of RFC 8058. Threads: pure functions.
// Sources: RFC 5322, RFC 2045 (6.7), RFC 2046 (5.1.4), RFC 2047, RFC 8058, RFC 3834.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace selfology::notification {

struct MailParts {
  std::string from_name = {};
  std::string from = {};  // An address, checked before.
  std::string to = {};
  std::string subject = {};
  std::string message_id = {};  // Without the angle brackets.
  absl::Time date;
  std::string text = {};
  std::string html = {};
  std::string unsubscribe_url = {};  // Empty: there is no unsubscribing.
};

std::string WriteMail(const MailParts& parts);

// Quoted-printable with lines of at most 76 characters, ended by CR LF.
std::string QuotedPrintable(std::string_view text);

// The words of an unstructured header field: themselves where they are short ASCII, else encoded
// words of at most 75 characters, which break between characters.
std::string HeaderWords(std::string_view words);

// Whether mail can be addressed to it: one "@", no spaces, brackets or control characters, at most
// 254 bytes. Whether it exists only its server knows.
bool IsMailAddress(std::string_view address);

}  // namespace selfology::notification
