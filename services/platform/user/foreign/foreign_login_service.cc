#include "services/platform/user/foreign/foreign_login_service.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/security.pb.h"
#include "selfology/events/v1/user.pb.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/user/accounts/account_service.h"
#include "services/platform/user/accounts/profile_rules.h"
#include "services/platform/user/foreign/foreign_store.h"
#include "services/platform/user/secrets.h"

namespace selfology::user {
namespace {

using postgres::Transaction;
using status::FieldViolations;
using store::Account;

constexpr paging::Limits kPage = {.default_size = 100, .max_size = 100};
constexpr absl::Duration kAttemptLasts = absl::Minutes(10);
constexpr int kMaxName = 64;

// What a provider says a person is called, as far as it can be.
std::string NameOf(const ForeignIdentity& identity) {
  const std::string_view name = text::Trim(identity.first_name);
  return text::IsStorable(name) ? std::string(text::Prefix(name, kMaxName)) : "";
}

bool IsUsable(const std::string& email) {
  FieldViolations bad;
  CheckEmail(email, "email", bad);
  return bad.empty();
}

}  // namespace

ForeignLoginService::ForeignLoginService(Parts parts)
    : parts_(std::move(parts)), client_(parts_.http, parts_.clock) {}

absl::StatusOr<v1::ListProvidersResponse> ForeignLoginService::ListProviders(
    const Call&, const v1::ListProvidersRequest& request) {
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  std::vector<std::string> ids;
  for (const auto& [id, provider] : parts_.providers) {
    if (id > page.after) ids.push_back(id);
  }
  v1::ListProvidersResponse response;
  response.set_next_page_token(page.Cut(ids, [](const std::string& id) { return id; }));
  response.mutable_providers()->Assign(ids.begin(), ids.end());
  return response;
}

absl::StatusOr<v1::BeginForeignLoginResponse> ForeignLoginService::BeginForeignLogin(
    const Call& call, const v1::BeginForeignLoginRequest& request) {
  const auto provider = parts_.providers.find(request.provider());
  if (provider == parts_.providers.end()) {
    return status::InvalidField("provider", "must be one of ListProviders");
  }
  const auto& uris = provider->second.redirect_uris;
  if (std::find(uris.begin(), uris.end(), request.redirect_uri()) == uris.end()) {
    return status::InvalidField("redirect_uri", "must be one that the provider's setting allows");
  }
  const LoginAttempt attempt{.state = NewCode(),
                             .nonce = NewCode(),
                             .verifier = NewCode(),
                             .redirect_uri = request.redirect_uri()};
  v1::BeginForeignLoginResponse response;
  response.set_state(attempt.state);
  ASSIGN_OR_RETURN(*response.mutable_authorization_url(),
                   client_.AuthorizationUrl(call, provider->second, attempt));
  RETURN_IF_ERROR(parts_.database.Write(call, [&](Transaction& tx) {
    store::SaveForeignLogin(tx, HashOfCode(attempt.state),
                            {.provider = request.provider(),
                             .redirect_uri = attempt.redirect_uri,
                             .nonce = attempt.nonce,
                             .verifier = attempt.verifier},
                            parts_.clock() + kAttemptLasts);
    return absl::OkStatus();
  }));
  return response;
}

absl::StatusOr<Account> ForeignLoginService::FindOrMake(Transaction& tx,
                                                        const std::string& provider,
                                                        const ForeignIdentity& identity,
                                                        Entry& entry) {
  ASSIGN_OR_RETURN(const auto known, store::PersonOfForeign(tx, provider, identity.subject));
  if (known.has_value()) return ReadLiveAccount(tx, *known);
  const absl::Time now = timestamps::WholeMicroseconds(parts_.clock());
  std::string email = NormalEmail(identity.email);
  if (!IsUsable(email)) email.clear();
  std::optional<Account> account;
  if (!email.empty()) {
    ASSIGN_OR_RETURN(account, store::ReadAccountOfEmail(tx, email));
  }
  if (account.has_value()) {
    // Else who registers somebody's address, here or there, would get into the other's account.
    if (!identity.email_verified || !account->user.email_verified() || account->deleting) {
      return status::Error(mesh::v1::ERROR_CODE_EMAIL_TAKEN,
                           "the address has an account, and is not proved on both sides");
    }
  } else {
    account.emplace();
    ASSIGN_OR_RETURN(const int64_t user_id, store::NextWebId(tx));
    account->user.set_user_id(user_id);
    account->user.set_email(email);
    account->user.set_email_verified(!email.empty() && identity.email_verified);
    account->user.set_first_name(NameOf(identity));
    *account->user.mutable_created_at() = timestamps::ToProto(now);
    ASSIGN_OR_RETURN(const bool inserted, store::InsertAccount(tx, *account));
    if (!inserted) return absl::AbortedError("the account was made meanwhile");
    entry.registered = true;
    events::v1::UserRegistered event;
    event.set_user_id(user_id);
    event.set_origin(provider);
    RETURN_IF_ERROR(events::Publish(tx, event));
    if (!email.empty() && !identity.email_verified) {
      RETURN_IF_ERROR(SendVerification(tx, account->user, now));
    }
  }
  store::SaveForeignAccount(tx, provider, identity.subject, account->user.user_id(), now);
  return *std::move(account);
}

absl::StatusOr<ForeignLoginService::Entry> ForeignLoginService::Enter(
    Transaction& tx, const crypto::Sealer& sealer, const std::string& provider,
    const ForeignIdentity& identity, std::string_view code, const AttemptFrom& from) {
  Entry entry;
  ASSIGN_OR_RETURN(const Account account, FindOrMake(tx, provider, identity, entry));
  entry.user_id = account.user.user_id();
  ASSIGN_OR_RETURN(entry.factor,
                   CheckSecondFactor(tx, sealer, entry.user_id, code, parts_.clock()));
  if (entry.factor == Factor::kMissing) return entry;
  events::v1::LoginAttempted attempt = NewAttempt(
      parts_.pseudonym_key, absl::StrCat(provider, ":", identity.subject), entry.user_id, from);
  attempt.set_outcome(entry.factor == Factor::kWrong ? events::v1::LOGIN_OUTCOME_WRONG_CODE
                                                     : events::v1::LOGIN_OUTCOME_SUCCEEDED);
  RETURN_IF_ERROR(events::Publish(tx, attempt));
  return entry;
}

absl::StatusOr<v1::FinishForeignLoginResponse> ForeignLoginService::FinishForeignLogin(
    const Call& call, const v1::FinishForeignLoginRequest& request) {
  FieldViolations bad;
  if (request.state().empty()) bad.Add("state", "must not be empty");
  if (request.provider_code().empty()) bad.Add("provider_code", "must not be empty");
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const std::optional<store::ForeignLogin> login,
                   parts_.database.Write(call, [&](Transaction& tx) {
                     return store::TakeForeignLogin(tx, HashOfCode(request.state()),
                                                    parts_.clock());
                   }));
  if (!login.has_value()) return InvalidCode();
  const auto provider = parts_.providers.find(login->provider);
  if (provider == parts_.providers.end()) return InvalidCode();
  ASSIGN_OR_RETURN(const ForeignIdentity identity,
                   client_.Redeem(call, provider->second,
                                  {.state = request.state(),
                                   .nonce = login->nonce,
                                   .verifier = login->verifier,
                                   .redirect_uri = login->redirect_uri},
                                  request.provider_code()));
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, parts_.seal_key->Get(call));
  const std::string country = parts_.country_of(call, request.network_address());
  ASSIGN_OR_RETURN(const Entry entry, parts_.database.Write(call, [&](Transaction& tx) {
    return Enter(tx, sealer, login->provider, identity, request.code(),
                 {.network_address = request.network_address(), .country = country});
  }));
  RETURN_IF_ERROR(ToStatus(entry.factor));
  v1::FinishForeignLoginResponse response;
  response.set_user_id(entry.user_id);
  response.set_registered(entry.registered);
  ASSIGN_OR_RETURN(
      *response.mutable_tokens(),
      parts_.tokens->OpenSession(call, {.user_id = entry.user_id,
                                        .method = "oidc",
                                        .network_address = request.network_address()}));
  return response;
}

}  // namespace selfology::user
