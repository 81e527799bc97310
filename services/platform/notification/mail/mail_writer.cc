#include "services/platform/notification/mail/mail_writer.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/text/utf8.h"
#include "services/platform/notification/decisions/texts.h"

namespace selfology::notification {
namespace {

constexpr std::string_view kNewLine = "\r\n";
constexpr size_t kLongestLine = 76;  // RFC 2045, 6.7.
constexpr size_t kLongestHeaderLine = 78;
constexpr size_t kLongestAddress = 254;
// An encoded word has 75 characters: "=?UTF-8?B?" and "?=" leave 63, which are 45 bytes in base64.
constexpr size_t kBytesOfWord = 45;

bool IsPrintableAscii(std::string_view words) {
  return std::all_of(words.begin(), words.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

// One that no part can contain: parts are quoted-printable, in which "=_" does not occur.
std::string Boundary(std::string_view message_id) {
  return absl::StrCat("=_", absl::WebSafeBase64Escape(message_id.substr(0, 40)));
}

// Broken where white space allows it, in a name or subject of ASCII words.
std::string Folded(std::string_view field, std::string_view words) {
  std::string out(field);
  size_t width = field.size();
  for (size_t begin = 0; begin < words.size();) {
    size_t end = words.find(' ', begin + 1);
    if (end == std::string_view::npos) end = words.size();
    const std::string_view word = words.substr(begin, end - begin);
    if (begin > 0 && width + word.size() > kLongestHeaderLine && word.front() == ' ') {
      absl::StrAppend(&out, kNewLine);
      width = 0;
    }
    absl::StrAppend(&out, word);
    width += word.size();
    begin = end;
  }
  return out;
}

void AddPart(std::string& mail, std::string_view boundary, std::string_view type,
             std::string_view content) {
  absl::StrAppend(&mail, "--", boundary, kNewLine, "Content-Type: ", type, "; charset=utf-8",
                  kNewLine, "Content-Transfer-Encoding: quoted-printable", kNewLine, kNewLine,
                  QuotedPrintable(content), kNewLine);
}

// A name as a display name: quoted where it has marks that mean something.
std::string DisplayName(std::string_view name) {
  const std::string line = OneLine(name);
  if (!IsPrintableAscii(line)) return HeaderWords(line);
  std::string quoted = "\"";
  for (const char c : line) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace

std::string QuotedPrintable(std::string_view text) {
  std::string out;
  size_t width = 0;
  // Room for the soft line break.
  const auto put = [&](std::string_view piece) {
    if (width + piece.size() > kLongestLine - 1) {
      absl::StrAppend(&out, "=", kNewLine);
      width = 0;
    }
    absl::StrAppend(&out, piece);
    width += piece.size();
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n' || (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n')) {
      if (c == '\r') ++i;
      absl::StrAppend(&out, kNewLine);
      width = 0;
      continue;
    }
    const bool line_ends = i + 1 == text.size() || text[i + 1] == '\n' || text[i + 1] == '\r';
    const bool is_space = c == ' ' || c == '\t';
    const bool is_plain = (c > 0x20 && c < 0x7f && c != '=') || (is_space && !line_ends);
    // Mail programs of old took lines that begin with "From " or are a dot for something else.
    const bool begins_line = width == 0 || width + 1 > kLongestLine - 1;
    const bool is_trap = begins_line && (c == '.' || absl::StartsWith(text.substr(i), "From "));
    if (is_plain && !is_trap) {
      put(text.substr(i, 1));
    } else {
      constexpr char kDigits[] = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      const char escaped[] = {'=', kDigits[byte >> 4], kDigits[byte & 15]};
      put({escaped, sizeof escaped});
    }
  }
  return out;
}

std::string HeaderWords(std::string_view words) {
  const std::string line = OneLine(words);
  const bool has_long_word = [&] {
    size_t since = 0;
    for (size_t i = 0; i < line.size(); ++i) {
      since = line[i] == ' ' ? 0 : since + 1;
      if (since > kLongestHeaderLine - 20) return true;
    }
    return false;
  }();
  if (IsPrintableAscii(line) && !has_long_word && !absl::StrContains(line, "=?")) return line;
  std::string out;
  for (std::string_view rest = line; !rest.empty();) {
    std::string_view piece = rest;
    size_t taken = 0;
    while (!rest.empty()) {
      std::string_view after = rest;
      text::TakeCharacter(after);
      const size_t size = rest.size() - after.size();
      if (taken + size > kBytesOfWord) break;
      taken += size;
      rest = after;
    }
    piece = piece.substr(0, taken);
    absl::StrAppend(&out, out.empty() ? "" : "\r\n ", "=?UTF-8?B?", absl::Base64Escape(piece),
                    "?=");
  }
  return out;
}

bool IsMailAddress(std::string_view address) {
  const size_t at = address.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < address.size() &&
         address.find('@', at + 1) == std::string_view::npos && address.size() <= kLongestAddress &&
         std::none_of(address.begin(), address.end(), [](char c) {
           return absl::ascii_iscntrl(static_cast<unsigned char>(c)) || c == ' ' || c == '<' ||
                  c == '>' || c == ',' || c == ';' || c == '"';
         });
}

std::string WriteMail(const MailParts& parts) {
  const std::string boundary = Boundary(parts.message_id);
  const std::string subject = HeaderWords(parts.subject);
  std::string mail = absl::StrCat(
      "Date: ", absl::FormatTime("%a, %d %b %E4Y %H:%M:%S +0000", parts.date, absl::UTCTimeZone()),
      kNewLine,
      "From: ", parts.from_name.empty() ? "" : absl::StrCat(DisplayName(parts.from_name), " "), "<",
      OneLine(parts.from), ">", kNewLine, "To: <", OneLine(parts.to), ">", kNewLine,
      absl::StrContains(subject, kNewLine) ? absl::StrCat("Subject: ", subject)
                                           : Folded("Subject: ", subject),
      kNewLine, "Message-ID: <", parts.message_id, ">", kNewLine, "Auto-Submitted: auto-generated",
      kNewLine);
  if (!parts.unsubscribe_url.empty()) {
    absl::StrAppend(&mail, "List-Unsubscribe: <", OneLine(parts.unsubscribe_url), ">", kNewLine,
                    "List-Unsubscribe-Post: List-Unsubscribe=One-Click", kNewLine);
  }
  absl::StrAppend(&mail, "MIME-Version: 1.0", kNewLine,
                  "Content-Type: multipart/alternative; boundary=\"", boundary, "\"", kNewLine,
                  kNewLine);
  AddPart(mail, boundary, "text/plain", parts.text);
  if (!parts.html.empty()) AddPart(mail, boundary, "text/html", parts.html);
  absl::StrAppend(&mail, "--", boundary, "--", kNewLine);
  return mail;
}

}  // namespace selfology::notification
