#include "services/edge/webhook/outbound/endpoint_rules.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/crypto.h"
#include "common/text/text.h"
#include "services/edge/webhook/inbound/incoming.h"

namespace selfology::webhook {
namespace {

constexpr size_t kMaxUrl = 2048;
constexpr int kMaxDescription = 200;
constexpr int kMaxEventTypes = 100;
constexpr int kMaxRetries = 19;
constexpr int kMaxRetrySeconds = 86'400;
constexpr int kMaxTimeoutSeconds = 30;
constexpr std::string_view kSecretPrefix = "whsec_";

bool IsHostLetter(char c) {
  return absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '_' || c == '[' || c == ']' ||
         c == ':';
}

// "host", "host:port", "[v6]:port".
bool IsAuthority(std::string_view text) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), IsHostLetter)) return false;
  std::string_view port;
  if (text.front() == '[') {
    const size_t end = text.find(']');
    if (end == std::string_view::npos || end == 1) return false;
    port = text.substr(end + 1);
  } else {
    const size_t colon = text.find(':');
    if (colon == 0) return false;
    port = colon == std::string_view::npos ? "" : text.substr(colon);
  }
  uint32_t number = 0;
  return port.empty() || (TakePrefix(port, ":") && port.size() <= 5 &&
                          absl::SimpleAtoi(port, &number) && number >= 1 && number <= 65535);
}

}  // namespace

void CheckUrl(std::string_view url, bool allow_http, status::FieldViolations& bad) {
  std::string_view rest = url;
  const bool has_scheme =
      TakePrefix(rest, "https://") || (allow_http && TakePrefix(rest, "http://"));
  const bool printable = std::all_of(url.begin(), url.end(), absl::ascii_isgraph);
  if (!has_scheme || !printable || url.size() > kMaxUrl || absl::StrContains(rest, "#") ||
      !IsAuthority(rest.substr(0, rest.find_first_of("/?")))) {
    bad.Add("url",
            "must be an absolute https URL of at most 2048 ASCII characters, without user "
            "information and fragment");
  }
}

void CheckDescription(std::string_view description, status::FieldViolations& bad) {
  if (text::Characters(description) > kMaxDescription) {
    bad.Add("description", "must have at most 200 characters");
  }
}

void CheckEventTypes(const google::protobuf::RepeatedPtrField<std::string>& types,
                     const std::set<std::string, std::less<>>& known,
                     status::FieldViolations& bad) {
  if (types.size() > kMaxEventTypes) bad.Add("event_types", "must be at most 100");
  for (int i = 0; i < std::min(types.size(), kMaxEventTypes); ++i) {
    if (types[i] != kTestType && !known.contains(types[i])) {
      bad.Add(absl::StrCat("event_types[", i, "]"),
              "must be one of ListEventTypes, or a kind of ListKinds that goes out");
    }
  }
}

void CheckRetrySeconds(const google::protobuf::RepeatedField<int32_t>& seconds,
                       status::FieldViolations& bad) {
  const bool in_range = std::all_of(seconds.begin(), seconds.end(), [](int32_t pause) {
    return pause >= 1 && pause <= kMaxRetrySeconds;
  });
  if (seconds.size() > kMaxRetries || !in_range) {
    bad.Add("retry_seconds", "must be at most 19 pauses of 1 to 86400 seconds");
  }
}

void CheckTimeout(int32_t seconds, status::FieldViolations& bad) {
  if (seconds < 0 || seconds > kMaxTimeoutSeconds) bad.Add("timeout_seconds", "must be 0 to 30");
}

absl::StatusOr<std::string> ParseSecret(std::string_view secret) {
  std::string key;
  if (!TakePrefix(secret, kSecretPrefix) || !absl::Base64Unescape(secret, &key) ||
      key.size() < 24 || key.size() > 64) {
    return status::InvalidField("secret", "must be \"whsec_\" and base64 of 24 to 64 bytes");
  }
  return key;
}

std::string FormatSecret(std::string_view key) {
  return absl::StrCat(kSecretPrefix, absl::Base64Escape(key));
}

std::string SignatureHeader(const std::vector<std::string>& keys, std::string_view message_id,
                            absl::Time now, std::string_view body) {
  const std::string text = absl::StrCat(message_id, ".", absl::ToUnixSeconds(now), ".", body);
  std::string header;
  for (const std::string& key : keys) {
    absl::StrAppend(&header, header.empty() ? "v1," : " v1,",
                    absl::Base64Escape(crypto::HmacSha256(key, text)));
  }
  return header;
}

std::string MessageBody(std::string_view type, std::string_view kind, absl::Time occurred_at,
                        std::string_view data) {
  const nlohmann::json time =
      absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", occurred_at, absl::UTCTimeZone());
  return absl::StrCat("{\"type\":", nlohmann::json(type).dump(),
                      kind.empty() ? "" : absl::StrCat(",\"kind\":", nlohmann::json(kind).dump()),
                      ",\"timestamp\":", time.dump(), ",\"data\":", data, "}");
}

}  // namespace selfology::webhook
