#include "services/platform/security/api_key_service.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/idempotency/once.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/security/api_key_store.h"
#include "services/platform/security/api_keys.h"
#include "services/platform/security/audit_store.h"
#include "services/platform/security/known_permissions.h"
#include "services/platform/security/patterns.h"
#include "services/platform/security/sessions.h"

namespace selfology::security {
namespace {

using postgres::Transaction;
using status::CheckUser;
using status::FieldViolations;

constexpr paging::Limits kPage = {.default_size = 50, .max_size = 200};
constexpr int kMaxName = 100;
constexpr int kMaxScopes = 50;

void CheckScopes(const v1::CreateApiKeyRequest& request, FieldViolations& bad) {
  if (request.scopes().empty() || request.scopes_size() > kMaxScopes) {
    bad.Add("scopes", absl::StrCat("must be 1 to ", kMaxScopes));
  }
  for (int i = 0; i < request.scopes_size(); ++i) {
    const std::string field = absl::StrCat("scopes[", i, "]");
    CheckGrantable(field, request.scopes(i), bad);
    if (IsGrantable(request.scopes(i)) && !IsKnown(request.scopes(i))) {
      bad.Add(field, "must cover a permission that some method asks for");
    }
  }
}

}  // namespace

ApiKeyService::ApiKeyService(postgres::Database& database, Clock clock, KeyRing& keys)
    : database_(database), clock_(std::move(clock)), keys_(keys) {}

absl::StatusOr<v1::CreateApiKeyResponse> ApiKeyService::CreateApiKey(
    const Call& call, const v1::CreateApiKeyRequest& request) {
  const absl::Time now = timestamps::WholeMicroseconds(clock_());
  FieldViolations bad = CheckUser(request);
  const int name_length = text::Characters(text::Trim(request.display_name()));
  if (name_length < 1 || name_length > kMaxName) {
    bad.Add("display_name", absl::StrCat("must be 1 to ", kMaxName, " characters"));
  }
  CheckScopes(request, bad);
  std::optional<absl::Time> expires_at;
  if (request.has_expires_at()) expires_at = timestamps::FromProto(request.expires_at());
  if (expires_at.has_value() && *expires_at <= now) bad.Add("expires_at", "must be in the future");
  idempotency::CheckKey(request.idempotency_key(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const auto keys, keys_.Get(call));
  const ApiKeyText made = MakeApiKey(keys->sealer, request.user_id(), request.idempotency_key());
  const store::ApiKey key = {
      .id = made.id,
      .user_id = request.user_id(),
      .secret_hash = crypto::Sha256(made.secret),
      .display_name = std::string(text::Trim(request.display_name())),
      .scopes = std::vector<std::string>(request.scopes().begin(), request.scopes().end()),
      .created_at = now,
      .expires_at = expires_at};
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::CreateApiKeyResponse> {
    ASSIGN_OR_RETURN(const bool is_new, store::InsertApiKey(tx, key));
    v1::CreateApiKeyResponse response;
    response.set_api_key(ToText(made));
    *response.mutable_key() = store::ToProto(key);
    if (is_new) {
      RETURN_IF_ERROR(store::AppendAudit(tx, {.actor_id = request.user_id(),
                                              .action = "api_key.created",
                                              .subject_id = request.user_id(),
                                              .method = made.id,
                                              .at = now}));
      return response;
    }
    ASSIGN_OR_RETURN(const std::optional<store::ApiKey> known, store::ReadApiKey(tx, key.id));
    if (known.has_value()) *response.mutable_key() = store::ToProto(*known);
    return response;
  });
}

absl::StatusOr<v1::ListApiKeysResponse> ApiKeyService::ListApiKeys(
    const Call& call, const v1::ListApiKeysRequest& request) {
  RETURN_IF_ERROR(CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(std::vector<v1::ApiKey> keys,
                   database_.Read(call,
                                  [&](Transaction& tx) {
                                    return store::ListApiKeys(tx, request.user_id(), page.after,
                                                              clock_(), page.limit());
                                  },
                                  {.newest = true}));
  v1::ListApiKeysResponse response;
  response.set_next_page_token(page.Cut(keys, &v1::ApiKey::key_id));
  for (v1::ApiKey& key : keys) *response.add_keys() = std::move(key);
  return response;
}

absl::StatusOr<v1::RevokeApiKeyResponse> ApiKeyService::RevokeApiKey(
    const Call& call, const v1::RevokeApiKeyRequest& request) {
  FieldViolations bad = CheckUser(request);
  if (request.key_id().empty()) bad.Add("key_id", "must be set");
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = timestamps::WholeMicroseconds(clock_());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::RevokeApiKeyResponse> {
    ASSIGN_OR_RETURN(const std::optional<store::ApiKey> key,
                     store::ReadApiKey(tx, request.key_id()));
    if (!key.has_value() || key->user_id != request.user_id()) {
      return status::Error(mesh::v1::ERROR_CODE_API_KEY_NOT_FOUND, "there is no such API key");
    }
    ASSIGN_OR_RETURN(const bool revoked, store::RevokeApiKey(tx, key->id, now));
    if (!revoked) return v1::RevokeApiKeyResponse();
    RETURN_IF_ERROR(RevokeToken(tx, key->id, key->user_id, now,
                                key->expires_at.value_or(absl::InfiniteFuture())));
    RETURN_IF_ERROR(store::AppendAudit(tx, {.actor_id = request.user_id(),
                                            .action = "api_key.revoked",
                                            .subject_id = request.user_id(),
                                            .method = key->id,
                                            .at = now}));
    return v1::RevokeApiKeyResponse();
  });
}

}  // namespace selfology::security
