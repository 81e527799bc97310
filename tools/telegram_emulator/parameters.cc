#include "tools/telegram_emulator/parameters.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/status/status_macros.h"

namespace selfology::telegram_emulator {
namespace {

using Values = std::map<std::string, std::string>;

void AddJson(const Json& object, Values& values) {
  for (const auto& [name, value] : object.items()) {
    if (value.is_null()) continue;
    values[name] = value.is_string() ? value.get<std::string>() : Dump(value);
  }
}

// name="value" in a header field.
std::string QuotedParameter(std::string_view header, std::string_view name) {
  for (absl::string_view part : absl::StrSplit(header, ';')) {
    part = absl::StripAsciiWhitespace(part);
    if (!absl::ConsumePrefix(&part, absl::StrCat(name, "="))) continue;
    absl::ConsumePrefix(&part, "\"");
    absl::ConsumeSuffix(&part, "\"");
    return std::string(part);
  }
  return "";
}

// The text fields of a multipart/form-data body (RFC 7578).
absl::Status AddMultipart(std::string_view content_type, std::string_view body, Values& values) {
  const std::string boundary = QuotedParameter(content_type, "boundary");
  if (boundary.empty()) return absl::InvalidArgumentError("no boundary in the Content-Type");
  const std::string delimiter = absl::StrCat("\r\n--", boundary);
  const std::string whole = absl::StrCat("\r\n", body);
  size_t begin = whole.find(delimiter);
  while (begin != std::string::npos) {
    begin += delimiter.size();
    if (whole.compare(begin, 2, "--") == 0) return absl::OkStatus();
    const size_t end = whole.find(delimiter, begin);
    if (end == std::string::npos) break;
    const std::string_view part = std::string_view(whole).substr(begin, end - begin);
    const size_t header_end = part.find("\r\n\r\n");
    if (header_end == std::string_view::npos) break;
    for (absl::string_view line : absl::StrSplit(part.substr(0, header_end), "\r\n")) {
      if (!absl::StartsWithIgnoreCase(line, "content-disposition:")) continue;
      const std::string name = QuotedParameter(line, "name");
      if (!name.empty()) values[name] = std::string(part.substr(header_end + 4));
    }
    begin = end;
  }
  return absl::InvalidArgumentError("malformed multipart body");
}

}  // namespace

absl::StatusOr<Parameters> Parameters::Parse(const http::Parameters& query,
                                             std::string_view content_type, std::string_view body) {
  Values values;
  for (const auto& [name, value] : query) values[name] = value;
  if (body.empty()) return Parameters(std::move(values));
  if (absl::StartsWithIgnoreCase(content_type, "application/json")) {
    absl::StatusOr<Json> json = ParseJson(body);
    if (!json.ok() || !json->is_object()) {
      return absl::InvalidArgumentError("can't parse request body as a JSON object");
    }
    AddJson(*json, values);
  } else if (absl::StartsWithIgnoreCase(content_type, "multipart/form-data")) {
    RETURN_IF_ERROR(AddMultipart(content_type, body, values));
  } else {
    ASSIGN_OR_RETURN(const http::Target form, http::ParseTarget(absl::StrCat("/?", body)));
    for (const auto& [name, value] : form.query) values[name] = value;
  }
  return Parameters(std::move(values));
}

Parameters Parameters::FromJson(const Json& object) {
  Values values;
  if (object.is_object()) AddJson(object, values);
  return Parameters(std::move(values));
}

std::string Parameters::Text(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? "" : found->second;
}

int64_t Parameters::Number(const std::string& name, int64_t fallback, int64_t lowest,
                           int64_t highest) const {
  int64_t number = fallback;
  if (const auto found = values_.find(name); found != values_.end() && !found->second.empty()) {
    if (!absl::SimpleAtoi(found->second, &number)) number = 0;
  }
  return std::clamp(number, lowest, highest);
}

bool Parameters::Flag(const std::string& name) const {
  const std::string value = absl::AsciiStrToLower(Text(name));
  return value == "true" || value == "yes" || value == "1";
}

}  // namespace selfology::telegram_emulator
