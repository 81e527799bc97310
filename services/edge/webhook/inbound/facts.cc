#include "services/edge/webhook/inbound/facts.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/http/url.h"
#include "common/json/value.h"

namespace selfology::webhook {
namespace {

Json ReadForm(std::string_view text) {
  const auto fields = http::ParseForm(text);
  if (!fields.ok()) return Json(Json::value_t::discarded);
  Json object = Json::object();
  for (const auto& [name, value] : *fields) {
    if (!IsText(name) || !IsText(value)) continue;
    object.emplace(name, value);
  }
  if (const auto payload = object.find("payload"); payload != object.end()) {
    if (auto inner = json::ParseValue(payload->get<std::string>());
        inner.ok() && inner->is_object()) {
      return *std::move(inner);
    }
  }
  return object;
}

Json Object(const std::map<std::string, std::string, std::less<>>& fields) {
  Json object = Json::object();
  for (const auto& [name, value] : fields) {
    if (IsSecretHeader(name) || !IsText(name) || !IsText(value)) continue;
    object[name] = value;
  }
  return object;
}

}  // namespace

Json ReadBody(const Incoming& incoming) {
  const std::string type = absl::AsciiStrToLower(incoming.Header("content-type"));
  if (absl::StartsWith(type, "application/x-www-form-urlencoded")) return ReadForm(incoming.body);
  if (auto value = json::ParseValue(incoming.body); value.ok()) return *std::move(value);
  if (absl::StrContains(type, "json") || !IsText(incoming.body)) {
    return Json(Json::value_t::discarded);
  }
  return Json(incoming.body);
}

Json Facts(std::string_view endpoint_id, std::string_view provider, const Said& said,
           const Incoming& incoming, const Json& body) {
  return {{"endpoint", endpoint_id},
          {"provider", provider},
          {"kind", said.kind},
          {"event_kind", said.event_kind},
          {"header", Object(incoming.headers)},
          {"query", Object(incoming.query)},
          {"body", body}};
}

bool IsSecretHeader(std::string_view lower_case_name) {
  constexpr std::string_view kSecrets[] = {"authorization", "cookie", "proxy-authorization",
                                           "secret", "x-webhook-secret"};
  return std::find(std::begin(kSecrets), std::end(kSecrets), lower_case_name) != std::end(kSecrets);
}

}  // namespace selfology::webhook
