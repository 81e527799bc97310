// What a request to a stand-in carries.
#pragma once

#include <string>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/http/server.h"
#include "common/http/url.h"
#include "nlohmann/json.hpp"

namespace selfology::social {

// JSON, or a form as many clients send it: then all values are texts. An object, whatever was sent.
inline nlohmann::json SentBody(const http::Request& request) {
  nlohmann::json body = nlohmann::json::object();
  if (absl::StartsWith(request.headers.Get("Content-Type").value_or(""), "application/json")) {
    nlohmann::json sent = nlohmann::json::parse(request.body, nullptr, /*allow_exceptions=*/false);
    return sent.is_object() ? sent : body;
  }
  const absl::StatusOr<http::Parameters> form = http::ParseForm(request.body);
  if (!form.ok()) return body;
  for (const auto& [name, value] : *form) body[name] = value;
  return body;
}

// Of multipart/form-data; empty where there is no such field.
inline std::string FormField(const http::Request& request, std::string_view name) {
  const std::string head = absl::StrCat("name=\"", name, "\"\r\n\r\n");
  const size_t at = request.body.find(head);
  if (at == std::string::npos) return "";
  const size_t begin = at + head.size();
  return request.body.substr(begin, request.body.find("\r\n--", begin) - begin);
}

}  // namespace selfology::social
