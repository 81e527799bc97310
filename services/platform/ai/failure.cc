#include "services/platform/ai/failure.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/ai/json_fields.h"

namespace selfology::ai {
namespace {

constexpr std::string_view kHttpStatus = "http_status";
constexpr std::string_view kBusy = "MODEL_BUSY";
constexpr std::string_view kPaused = "MODEL_PAUSED";

struct TypeOfError {
  std::string_view name;
  int http_status;
};

// Anthropic's, then OpenAI's.
constexpr TypeOfError kTypes[] = {
    {"invalid_request_error", 400}, {"authentication_error", 401},
    {"billing_error", 402},         {"permission_error", 403},
    {"not_found_error", 404},       {"request_too_large", 413},
    {"rate_limit_error", 429},      {"api_error", 500},
    {"timeout_error", 504},         {"overloaded_error", 529},
    {"rate_limit_exceeded", 429},   {"insufficient_quota", 402},
    {"server_error", 500},
};

bool TellsOfSpentMoney(const http::ClientResponse& response) {
  if (response.status == 402) return true;
  if (response.status != 429) return false;
  const nlohmann::json body = ParseJson(response.body);
  const auto says = [&](const char* where, std::string_view word) {
    const std::string* value = StringAt(body, where);
    return value != nullptr && *value == word;
  };
  return says("/error/code", "insufficient_quota") || says("/error/type", "insufficient_quota") ||
         says("/error/details/error_code", "enforced_spend_limit_reached");
}

absl::StatusCode CodeOf(int http_status, bool money_is_spent) {
  if (money_is_spent) return absl::StatusCode::kPermissionDenied;
  return http_status >= 500 ? absl::StatusCode::kUnavailable : status::FromHttpCode(http_status);
}

absl::Status FailureOf(int http_status, bool money_is_spent) {
  return status::Error(CodeOf(http_status, money_is_spent), "AI_API_ERROR",
                       absl::StrCat("HTTP ", http_status),
                       {{std::string(kHttpStatus), absl::StrCat(http_status)}});
}

// Milliseconds are the finer word.
std::optional<absl::Duration> DelayOf(const http::ClientResponse& response) {
  int64_t milliseconds = 0;
  if (const auto after = response.headers.Get("retry-after-ms");
      after.has_value() && absl::SimpleAtoi(*after, &milliseconds) && milliseconds >= 0) {
    return absl::Milliseconds(milliseconds);
  }
  return status::RetryAfter(http::ToStatus(response));
}

}  // namespace

absl::Status FailureOf(const http::ClientResponse& response) {
  const bool money_is_spent = TellsOfSpentMoney(response);
  absl::Status failure = FailureOf(response.status, money_is_spent);
  const std::optional<absl::Duration> delay = DelayOf(response);
  if (money_is_spent || !delay.has_value()) return failure;
  return status::WithRetryAfter(std::move(failure), *delay);
}

absl::Status FailureInStream(const std::string* type) {
  const auto* const known = absl::c_find_if(
      kTypes, [&](const TypeOfError& one) { return type != nullptr && one.name == *type; });
  if (known == std::end(kTypes)) return MalformedResponse("error in the stream");
  return FailureOf(known->http_status, known->http_status == 402);
}

bool IsForOperator(const absl::Status& failure) {
  return absl::IsUnauthenticated(failure) || absl::IsPermissionDenied(failure) ||
         absl::IsNotFound(failure);
}

absl::Status UnusableAnswer(std::string_view what) {
  return status::Error(absl::StatusCode::kFailedPrecondition, "UNUSABLE_ANSWER", what);
}

absl::Status MalformedResponse(std::string_view what) {
  return status::Error(absl::StatusCode::kUnavailable, "MALFORMED_RESPONSE", what);
}

absl::Status CutReply() {
  return status::Error(absl::StatusCode::kDataLoss, "CUT_REPLY", "the stream ended early");
}

absl::Status OtherWidth(int width, int wanted) {
  return status::Error(
      absl::StatusCode::kFailedPrecondition, "EMBEDDING_WIDTH",
      absl::StrCat("the model's vectors have ", width, " components, not ", wanted),
      {{"width", absl::StrCat(width)}, {"wanted", absl::StrCat(wanted)}});
}

absl::Status Busy() {
  return status::Error(absl::StatusCode::kResourceExhausted, kBusy, "no slot at the model in time");
}

absl::Status Paused(absl::Duration delay) {
  return status::WithRetryAfter(
      status::Error(absl::StatusCode::kResourceExhausted, kPaused, "its provider says to wait"),
      delay);
}

absl::Status GiveUp(const std::vector<Failure>& failures, const Call& call) {
  const status::Metadata metadata = {
      {"attempts", absl::StrJoin(failures, ", ", [](std::string* out, const Failure& failure) {
         absl::StrAppend(out, failure.model, ": ", WhyFailed(failure.status));
       })}};
  const bool too_late = call.Remaining() <= absl::ZeroDuration() ||
                        (!failures.empty() && absl::c_all_of(failures, [](const Failure& failure) {
                          return absl::IsDeadlineExceeded(failure.status);
                        }));
  if (too_late) {
    return status::Error(mesh::v1::ERROR_CODE_AI_API_TIMEOUT, "no model answered in time",
                         metadata);
  }
  absl::Status exhausted = status::Error(mesh::v1::ERROR_CODE_FALLBACK_CHAIN_EXHAUSTED,
                                         "every model of the chain failed", metadata);
  std::optional<absl::Duration> soonest;
  for (const Failure& failure : failures) {
    const std::optional<absl::Duration> delay = status::RetryAfter(failure.status);
    if (delay.has_value()) soonest = std::min(soonest.value_or(*delay), *delay);
  }
  return soonest.has_value() ? status::WithRetryAfter(std::move(exhausted), *soonest) : exhausted;
}

std::string WhyFailed(const absl::Status& failure) {
  if (absl::IsDeadlineExceeded(failure)) return "AI_API_TIMEOUT";
  const status::Metadata metadata = status::ErrorMetadata(failure);
  if (const auto code = metadata.find(std::string(kHttpStatus)); code != metadata.end()) {
    return absl::StrCat("HTTP ", code->second);
  }
  if (status::ErrorCodeOf(failure) == mesh::v1::ERROR_CODE_SERVICE_DEGRADED) return "breaker open";
  const std::string reason = status::Reason(failure);
  if (reason == kBusy) return "busy";
  return reason == kPaused ? "told to wait" : reason;
}

}  // namespace selfology::ai
