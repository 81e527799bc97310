#include "services/edge/webhook/inbound/source_methods.h"

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/idempotency/once.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "services/edge/webhook/errors.h"
#include "services/edge/webhook/inbound/kinds.h"
#include "services/edge/webhook/inbound/source_rules.h"
#include "services/edge/webhook/inbound/source_store.h"
#include "services/edge/webhook/requests.h"
#include "services/edge/webhook/webhook_names.h"

namespace selfology::webhook {
namespace {

using postgres::Transaction;
using store::SourceRow;

constexpr int64_t kMaxSources = 50;  // Of one owner.
constexpr int kMaxDescription = 200;
constexpr size_t kMaxVerifyToken = 256;

v1::Source ToProto(const SourceRow& row) {
  v1::Source source;
  source.set_endpoint_id(row.endpoint_id);
  source.set_user_id(row.user_id);
  source.set_provider(static_cast<v1::Provider>(row.provider));
  source.set_description(row.description);
  if (source.provider() == v1::PROVIDER_HMAC)
    source.mutable_hmac()->ParseFromString(row.hmac.value);
  source.set_replay_window_seconds(row.window_seconds);
  v1::RuleList rules;
  rules.ParseFromString(row.rules.value);
  *source.mutable_rules() = rules.rules();
  source.set_path(
      absl::StrCat("/webhooks/", ProviderWord(source.provider()), "/", row.endpoint_id));
  source.set_enabled(row.enabled);
  *source.mutable_created_at() = timestamps::ToProto(row.created_at);
  if (row.last_received_at.has_value()) {
    *source.mutable_last_received_at() = timestamps::ToProto(*row.last_received_at);
  }
  return source;
}

void CheckTexts(std::string_view description, std::string_view verify_token,
                status::FieldViolations& bad) {
  if (text::Characters(description) > kMaxDescription) {
    bad.Add("description", "must have at most 200 characters");
  }
  if (verify_token.size() > kMaxVerifyToken) {
    bad.Add("verify_token", "must have at most 256 characters");
  }
}

bool MayMakeSecret(v1::Provider provider) {
  return provider == v1::PROVIDER_ZAPIER || provider == v1::PROVIDER_IFTTT;
}

absl::Status CheckCreate(const v1::CreateSourceRequest& request) {
  status::FieldViolations bad = CheckOwner(request);
  if (request.provider() == v1::PROVIDER_UNSPECIFIED || !v1::Provider_IsValid(request.provider())) {
    bad.Add("provider", "must be one of Provider");
  }
  if (!request.secret().empty() || !MayMakeSecret(request.provider())) {
    CheckSecrets(request.provider(), request.secret(), request.further_secrets(), bad);
  }
  CheckTexts(request.description(), request.verify_token(), bad);
  CheckScheme(request.provider(), request.hmac(), bad);
  CheckWindow(request.replay_window_seconds(), bad);
  CheckRules(request.rules(), request.user_id() == 0, bad);
  if (!request.endpoint_id().empty() &&
      (request.user_id() != 0 || !IsEndpointId(request.endpoint_id()))) {
    bad.Add("endpoint_id", "must be empty, or for the installation 1 to 64 of [a-z0-9_-]");
  }
  idempotency::CheckKey(request.idempotency_key(), bad);
  return bad.ToStatus();
}

}  // namespace

absl::StatusOr<v1::CreateSourceResponse> SourceMethods::Create(
    const Call& call, const v1::CreateSourceRequest& request) {
  RETURN_IF_ERROR(CheckCreate(request));
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, seal_key_.Get(call));
  const absl::Time now = clock_();
  const std::string endpoint_id =
      request.endpoint_id().empty()
          ? absl::StrCat("src_", crypto::ToBase64Url(crypto::RandomBytes(16)))
          : request.endpoint_id();
  // A secret of ours can be made again for a repeated request, so it is not remembered with it.
  const auto made_secret = [&](std::string_view id) {
    return request.secret().empty()
               ? crypto::ToBase64Url(sealer.Derive("shared secret", id)).substr(0, 32)
               : std::string();
  };
  Secrets secrets{
      .secrets = {request.secret().empty() ? made_secret(endpoint_id) : request.secret()},
      .verify_token = request.verify_token()};
  secrets.secrets.insert(secrets.secrets.end(), request.further_secrets().begin(),
                         request.further_secrets().end());
  v1::RuleList rules;
  *rules.mutable_rules() = request.rules();
  if (request.rules().empty()) {
    for (v1::Rule& rule : UsualRules(request.provider(), request.user_id() == 0)) {
      *rules.add_rules() = std::move(rule);
    }
  }
  const auto create = [&](Transaction& tx) -> absl::StatusOr<v1::CreateSourceResponse> {
    ASSIGN_OR_RETURN(const int64_t count, store::CountSources(tx, request.user_id()));
    if (count >= kMaxSources) return NotPossible("there are 50 sources already");
    const SourceRow row{.endpoint_id = endpoint_id,
                        .user_id = request.user_id(),
                        .provider = request.provider(),
                        .description = request.description(),
                        .secrets = {sealer.Seal(endpoint_id, EncodeSecrets(secrets))},
                        .hmac = {request.hmac().SerializeAsString()},
                        .window_seconds = request.replay_window_seconds(),
                        .rules = {rules.SerializeAsString()},
                        .created_at = now};
    ASSIGN_OR_RETURN(const bool inserted, store::InsertSource(tx, row));
    if (!inserted) return NotPossible("there is a source of that endpoint_id already");
    v1::CreateSourceResponse response;
    *response.mutable_source() = ToProto(row);
    return response;
  };
  ASSIGN_OR_RETURN(v1::CreateSourceResponse response, database_.Write(call, [&](Transaction& tx) {
    return idempotency::Once<v1::CreateSourceResponse>(tx, Remembered(request, "CreateSource", now),
                                                       [&] { return create(tx); });
  }));
  response.set_secret(made_secret(response.source().endpoint_id()));
  return response;
}

