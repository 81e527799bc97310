#include "tools/telegram_emulator/parameters.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "tools/telegram_emulator/multipart.h"

namespace selfology::telegram_emulator {
namespace {

using Values = std::map<std::string, std::string>;

void AddJson(const Json& object, Values& values) {
  for (const auto& [name, value] : object.items()) {
    if (value.is_null()) continue;
    values[name] = value.is_string() ? value.get<std::string>() : Dump(value);
  }
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
    ASSIGN_OR_RETURN(const std::vector<Part> parts, ParseMultipart(content_type, body));
    Parameters parameters;
    for (const Part& part : parts) {
      if (!part.is_file) {
        values[part.name] = std::string(part.content);
        continue;
      }
      parameters.files_[part.name] = {.name = part.file_name,
                                      .content_type = part.content_type,
                                      .bytes = std::make_shared<const std::string>(part.content)};
    }
    parameters.values_ = std::move(values);
    return parameters;
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

const Attachment* Parameters::File(const std::string& name) const {
  const auto found = files_.find(name);
  return found == files_.end() ? nullptr : &found->second;
}

Json Parameters::ToJson() const {
  Json json = values_;
  for (const auto& [name, file] : files_) {
    json[name] = absl::StrCat("file ", file.name, " of ", file.bytes->size(), " bytes");
  }
  return json;
}

}  // namespace selfology::telegram_emulator
