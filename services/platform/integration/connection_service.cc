#include "services/platform/integration/connection_service.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/idempotency/once.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/integration.pb.h"
#include "services/platform/integration/connection_store.h"
#include "services/platform/integration/errors.h"
#include "services/platform/integration/renewal_rules.h"

namespace selfology::integration {
namespace {

using identity::OwnerOf;
using postgres::Transaction;
using store::ConnectionRow;

constexpr paging::Limits kPage = {.default_size = 50, .max_size = 200};
constexpr absl::Duration kAttemptLasts = absl::Minutes(10);
constexpr absl::Duration kTaken = absl::Seconds(30);
constexpr int kMaxScopes = 50;
constexpr size_t kMaxScope = 200;
constexpr size_t kMaxCode = 4096;
constexpr absl::Duration kRevokeNow = absl::Seconds(2);

std::string HashOf(std::string_view state) { return absl::BytesToHexString(crypto::Sha256(state)); }

bool IsPrintable(std::string_view text, size_t most) {
  return !text.empty() && text.size() <= most &&
         std::all_of(text.begin(), text.end(), absl::ascii_isgraph);
}

status::FieldViolations CheckStart(const v1::StartConnectionRequest& request,
                                   const Provider& provider) {
  status::FieldViolations bad = status::CheckUser(request);
  idempotency::CheckKey(request.idempotency_key(), bad);
  if (request.scopes_size() > kMaxScopes) bad.Add("scopes", "must be at most 50");
  const auto& allowed = provider.allowed_scopes;
  for (int i = 0; i < std::min(request.scopes_size(), kMaxScopes); ++i) {
    const std::string field = absl::StrCat("scopes[", i, "]");
    if (!IsPrintable(request.scopes(i), kMaxScope)) {
      bad.Add(field, "must be 1 to 200 printable ASCII characters without spaces");
    } else if (!allowed.empty() &&
               std::find(allowed.begin(), allowed.end(), request.scopes(i)) == allowed.end()) {
      bad.Add(field, "is not allowed by this installation");
    }
  }
  const auto& uris = provider.redirect_uris;
  if (!request.redirect_uri().empty() &&
      std::find(uris.begin(), uris.end(), request.redirect_uri()) == uris.end()) {
    bad.Add("redirect_uri", "must be one of those that are registered");
  }
  return bad;
}

absl::Status ErrorOf(TokenError error) {
  switch (error) {
    case TokenError::kAway:
      return absl::UnavailableError("the provider is away");
    case TokenError::kGrant:
      return NotPossible("the provider refused the code");
    case TokenError::kClient:
      return NotPossible("the provider refused this installation");
    default:
      return NotPossible("the provider gave no token");
  }
}

}  // namespace

absl::Status RemoveConnection(Transaction& tx, const ConnectionRow& row, absl::Time now) {
  store::DeleteConnection(tx, row.connection_id);
  store::InsertRevocation(tx, row.provider, row.tokens, now);
  events::v1::ConnectionRemoved event;
  event.set_user_id(row.user_id);
  event.set_connection_id(row.connection_id);
  event.set_provider(row.provider);
  return events::Publish(tx, event);
}

absl::Status RemoveConnectionsOf(Transaction& tx, int64_t team_id, absl::Time now) {
  constexpr int64_t kAtOnce = 100;
  for (;;) {
    ASSIGN_OR_RETURN(
        const std::vector<ConnectionRow> rows,
        store::ListConnections(tx, {.team_id = team_id}, "", /*after_place=*/0, kAtOnce));
    if (rows.empty()) return absl::OkStatus();
    for (const ConnectionRow& row : rows) RETURN_IF_ERROR(RemoveConnection(tx, row, now));
  }
}

absl::StatusOr<v1::ListProvidersResponse> ConnectionService::ListProviders(
    const Call&, const v1::ListProvidersRequest& request) {
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  std::vector<v1::Provider> providers;
  for (auto next = parts_.providers.upper_bound(page.after);
       next != parts_.providers.end() && providers.size() < static_cast<size_t>(page.limit());
       ++next) {
    const Provider& known = next->second;
    v1::Provider& provider = providers.emplace_back();
    provider.set_provider(known.id);
    provider.set_display(known.display);
    for (const std::string& scope : known.default_scopes) provider.add_default_scopes(scope);
    for (const std::string& scope : known.allowed_scopes) provider.add_allowed_scopes(scope);
  }
  v1::ListProvidersResponse response;
  response.set_next_page_token(page.Cut(providers, &v1::Provider::provider));
  for (v1::Provider& provider : providers) *response.add_providers() = std::move(provider);
  return response;
}

absl::StatusOr<v1::StartConnectionResponse> ConnectionService::StartConnection(
    const Call& call, const v1::StartConnectionRequest& request) {
  const auto found = parts_.providers.find(request.provider());
  if (found == parts_.providers.end()) return NotFound("provider");
  const Provider& provider = found->second;
  RETURN_IF_ERROR(CheckStart(request, provider).ToStatus());
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, parts_.seal_key.Get(call));
  const absl::Time now = parts_.clock();
  const std::string state = crypto::ToBase64Url(crypto::RandomBytes(32));
  const std::string verifier = crypto::ToBase64Url(crypto::RandomBytes(32));
  std::vector<std::string> scopes(request.scopes().begin(), request.scopes().end());
  if (scopes.empty()) scopes = provider.default_scopes;
  const std::string redirect_uri =
      request.redirect_uri().empty() ? provider.redirect_uris.front() : request.redirect_uri();
  return parts_.database.Write(call, [&](Transaction& tx) {
    return idempotency::Once<v1::StartConnectionResponse>(
        tx,
        {.table = store::kRequests,
         .user_id = request.user_id(),
         .rpc = "StartConnection",
         .key = request.idempotency_key(),
         .now = now},
        [&]() -> absl::StatusOr<v1::StartConnectionResponse> {
          store::InsertAttempt(tx, {.state_hash = HashOf(state),
                                    .user_id = request.user_id(),
                                    .provider = provider.id,
                                    .scopes = scopes,
                                    .redirect_uri = redirect_uri,
                                    .verifier = {sealer.Seal("verifier", verifier)},
                                    .expires_at = now + kAttemptLasts,
                                    .team_id = request.team_id()});
          v1::StartConnectionResponse response;
          response.set_authorization_url(AuthorizationUrl(provider, {.state = state,
                                                                     .verifier = verifier,
                                                                     .redirect_uri = redirect_uri,
                                                                     .scopes = scopes}));
          response.set_state(state);
          return response;
        });
  });
}

