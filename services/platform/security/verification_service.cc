#include "services/platform/security/verification_service.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/security/api_key_store.h"
#include "services/platform/security/api_keys.h"
#include "services/platform/security/known_permissions.h"
#include "services/platform/security/token_store.h"

namespace selfology::security {
namespace {

using postgres::Transaction;

// Uses are noted to the minute: verifiers remember the answer for as long.
constexpr absl::Duration kUseNoted = absl::Minutes(1);

absl::Status Refused() {
  return status::Error(mesh::v1::ERROR_CODE_API_KEY_REFUSED, "the API key is not good");
}

bool IsGood(const std::optional<store::ApiKey>& key, const std::string& secret, absl::Time now) {
  return key.has_value() && crypto::SameBytes(key->secret_hash, crypto::Sha256(secret)) &&
         !key->revoked_at.has_value() && key->expires_at.value_or(absl::InfiniteFuture()) > now;
}

}  // namespace

VerificationService::VerificationService(postgres::Database& database, Clock clock, KeyRing& keys,
                                         std::string issuer)
    : database_(database), clock_(std::move(clock)), keys_(keys), issuer_(std::move(issuer)) {}

absl::StatusOr<v1::GetKeySetResponse> VerificationService::GetKeySet(
    const Call& call, const v1::GetKeySetRequest& /*request*/) {
  ASSIGN_OR_RETURN(const auto keys, keys_.Get(call));
  v1::GetKeySetResponse response;
  response.set_issuer(issuer_);
  for (const v1::JsonWebKey& key : keys->published) *response.add_keys() = key;
  return response;
}

absl::StatusOr<v1::ListRevocationsResponse> VerificationService::ListRevocations(
    const Call& call, const v1::ListRevocationsRequest& /*request*/) {
  ASSIGN_OR_RETURN(
      std::vector<v1::Revocation> revocations,
      database_.Read(call, [&](Transaction& tx) { return store::ListRevocations(tx, clock_()); },
                     {.newest = true}));
  v1::ListRevocationsResponse response;
  for (v1::Revocation& revocation : revocations) {
    *response.add_revocations() = std::move(revocation);
  }
  return response;
}

absl::StatusOr<v1::VerifyApiKeyResponse> VerificationService::VerifyApiKey(
    const Call& call, const v1::VerifyApiKeyRequest& request) {
  if (request.api_key().empty()) return status::InvalidField("api_key", "must be set");
  const std::optional<ApiKeyText> shown = ParseApiKey(request.api_key());
  if (!shown.has_value()) return Refused();
  const absl::Time now = clock_();
  ASSIGN_OR_RETURN(
      const std::optional<store::ApiKey> key,
      database_.Read(call, [&](Transaction& tx) { return store::ReadApiKey(tx, shown->id); },
                     {.newest = true}));
  if (!IsGood(key, shown->secret, now)) return Refused();
  if (key->last_used_at.value_or(absl::InfinitePast()) + kUseNoted <= now) {
    RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) {
      store::NoteUse(tx, key->id, now);
      return absl::OkStatus();
    }));
  }
  v1::VerifyApiKeyResponse response;
  response.set_key_id(key->id);
  response.set_user_id(key->user_id);
  // What there was when the key was made may be gone.
  for (const std::string& scope : key->scopes) {
    if (IsKnown(scope)) response.add_scopes(scope);
  }
  if (key->expires_at) *response.mutable_expires_at() = timestamps::ToProto(*key->expires_at);
  return response;
}

}  // namespace selfology::security
