#include "services/platform/ai/failure.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::ai {
namespace {

constexpr std::string_view kHttpStatus = "http_status";

}  // namespace

absl::Status FailureOf(const http::ClientResponse& response) {
  const absl::StatusCode code = response.status >= 500 ? absl::StatusCode::kUnavailable
                                                       : status::FromHttpCode(response.status);
  const absl::Status failure =
      status::Error(code, "AI_API_ERROR", absl::StrCat("HTTP ", response.status),
                    {{std::string(kHttpStatus), absl::StrCat(response.status)}});
  const auto delay = status::RetryAfter(http::ToStatus(response));
  return delay.has_value() ? status::WithRetryAfter(failure, *delay) : failure;
}

absl::Status UnusableAnswer(std::string_view what) {
  return status::Error(absl::StatusCode::kFailedPrecondition, "UNUSABLE_ANSWER", what);
}

absl::Status MalformedResponse(std::string_view what) {
  return status::Error(absl::StatusCode::kUnavailable, "MALFORMED_RESPONSE", what);
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
  return status::Reason(failure);
}

}  // namespace selfology::ai