absl::StatusOr<v1::FinishConnectionResponse> ConnectionService::FinishConnection(
    const Call& call, const v1::FinishConnectionRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  if (!IsPrintable(request.state(), 128))
    bad.Add("state", "must be what the browser came back with");
  if (request.error().empty() && !IsPrintable(request.code(), kMaxCode)) {
    bad.Add("code", "must be 1 to 4096 printable ASCII characters, unless there is an error");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  const std::string hash = HashOf(request.state());
  const absl::Time now = parts_.clock();
  std::optional<ConnectionRow> existing;
  ASSIGN_OR_RETURN(
      const store::AttemptRow attempt,
      parts_.database.Write(call, [&](Transaction& tx) -> absl::StatusOr<store::AttemptRow> {
        ASSIGN_OR_RETURN(const auto row, store::LockAttempt(tx, OwnerOf(request), hash, now));
        if (!row.has_value()) return NotFound("attempt");
        if (row->connection_id.has_value()) {
          ASSIGN_OR_RETURN(existing,
                           store::ReadConnection(tx, OwnerOf(request), *row->connection_id));
          if (!existing.has_value()) return NotFound("attempt");
          return *row;
        }
        if (!request.error().empty()) {
          return NotPossible("the person or the provider refused");
        }
        if (row->taken_until > now) return absl::UnavailableError("the attempt is being finished");
        store::TakeAttempt(tx, hash, now + kTaken);
        return *row;
      }));
  if (existing.has_value()) {
    v1::FinishConnectionResponse response;
    *response.mutable_connection() = store::ToProto(*existing);
    return response;
  }
  const auto provider = parts_.providers.find(attempt.provider);
  if (provider == parts_.providers.end()) return NotFound("attempt");
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, parts_.seal_key.Get(call));
  ASSIGN_OR_RETURN(const std::string verifier, sealer.Open("verifier", attempt.verifier.value));
  const auto redeemed =
      parts_.client.Redeem(call, provider->second, request.code(), verifier, attempt.redirect_uri);
  if (!redeemed.ok()) return absl::UnavailableError("the provider is away");
  if (redeemed->answer.error != TokenError::kNone) return ErrorOf(redeemed->answer.error);
  return Keep(call, attempt, *redeemed);
}

