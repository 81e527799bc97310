// A Bot API call's parameters, however they were sent: in the query, as a form, as multipart, as
// JSON. Telegram takes all values as text, so {"chat_id": 5} and chat_id=5 are the same, and nested
// JSON is text to be parsed later.
//
//   ASSIGN_OR_RETURN(Parameters parameters,
//                    Parameters::Parse(request.query, content_type, request.body));
//   parameters.Text("text");
//   parameters.Number("limit", /*fallback=*/100, 1, 100);
//   if (const Attachment* photo = parameters.File("photo")) Keep(*photo->bytes);
//
// Errors: INVALID_ARGUMENT for bodies that do not parse. Threads: values.
// Source: https://core.telegram.org/bots/api#making-requests
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/http/url.h"
#include "tools/telegram_emulator/json.h"

namespace selfology::telegram_emulator {

// A file in a multipart body.
struct Attachment {
  std::string name = {};
  std::string content_type = {};
  std::shared_ptr<const std::string> bytes = {};
};

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
  bool Flag(const std::string& name) const;               // "true", "yes", "1" in any case.
  const Attachment* File(const std::string& name) const;  // Null: there is none.

  // Files as words about them.
  Json ToJson() const;

 private:
  std::map<std::string, std::string> values_;
  std::map<std::string, Attachment> files_;
};

}  // namespace selfology::telegram_emulator
