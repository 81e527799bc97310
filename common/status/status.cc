#include "common/status/status.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "common/status/utf8.h"
#include "google/rpc/error_details.pb.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::status {
namespace {

using status_internal::ValidUtf8;

constexpr size_t kMaxViolations = 16;
constexpr size_t kMaxFieldBytes = 128;
constexpr size_t kMaxRuleBytes = 256;
constexpr size_t kMaxBadRequestBytes = 2048;
// Of the names of ErrorCode's values.
constexpr std::string_view kReasonPrefix = "ERROR_CODE_";

// How google.protobuf.Any names a message; absl::Status keys its payloads the same way.
template <typename Message>
std::string TypeUrl() {
  return absl::StrCat("type.googleapis.com/", Message::descriptor()->full_name());
}

template <typename Message>
void Attach(absl::Status& status, const Message& detail) {
  status.SetPayload(TypeUrl<Message>(), absl::Cord(absl::string_view(detail.SerializeAsString())));
}

// So that clients and dashboards can tell by reason, whatever the code.
void AttachReason(absl::Status& status, std::string_view reason, const Metadata& metadata = {}) {
  google::rpc::ErrorInfo info;
  info.set_reason(ValidUtf8(reason));
  info.set_domain(std::string(kDomain));
  for (const auto& [key, value] : metadata) {
    (*info.mutable_metadata())[ValidUtf8(key)] = ValidUtf8(value);
  }
  Attach(status, info);
}

template <typename Message>
std::optional<Message> Detail(const absl::Status& status) {
  const auto payload = status.GetPayload(TypeUrl<Message>());
  Message message;
  if (!payload.has_value() || !message.ParseFromString(std::string(*payload))) return std::nullopt;
  return message;
}

}  // namespace

absl::Status Error(mesh::v1::ErrorCode reason, std::string_view message, const Metadata& metadata) {
  const auto* const value = mesh::v1::ErrorCode_descriptor()->FindValueByNumber(reason);
  if (value == nullptr || !value->options().HasExtension(mesh::v1::grpc_code)) {
    return absl::InternalError(message);
  }
  // google.rpc.Code and absl::StatusCode have the same numbers: gRPC's.
  const auto code =
      static_cast<absl::StatusCode>(value->options().GetExtension(mesh::v1::grpc_code));
  return Error(code, std::string_view(value->name()).substr(kReasonPrefix.size()), message,
               metadata);
}

absl::Status Error(absl::StatusCode code, std::string_view reason, std::string_view message,
                   const Metadata& metadata) {
  absl::Status status(code, message);
  AttachReason(status, reason, metadata);
  return status;
}

FieldViolations& FieldViolations::Add(std::string_view field, std::string_view rule) {
  if (violations_.size() < kMaxViolations) {
    violations_.push_back(
        {ValidUtf8(field.substr(0, kMaxFieldBytes)), ValidUtf8(rule.substr(0, kMaxRuleBytes))});
  } else {
    ++left_out_;
  }
  return *this;
}

FieldViolations& FieldViolations::CheckUserId(int64_t user_id, std::string_view field) {
  if (user_id < 1) Add(field, "must be above 0");
  return *this;
}

absl::Status FieldViolations::ToStatus() const {
  if (violations_.empty()) return absl::OkStatus();
  google::rpc::BadRequest bad_request;
  std::string message;
  size_t left_out = left_out_;
  for (const FieldViolation& violation : violations_) {
    auto* added = bad_request.add_field_violations();
    added->set_field(violation.field);
    added->set_description(violation.rule);
    if (bad_request.ByteSizeLong() > kMaxBadRequestBytes) {
      bad_request.mutable_field_violations()->RemoveLast();
      ++left_out;
      continue;
    }
    absl::StrAppend(&message, message.empty() ? "" : "; ", violation.field, " ", violation.rule);
  }
  if (left_out > 0) absl::StrAppend(&message, "; and ", left_out, " more");
  absl::Status status = absl::InvalidArgumentError(message);
  Attach(status, bad_request);
  AttachReason(status, "INVALID_ARGUMENT");
  return status;
}

absl::Status InvalidField(std::string_view field, std::string_view rule) {
  return FieldViolations().Add(field, rule).ToStatus();
}

absl::Status WithRetryAfter(absl::Status error, absl::Duration delay) {
  if (error.ok()) return error;
  // Servers of others say what they like; nobody is to wait for years.
  delay = std::clamp(delay, absl::ZeroDuration(), absl::Hours(24));
  google::rpc::RetryInfo retry;
  absl::Duration rest;
  retry.mutable_retry_delay()->set_seconds(absl::IDivDuration(delay, absl::Seconds(1), &rest));
  retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  Attach(error, retry);
  return error;
}