absl::StatusOr<v1::FinishConnectionResponse> ConnectionService::Keep(
    const Call& call, const store::AttemptRow& attempt, const ProviderClient::Redeemed& redeemed) {
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, parts_.seal_key.Get(call));
  const Provider& provider = parts_.providers.at(attempt.provider);
  const absl::Time now = parts_.clock();
  const std::string new_id = absl::StrCat("con_", crypto::ToBase64Url(crypto::RandomBytes(16)));
  const TokenAnswer& answer = redeemed.answer;
  // A provider that does not say whose account it is gives a new connection each time.
  const std::string account_id = redeemed.account.id.empty() ? new_id : redeemed.account.id;
  const postgres::Bytes tokens = {sealer.Seal("tokens", EncodeTokens(answer.tokens))};
  using Kept = std::optional<v1::FinishConnectionResponse>;
  ASSIGN_OR_RETURN(
      Kept kept, parts_.database.Write(call, [&](Transaction& tx) -> absl::StatusOr<Kept> {
        store::LockUser(tx, attempt.user_id);
        ASSIGN_OR_RETURN(const bool stands, store::HasAttempt(tx, attempt.state_hash));
        if (!stands) {
          // The person was erased while the provider was asked.
          store::InsertRevocation(tx, attempt.provider, tokens, now);
          return std::nullopt;
        }
        ASSIGN_OR_RETURN(auto old,
                         store::LockAccount(tx, attempt.user_id, attempt.provider, account_id));
        const bool renewed = old.has_value();
        const bool failed = renewed && old->state != v1::CONNECTION_STATE_ACTIVE;
        ConnectionRow row;
        if (renewed) {
          row = *std::move(old);
        } else {
          row.connection_id = new_id;
          row.user_id = attempt.user_id;
          row.provider = attempt.provider;
          row.account_id = account_id;
          row.generation = 0;
          row.created_at = now;
        }
        row.team_id = attempt.team_id;
        row.account_name = redeemed.account.name;
        row.scopes = answer.scopes.value_or(attempt.scopes);
        row.tokens = tokens;
        row.refreshes = !answer.tokens.refresh.empty();
        ++row.generation;
        ++row.renewal;  // One that is under way writes nothing any more.
        row.renewing_until = std::nullopt;
        row.state = v1::CONNECTION_STATE_ACTIVE;
        row.failure = v1::CONNECTION_FAILURE_UNSPECIFIED;
        row.failing_since = std::nullopt;
        row.failures = 0;
        row.expires_at = std::nullopt;
        row.refresh_at = std::nullopt;
        if (answer.lasts.has_value()) {
          row.expires_at = now + *answer.lasts;
          if (row.refreshes) row.refresh_at = RefreshAt(now, *answer.lasts);
        }
        if (renewed) {
          store::UpdateConnection(tx, row);
        } else {
          store::InsertConnection(tx, row);
        }
        store::FinishAttempt(tx, attempt.state_hash, row.connection_id);
        events::v1::ConnectionEstablished event;
        event.set_user_id(row.user_id);
        event.set_connection_id(row.connection_id);
        event.set_provider(row.provider);
        for (const std::string& scope : row.scopes) event.add_scopes(scope);
        event.set_renewed(renewed);
        RETURN_IF_ERROR(events::Publish(tx, event));
        if (failed) RETURN_IF_ERROR(TellRecovered(tx, row, provider.display));
        v1::FinishConnectionResponse response;
        *response.mutable_connection() = store::ToProto(row);
        return response;
      }));
  if (!kept.has_value()) return NotFound("attempt");
  return *std::move(kept);
}

absl::StatusOr<v1::ListConnectionsResponse> ConnectionService::ListConnections(
    const Call& call, const v1::ListConnectionsRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const int64_t after, page.AfterId(0));
  ASSIGN_OR_RETURN(std::vector<ConnectionRow> rows,
                   parts_.database.Read(call, [&](Transaction& tx) {
                     return store::ListConnections(tx, OwnerOf(request), request.provider(), after,
                                                   page.limit());
                   }));
  v1::ListConnectionsResponse response;
  response.set_next_page_token(page.Cut(rows, &ConnectionRow::place));
  for (const ConnectionRow& row : rows) *response.add_connections() = store::ToProto(row);
  return response;
}

absl::StatusOr<v1::GetConnectionResponse> ConnectionService::GetConnection(
    const Call& call, const v1::GetConnectionRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const auto row, parts_.database.Read(call, [&](Transaction& tx) {
    return store::ReadConnection(tx, OwnerOf(request), request.connection_id());
  }));
  if (!row.has_value()) return NotFound("connection");
  v1::GetConnectionResponse response;
  *response.mutable_connection() = store::ToProto(*row);
  return response;
}

absl::StatusOr<v1::DisconnectResponse> ConnectionService::Disconnect(
    const Call& call, const v1::DisconnectRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(
      const bool removed, parts_.database.Write(call, [&](Transaction& tx) -> absl::StatusOr<bool> {
        ASSIGN_OR_RETURN(const auto row,
                         store::LockConnection(tx, OwnerOf(request), request.connection_id()));
        if (!row.has_value()) return false;
        RETURN_IF_ERROR(RemoveConnection(tx, *row, parts_.clock()));
        return true;
      }));
  // Best at once; if not, it is written down and tried again.
  if (removed) (void)parts_.renewer.RevokeDue(call.WithTimeout(kRevokeNow)).ok();
  v1::DisconnectResponse response;
  response.set_disconnected(removed);
  return response;
}

absl::StatusOr<v1::RefreshConnectionResponse> ConnectionService::RefreshConnection(
    const Call& call, const v1::RefreshConnectionRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  if (request.generation() < 0) bad.Add("generation", "must be 0 or above");
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(
      const ConnectionRow row,
      parts_.renewer.Renew(call, OwnerOf(request), request.connection_id(), request.generation()));
  v1::RefreshConnectionResponse response;
  *response.mutable_connection() = store::ToProto(row);
  return response;
}

}  // namespace selfology::integration
