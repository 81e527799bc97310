// What an endpoint may be, and what it is sent.
//
//   status::FieldViolations bad;
//   CheckUrl(request.url(), /*allow_http=*/false, bad);
//   RETURN_IF_ERROR(bad.ToStatus());
//
// Threads: pure functions.
// Source of signatures: https://github.com/standard-webhooks/standard-webhooks, spec 1.0.0.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/status/status.h"
#include "google/protobuf/repeated_field.h"

namespace selfology::webhook {

inline constexpr std::string_view kTestType = "webhook.test";

// allow_http: for development; else https only. Where the host leads to is seen when it is connected to.
void CheckUrl(std::string_view url, bool allow_http, status::FieldViolations& bad);
void CheckDescription(std::string_view description, status::FieldViolations& bad);
// known: the types that there are; one may be named twice.
void CheckEventTypes(const google::protobuf::RepeatedPtrField<std::string>& types,
                     const std::set<std::string, std::less<>>& known, status::FieldViolations& bad);
void CheckRetrySeconds(const google::protobuf::RepeatedField<int32_t>& seconds,
                       status::FieldViolations& bad);
void CheckTimeout(int32_t seconds, status::FieldViolations& bad);

// "whsec_" and base64 of 24 to 64 bytes: the key's bytes. INVALID_ARGUMENT otherwise.
absl::StatusOr<std::string> ParseSecret(std::string_view secret);
std::string FormatSecret(std::string_view key);

// The header webhook-signature: one "v1," signature for each key, with spaces between.
std::string SignatureHeader(const std::vector<std::string>& keys, std::string_view message_id,
                            absl::Time now, std::string_view body);

// {"type": ..., "kind": ..., "timestamp": ..., "data": ...}; data is JSON. Without a kind: none is said.
std::string MessageBody(std::string_view type, std::string_view kind, absl::Time occurred_at,
                        std::string_view data);

}  // namespace selfology::webhook