absl::Status WithReason(absl::Status error) {
  if (Detail<google::rpc::ErrorInfo>(error).has_value()) return error;
  if (ErrorCodeOf(error) == mesh::v1::ERROR_CODE_UNSPECIFIED) return error;
  AttachReason(error, Reason(error));
  return error;
}

absl::Status Annotate(const absl::Status& error, std::string_view context) {
  if (error.ok()) return error;
  absl::Status annotated(error.code(), absl::StrCat(context, ": ", error.message()));
  error.ForEachPayload([&](absl::string_view type_url, const absl::Cord& payload) {
    annotated.SetPayload(type_url, payload);
  });
  return annotated;
}

std::string Reason(const absl::Status& status) {
  const auto info = Detail<google::rpc::ErrorInfo>(status);
  if (info.has_value() && !info->reason().empty()) return info->reason();
  if (absl::IsUnavailable(status)) return "SERVICE_UNAVAILABLE";
  std::string name = absl::StatusCodeToString(status.code());
  return name.empty() ? "UNKNOWN" : name;
}

mesh::v1::ErrorCode ErrorCodeOf(const absl::Status& status) {
  mesh::v1::ErrorCode code = mesh::v1::ERROR_CODE_UNSPECIFIED;
  mesh::v1::ErrorCode_Parse(absl::StrCat(kReasonPrefix, Reason(status)), &code);
  return code;
}

Metadata ErrorMetadata(const absl::Status& status) {
  const auto info = Detail<google::rpc::ErrorInfo>(status);
  if (!info.has_value()) return {};
  return Metadata(info->metadata().begin(), info->metadata().end());
}

std::vector<FieldViolation> Violations(const absl::Status& status) {
  std::vector<FieldViolation> violations;
  if (const auto bad_request = Detail<google::rpc::BadRequest>(status)) {
    for (const auto& violation : bad_request->field_violations()) {
      violations.push_back({violation.field(), violation.description()});
    }
  }
  return violations;
}

std::optional<absl::Duration> RetryAfter(const absl::Status& status) {
  const auto retry = Detail<google::rpc::RetryInfo>(status);
  if (!retry.has_value()) return std::nullopt;
  return absl::Seconds(retry->retry_delay().seconds()) +
         absl::Nanoseconds(retry->retry_delay().nanos());
}

bool IsRetryable(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsAborted(status) || absl::IsDeadlineExceeded(status);
}

int HttpCode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return 200;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
      return 409;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kCancelled:
      return 499;
    case absl::StatusCode::kUnimplemented:
      return 501;
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

absl::StatusCode FromHttpCode(int http_code) {
  if (http_code >= 200 && http_code < 300) return absl::StatusCode::kOk;
  switch (http_code) {
    case 401:
      return absl::StatusCode::kUnauthenticated;
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
    case 410:
      return absl::StatusCode::kNotFound;
    case 409:
      return absl::StatusCode::kAborted;
    case 429:
      return absl::StatusCode::kResourceExhausted;
    case 408:
    case 504:
      return absl::StatusCode::kDeadlineExceeded;
    case 499:
      return absl::StatusCode::kCancelled;
    case 500:
      return absl::StatusCode::kInternal;
    case 501:
      return absl::StatusCode::kUnimplemented;
    default:
      break;
  }
  if (http_code >= 400 && http_code < 500) return absl::StatusCode::kInvalidArgument;
  if (http_code >= 500 && http_code < 600) return absl::StatusCode::kUnavailable;
  return absl::StatusCode::kUnknown;
}

std::string ErrorJson(const absl::Status& error, std::string_view trace_id) {
  nlohmann::ordered_json details = nlohmann::ordered_json::object();
  for (const auto& [key, value] : ErrorMetadata(error)) details[key] = value;
  if (const auto violations = Violations(error); !violations.empty()) {
    auto& list = details["violations"] = nlohmann::ordered_json::array();
    for (const FieldViolation& violation : violations) {
      list.push_back({{"field", violation.field}, {"rule", violation.rule}});
    }
  }
  if (const auto delay = RetryAfter(error)) {
    // Whole seconds, rounded up: a client that waits that long is not early.
    details["retry_after"] = static_cast<int64_t>(std::ceil(absl::ToDoubleSeconds(*delay)));
  }
  const nlohmann::ordered_json body = {{"error",
                                        {{"code", Reason(error)},
                                         {"message", std::string_view(error.message())},
                                         {"details", details},
                                         {"trace_id", trace_id}}}};
  constexpr bool kAsciiOnly = false;
  return body.dump(-1, ' ', kAsciiOnly, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace selfology::status