absl::StatusOr<v1::GetSourceResponse> SourceMethods::Get(const Call& call,
                                                         const v1::GetSourceRequest& request) {
  RETURN_IF_ERROR(CheckOwner(request).ToStatus());
  ASSIGN_OR_RETURN(const auto row, database_.Read(call, [&](Transaction& tx) {
    return store::ReadSource(tx, request.user_id(), request.endpoint_id());
  }));
  if (!row.has_value()) return NotFound("source");
  v1::GetSourceResponse response;
  *response.mutable_source() = ToProto(*row);
  return response;
}

absl::StatusOr<v1::ListSourcesResponse> SourceMethods::List(const Call& call,
                                                            const v1::ListSourcesRequest& request) {
  RETURN_IF_ERROR(CheckOwner(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const int64_t after, page.AfterId(0));
  ASSIGN_OR_RETURN(std::vector<SourceRow> rows, database_.Read(call, [&](Transaction& tx) {
    return store::ListSources(tx, request.user_id(), after, page.limit());
  }));
  v1::ListSourcesResponse response;
  response.set_next_page_token(page.Cut(rows, &SourceRow::place));
  for (const SourceRow& row : rows) *response.add_sources() = ToProto(row);
  return response;
}

absl::StatusOr<v1::UpdateSourceResponse> SourceMethods::Update(
    const Call& call, const v1::UpdateSourceRequest& request) {
  status::FieldViolations bad = CheckOwner(request);
  CheckTexts(request.description(), request.verify_token(), bad);
  CheckWindow(request.replay_window_seconds(), bad);
  CheckRules(request.rules().rules(), request.user_id() == 0, bad);
  if (!request.has_secret() && request.further_secrets_size() > 0) {
    bad.Add("further_secrets", "must come with a secret");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, seal_key_.Get(call));
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::UpdateSourceResponse> {
    ASSIGN_OR_RETURN(auto row, store::LockSource(tx, request.user_id(), request.endpoint_id()));
    if (!row.has_value()) return NotFound("source");
    ASSIGN_OR_RETURN(const std::string opened, sealer.Open(row->endpoint_id, row->secrets.value));
    ASSIGN_OR_RETURN(Secrets secrets, DecodeSecrets(opened));
    if (request.has_secret()) {
      status::FieldViolations wrong;
      CheckSecrets(static_cast<v1::Provider>(row->provider), request.secret(),
                   request.further_secrets(), wrong);
      RETURN_IF_ERROR(wrong.ToStatus());
      secrets.secrets = {request.secret()};
      secrets.secrets.insert(secrets.secrets.end(), request.further_secrets().begin(),
                             request.further_secrets().end());
    }
    if (request.has_verify_token()) secrets.verify_token = request.verify_token();
    row->secrets = {sealer.Seal(row->endpoint_id, EncodeSecrets(secrets))};
    if (request.has_description()) row->description = request.description();
    if (request.has_replay_window_seconds()) row->window_seconds = request.replay_window_seconds();
    if (request.has_rules()) row->rules = {request.rules().SerializeAsString()};
    if (request.has_enabled()) row->enabled = request.enabled();
    store::UpdateSource(tx, *row);
    v1::UpdateSourceResponse response;
    *response.mutable_source() = ToProto(*row);
    return response;
  });
}

absl::StatusOr<v1::DeleteSourceResponse> SourceMethods::Delete(
    const Call& call, const v1::DeleteSourceRequest& request) {
  RETURN_IF_ERROR(CheckOwner(request).ToStatus());
  ASSIGN_OR_RETURN(const bool deleted, database_.Write(call, [&](Transaction& tx) {
    return store::DeleteSource(tx, request.user_id(), request.endpoint_id());
  }));
  v1::DeleteSourceResponse response;
  response.set_deleted(deleted);
  return response;
}

absl::StatusOr<v1::ListKindsResponse> SourceMethods::ListKinds(
    const v1::ListKindsRequest& request) {
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  std::vector<v1::Kind> kinds;
  for (const KnownKind& known : KnownKinds()) {
    if (known.kind <= page.after) continue;  // They are in their order.
    v1::Kind& kind = kinds.emplace_back();
    kind.set_kind(std::string(known.kind));
    kind.set_incoming(!known.providers.empty());
    for (const v1::Provider provider : known.providers) kind.add_providers(provider);
    kind.set_event_type(std::string(EventTypeOf(known.kind)));
    kind.set_example(std::string(known.example));
  }
  v1::ListKindsResponse response;
  response.set_next_page_token(page.Cut(kinds, &v1::Kind::kind));
  for (v1::Kind& kind : kinds) *response.add_kinds() = std::move(kind);
  return response;
}

}  // namespace selfology::webhook
