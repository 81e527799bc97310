// Errors as the whole product speaks of them: absl::Status carrying the details of google.rpc.
//
//   return status::Error(mesh::v1::ERROR_CODE_SESSION_NOT_FOUND, "no open session");
//
//   status::FieldViolations bad;
//   if (text.empty()) bad.Add("answer_text", "must not be empty");
//   RETURN_IF_ERROR(bad.ToStatus());                    // OK when none was added
//
// A reason is an UPPER_SNAKE_CASE word that clients may switch on: a value of
// selfology.mesh.v1.ErrorCode without its prefix, and the contract says which code goes with it
// (include selfology/mesh/v1/error.pb.h for the values). A message is for people and says nothing
// personal. The details ride as payloads whose
// type URL is "type.googleapis.com/google.rpc.<Message>", so they cross gRPC unchanged
// (grpc_status.h).
// Threads: pure functions.
// Sources: https://google.aip.dev/193, google/rpc/error_details.proto, R000-26, R000-27.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace selfology::mesh::v1 {
enum ErrorCode : int;
}  // namespace selfology::mesh::v1

namespace selfology::status {

// google.rpc.ErrorInfo.domain of every error made here.
inline constexpr std::string_view kDomain = "selfology";

using Metadata = std::map<std::string, std::string>;

// An error with a google.rpc.ErrorInfo: the reason, and the code that goes with it.
absl::Status Error(mesh::v1::ErrorCode reason, std::string_view message,
                   const Metadata& metadata = {});

// The same for reasons that are not of the contract, such as those of common/http: they are for
// the process itself, which makes of them what its callers are told. code must not be OK.
absl::Status Error(absl::StatusCode code, std::string_view reason, std::string_view message,
                   const Metadata& metadata = {});

struct FieldViolation {
  std::string field;  // As in the proto, with dots and indexes: "answers[2].text".
  std::string rule;   // "must be 1 to 4000 characters"
  friend bool operator==(const FieldViolation&, const FieldViolation&) = default;
};

// Collects what is wrong with a request, to report it all at once.
//
// However much is wrong, the report stays small enough for a gRPC trailer: the first 16 violations
// as far as they go into 2 KB, "and N more" for the rest, names of fields cut at 128 bytes and
// rules at 256. Texts of a request do not belong in a rule.
class FieldViolations {
 public:
  FieldViolations& Add(std::string_view field, std::string_view rule);
  // Of a person: 1 or more.
  FieldViolations& CheckUserId(int64_t user_id, std::string_view field = "user_id");

  bool empty() const { return violations_.empty(); }
  // INVALID_ARGUMENT with a google.rpc.BadRequest and a google.rpc.ErrorInfo, reason
  // INVALID_ARGUMENT; OK when nothing was added.
  absl::Status ToStatus() const;

 private:
  std::vector<FieldViolation> violations_;
  size_t left_out_ = 0;
};

// What most methods about a person begin with:
//   FieldViolations bad = status::CheckUser(request);
template <typename Request>
FieldViolations CheckUser(const Request& request) {
  FieldViolations bad;
  bad.CheckUserId(request.user_id());
  return bad;
}

// INVALID_ARGUMENT for one field.
absl::Status InvalidField(std::string_view field, std::string_view rule);

// The same error, telling when to try again (google.rpc.RetryInfo).
absl::Status WithRetryAfter(absl::Status error, absl::Duration delay);

// The same error with a google.rpc.ErrorInfo, its default reason (Reason), if it has none and that is
// a reason of the contract.
absl::Status WithReason(absl::Status error);

// The same error with "<context>: " before its message; details kept. OK stays OK.
absl::Status Annotate(const absl::Status& error, std::string_view context);

// ErrorInfo.reason, or the code's default: UNAVAILABLE -> "SERVICE_UNAVAILABLE", others their own
// name. "OK" for OK.
std::string Reason(const absl::Status& status);
// The same as a value of the contract; unspecified for reasons that are not of it, and for OK.
mesh::v1::ErrorCode ErrorCodeOf(const absl::Status& status);
Metadata ErrorMetadata(const absl::Status& status);
std::vector<FieldViolation> Violations(const absl::Status& status);
std::optional<absl::Duration> RetryAfter(const absl::Status& status);

// Whether the same request may succeed later without anyone changing anything: UNAVAILABLE,
// ABORTED, DEADLINE_EXCEEDED.
bool IsRetryable(const absl::Status& status);

// The HTTP status for a code, as google.rpc.Code documents it.
int HttpCode(absl::StatusCode code);
// The reverse, for answers of HTTP services: 429 -> RESOURCE_EXHAUSTED, 5xx -> UNAVAILABLE or
// INTERNAL, ...
absl::StatusCode FromHttpCode(int http_code);

// R000-26's {"error":{"code":...,"message":...,"details":{...},"trace_id":...}}. The code is the
// reason; details are the metadata, "violations", and "retry_after" in whole seconds.
std::string ErrorJson(const absl::Status& error, std::string_view trace_id);

}  // namespace selfology::status
