#include "tools/telegram_emulator/multipart.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace selfology::telegram_emulator {
namespace {

constexpr size_t kLongestBoundary = 70;  // RFC 2046, 5.1.1.
constexpr size_t kMostParts = 100;
constexpr size_t kMostHeaderBytes = 8 << 10;
constexpr std::string_view kLineEnd = "\r\n";

absl::Status Bad(std::string_view words) { return absl::InvalidArgumentError(words); }

bool Take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// What stands before the delimiter, which is taken too.
std::optional<std::string_view> TakeUntil(std::string_view& text, std::string_view delimiter) {
  const size_t at = text.find(delimiter);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view before = text.substr(0, at);
  text.remove_prefix(at + delimiter.size());
  return before;
}

// "value" or value, from the beginning of the text.
absl::StatusOr<std::string> TakeValue(std::string_view& text) {
  std::string value;
  if (!Take(text, "\"")) {
    const size_t end = std::min(text.find(';'), text.size());
    value = std::string(absl::StripTrailingAsciiWhitespace(text.substr(0, end)));
    text.remove_prefix(end);
    return value;
  }
  while (!text.empty() && text.front() != '"') {
    // Only quotes and backslashes are escaped; browsers send "%22" instead.
    const bool escaped =
        text.front() == '\\' && text.size() > 1 && (text[1] == '"' || text[1] == '\\');
    value.push_back(text[escaped ? 1 : 0]);
    text.remove_prefix(escaped ? 2 : 1);
  }
  if (!Take(text, "\"")) return Bad("unclosed quoted string in Content-Disposition header");
  return value;
}

// name=value; name="value"; ... behind a header's own value.
absl::Status ForEachParameter(std::string_view text, auto take) {
  while (!(text = absl::StripAsciiWhitespace(text)).empty()) {
    if (!Take(text, ";")) return Bad("expected ';' in Content-Disposition header");
    text = absl::StripLeadingAsciiWhitespace(text);
    if (text.empty()) return absl::OkStatus();
    const std::optional<std::string_view> name = TakeUntil(text, "=");
    if (!name.has_value()) return Bad("can't parse form data headers");
    ASSIGN_OR_RETURN(std::string value, TakeValue(text));
    take(absl::AsciiStrToLower(absl::StripTrailingAsciiWhitespace(*name)), std::move(value));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> BoundaryOf(std::string_view content_type) {
  const size_t semicolon = content_type.find(';');
  if (semicolon == std::string_view::npos) return Bad("boundary not found");
  std::string boundary;
  RETURN_IF_ERROR(ForEachParameter(content_type.substr(semicolon),
                                   [&](std::string_view name, std::string value) {
                                     if (name == "boundary") boundary = std::move(value);
                                   }));
  if (boundary.empty() || boundary.size() > kLongestBoundary) {
    return Bad("boundary too big or empty");
  }
  return boundary;
}

absl::Status ReadDisposition(std::string_view value, Part& part) {
  const size_t end = std::min(value.find(';'), value.size());
  if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(value.substr(0, end)), "form-data")) {
    return Bad("expected form-data content disposition");
  }
  return ForEachParameter(value.substr(end), [&](std::string_view name, std::string text) {
    if (name == "name") {
      part.name = std::move(text);
    } else if (name == "filename") {
      part.is_file = true;
      part.file_name = std::move(text);
    } else if (name == "filename*") {
      part.is_file = true;
    }
  });
}

absl::Status ReadHeader(std::string_view line, Part& part) {
  const std::optional<std::string_view> name = TakeUntil(line, ":");
  if (!name.has_value() || name->empty()) return Bad("can't parse form data headers");
  const std::string_view value = absl::StripAsciiWhitespace(line);
  if (absl::EqualsIgnoreCase(*name, "content-disposition")) return ReadDisposition(value, part);
  if (absl::EqualsIgnoreCase(*name, "content-type")) part.content_type = std::string(value);
  return absl::OkStatus();
}

absl::StatusOr<Part> ReadPart(std::string_view text) {
  Part part;
  size_t read = 0;
  while (!Take(text, kLineEnd)) {
    const std::optional<std::string_view> line = TakeUntil(text, kLineEnd);
    if (!line.has_value()) return Bad("can't parse form data headers");
    read += line->size();
    if (read > kMostHeaderBytes) return Bad("can't parse form data headers");
    RETURN_IF_ERROR(ReadHeader(*line, part));
  }
  if (read == 0) return Bad("headers in multipart/form-data are empty");
  if (part.name.empty()) return Bad("field name in multipart/form-data not found");
  part.content = text;
  return part;
}

}  // namespace

absl::StatusOr<std::vector<Part>> ParseMultipart(std::string_view content_type,
                                                 std::string_view body) {
  ASSIGN_OR_RETURN(const std::string boundary, BoundaryOf(content_type));
  const std::string delimiter = absl::StrCat("\r\n--", boundary);
  std::vector<Part> parts;
  if (!Take(body, std::string_view(delimiter).substr(kLineEnd.size()))) {
    return Bad("unexpected end of request content");
  }
  while (!Take(body, "--")) {
    if (!Take(body, kLineEnd)) return Bad("unexpected end of request content");
    const std::optional<std::string_view> part = TakeUntil(body, delimiter);
    if (!part.has_value()) return Bad("unexpected end of request content");
    if (parts.size() == kMostParts) return Bad("too many parameters in form data");
    ASSIGN_OR_RETURN(Part read, ReadPart(*part));
    parts.push_back(std::move(read));
  }
  if (!body.empty() && body != kLineEnd) return Bad("unexpected end of request content");
  return parts;
}

}  // namespace selfology::telegram_emulator
