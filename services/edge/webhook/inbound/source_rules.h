// What a source may be, its secrets as they are sealed, and the rules that it has unless it says otherwise.
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/status/status.h"
#include "google/protobuf/repeated_field.h"
#include "selfology/webhook/v1/source.pb.h"

namespace selfology::webhook {

// is_system: the installation's own, which may act on payments and the audit.
void CheckRules(const google::protobuf::RepeatedPtrField<v1::Rule>& rules, bool is_system,
                status::FieldViolations& bad);
void CheckScheme(v1::Provider provider, const v1::HmacScheme& hmac, status::FieldViolations& bad);
void CheckWindow(int32_t seconds, status::FieldViolations& bad);
void CheckSecrets(v1::Provider provider, std::string_view secret,
                  const google::protobuf::RepeatedPtrField<std::string>& further,
                  status::FieldViolations& bad);

// 1 to 64 of [a-z0-9_-]: what an operator may choose, and what is looked for at all.
bool IsEndpointId(std::string_view id);

struct Secrets {
  std::vector<std::string> secrets = {};
  std::string verify_token = {};
};
std::string EncodeSecrets(const Secrets& secrets);
absl::StatusOr<Secrets> DecodeSecrets(std::string_view text);

std::vector<v1::Rule> UsualRules(v1::Provider provider, bool is_system);

}  // namespace selfology::webhook
