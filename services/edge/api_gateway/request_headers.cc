#include "services/edge/api_gateway/request_headers.h"

#include <openssl/sha.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"

namespace selfology::api_gateway {
namespace {

constexpr size_t kMaxCorrelationId = 128;

std::string_view Trimmed(std::string_view text) {
  const absl::string_view trimmed =
      absl::StripAsciiWhitespace(absl::string_view(text.data(), text.size()));
  return {trimmed.data(), trimmed.size()};
}

std::optional<absl::Duration> UnitOf(char unit) {
  switch (unit) {
    case 'H':
      return absl::Hours(1);
    case 'M':
      return absl::Minutes(1);
    case 'S':
      return absl::Seconds(1);
    case 'm':
      return absl::Milliseconds(1);
    case 'u':
      return absl::Microseconds(1);
    case 'n':
      return absl::Nanoseconds(1);
    default:
      return std::nullopt;
  }
}

// As gRPC's wire protocol has it: at most 8 digits and a unit.
std::optional<absl::Duration> GrpcTimeout(std::string_view text) {
  if (text.size() < 2 || text.size() > 9) return std::nullopt;
  const auto unit = UnitOf(text.back());
  int64_t amount = 0;
  const char* const end = text.data() + text.size() - 1;
  const auto [stopped, error] = std::from_chars(text.data(), end, amount);
  if (error != std::errc() || stopped != end || amount <= 0 || !unit.has_value()) {
    return std::nullopt;
  }
  return amount * *unit;
}

std::optional<absl::Duration> Seconds(std::string_view text) {
  double seconds = 0;
  const bool is_plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(c) || c == '.';
  });
  if (!is_plain || !absl::SimpleAtod({text.data(), text.size()}, &seconds)) return std::nullopt;
  if (!(seconds > 0) || seconds > 1e9) return std::nullopt;
  return absl::Seconds(seconds);
}

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// The given id, if there is one to be had.
std::optional<std::string_view> GivenId(const http::Headers& headers) {
  const auto given = headers.Get("X-Correlation-ID");
  if (!given.has_value()) return std::nullopt;
  const std::string_view id = Trimmed(*given);
  if (id.empty() || id.size() > kMaxCorrelationId || !IsPrintable(id)) return std::nullopt;
  return id;
}

// Whether a list such as "gzip;q=0.5, br" has the word, and not with a weight of 0.
bool Lists(std::string_view list, std::string_view word) {
  for (const absl::string_view entry :
       absl::StrSplit(absl::string_view(list.data(), list.size()), ',')) {
    const std::vector<std::string> parts = absl::StrSplit(entry, ';');
    if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(parts[0]),
                                absl::string_view(word.data(), word.size()))) {
      continue;
    }
    for (size_t i = 1; i < parts.size(); ++i) {
      const absl::string_view parameter = absl::StripAsciiWhitespace(parts[i]);
      double weight = 1;
      if (absl::StartsWithIgnoreCase(parameter, "q=") &&
          absl::SimpleAtod(parameter.substr(2), &weight) && weight <= 0) {
        return false;
      }
    }
    return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<std::optional<absl::Duration>> TimeoutOf(const http::Headers& headers) {
  std::optional<absl::Duration> least;
  if (const auto text = headers.Get("Grpc-Timeout")) {
    const auto timeout = GrpcTimeout(Trimmed(*text));
    if (!timeout.has_value()) {
      return status::InvalidField("Grpc-Timeout", "must be 1 to 8 digits and a unit of HMSmun");
    }
    least = timeout;
  }
  if (const auto text = headers.Get("X-Request-Timeout")) {
    const auto timeout = Seconds(Trimmed(*text));
    if (!timeout.has_value()) {
      return status::InvalidField("X-Request-Timeout", "must be seconds, above 0");
    }
    least = std::min(least.value_or(*timeout), *timeout);
  }
  return least;
}

absl::Status CheckApiVersion(const http::Headers& headers) {
  const auto version = headers.Get("API-Version");
  if (!version.has_value() || Trimmed(*version) == "v1") return absl::OkStatus();
  return status::Error(absl::StatusCode::kInvalidArgument, "INVALID_ARGUMENT",
                       "Unsupported API version");
}

std::string CorrelationIdOf(const http::Headers& headers, const observe::TraceContext& trace) {
  return std::string(GivenId(headers).value_or(trace.trace_id.view()));
}

observe::TraceContext ParentOf(const http::Headers& headers) {
  const auto parent = observe::TraceContext::Parse(headers.Get("traceparent").value_or(""));
  if (parent.has_value()) return *parent;
  const auto id = GivenId(headers);
  observe::TraceContext same;
  if (!id.has_value()) return same;
  const auto is_hex = [](char c) { return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f'); };
  constexpr size_t kTraceIdDigits = 32;
  const bool is_trace_id = id->size() == kTraceIdDigits &&
                           std::all_of(id->begin(), id->end(), is_hex) &&
                           id->find_first_not_of('0') != std::string_view::npos;
  if (is_trace_id) {
    same.trace_id = *id;
    return same;
  }
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(id->data()), id->size(), digest);
  same.trace_id = std::string_view(absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest), kTraceIdDigits / 2)));
  return same;
}

std::string IdempotencyKeyOf(const http::Headers& headers) {
  std::string_view key = Trimmed(headers.Get("Idempotency-Key").value_or(""));
  if (key.size() >= 2 && key.front() == '"' && key.back() == '"')
    key = key.substr(1, key.size() - 2);
  return std::string(key);
}

bool TakesGzip(const http::Headers& headers) {
  const std::string_view accepted = headers.Get("Accept-Encoding").value_or("");
  return Lists(accepted, "gzip") || Lists(accepted, "*");
}

bool WantsEvents(const http::Headers& headers) {
  return Lists(headers.Get("Accept").value_or(""), http::kEventStream);
}

}  // namespace selfology::api_gateway
