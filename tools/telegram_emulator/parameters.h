// A Bot API call's parameters, however they were sent: in the query, as a form, as multipart, as
// JSON. Telegram takes all values as text, so {"chat_id": 5} and chat_id=5 are the same, and nested
// JSON is text to be parsed later.
//
//   ASSIGN_OR_RETURN(Parameters parameters,
//                    Parameters::Parse(request.query, content_type, request.body));
//   parameters.Text("text");
//   parameters.Number("limit", /*fallback=*/100, 1, 100);
//
// Errors: INVALID_ARGUMENT for bodies that do not parse. Files in multipart bodies are taken as
// text. Threads: values. Source: https://core.telegram.org/bots/api#making-requests
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/http/url.h"
#include "tools/telegram_emulator/json.h"

namespace selfology::telegram_emulator {

class Parameters {
 public:
  Parameters() = default;
  explicit Parameters(std::map<std::string, std::string> values) : values_(std::move(values)) {}

  static absl::StatusOr<Parameters> Parse(const http::Parameters& query,
                                          std::string_view content_type, std::string_view body);
  // Of a JSON object.
  static Parameters FromJson(const Json& object);

  bool Has(const std::string& name) const { return values_.contains(name); }
  std::string Text(const std::string& name) const;  // "" when missing.
  // What is no number counts as 0; then moved between lowest and highest.
  int64_t Number(const std::string& name, int64_t fallback, int64_t lowest = INT64_MIN,
                 int64_t highest = INT64_MAX) const;
  bool Flag(const std::string& name) const;  // "true", "yes", "1" in any case.

  Json ToJson() const { return values_; }

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace selfology::telegram_emulator
