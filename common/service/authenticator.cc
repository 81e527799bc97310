#include "common/service/authenticator.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "common/observe/log.h"
#include "common/rpc/access_control.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::service {
namespace {

using identity::Caller;
namespace v1 = security::v1;

constexpr std::string_view kApiKeyPrefix = "sk_";
constexpr size_t kMaxApiKeyBytes = 256;
constexpr absl::Duration kAskTimeout = absl::Seconds(2);
constexpr absl::Duration kRefreshKeys = absl::Minutes(1);
// Between two attempts to read for the first time what is revoked.
constexpr absl::Duration kAskPause = absl::Seconds(1);

absl::Status Refused(std::string_view why) {
  return status::Error(mesh::v1::ERROR_CODE_UNAUTHENTICATED, why);
}

// Why it is, Refresh logs.
absl::Status Unavailable() {
  return status::Error(mesh::v1::ERROR_CODE_SERVICE_UNAVAILABLE,
                       "tokens cannot be checked at the moment");
}

// Whoever needs it, it is asked for by this process, and others get the answer, too.
Call OwnCall(const Call& call) { return call.WithTimeout(kAskTimeout).InOwnName(); }

}  // namespace

Authenticator::Authenticator(Options options, std::shared_ptr<rpc::Channel> security)
    : options_(std::move(options)),
      security_(std::move(security)),
      tokens_(options_.tokens),
      api_keys_(options_.api_keys) {}

absl::StatusOr<std::shared_ptr<const Caller>> Authenticator::Authenticate(
    const Call& call, std::string_view authorization) {
  ASSIGN_OR_RETURN(const std::string_view bearer, rpc::BearerOf(authorization));
  RETURN_IF_ERROR(KnowRevocations(call));
  ASSIGN_OR_RETURN(CallerPtr caller, absl::StartsWith(bearer, kApiKeyPrefix)
                                         ? ByApiKey(call, bearer)
                                         : ByToken(call, bearer));
  RETURN_IF_ERROR(CheckNotRevoked(*caller));
  return caller;
}

absl::StatusOr<std::shared_ptr<const Caller>> Authenticator::ByToken(const Call& call,
                                                                     std::string_view token) {
  const absl::Time now = options_.clock();
  if (token.size() > identity::kMaxTokenBytes) return Refused("token refused: too long");
  if (CallerPtr seen = tokens_.Find(token, now); seen != nullptr) return seen;
  const std::shared_ptr<const Known> before = known();
  ASSIGN_OR_RETURN(Caller verified, Verify(call, token, now));
  const auto caller = std::make_shared<const Caller>(std::move(verified));
  // Else its key may just have been withdrawn: next time.
  if (known() == before) tokens_.Remember(token, caller, caller->expires_at);
  return caller;
}

absl::StatusOr<Caller> Authenticator::Verify(const Call& call, std::string_view token,
                                             absl::Time now) {
  const auto verify = [&] {
    const std::shared_ptr<const Known> by = known();
    return identity::VerifyToken(token, by->keys, by->rules, now);
  };
  absl::StatusOr<Caller> caller = verify();
  if (!absl::IsNotFound(caller.status())) return caller;
  absl::MutexLock lock(&asking_);
  if (now >= ask_keys_at_) {
    keys_status_ = ReadKeys(OwnCall(call));
    ask_keys_at_ = now + options_.ask_again;
  }
  // Others may have asked meanwhile.
  caller = verify();
  if (!absl::IsNotFound(caller.status())) return caller;
  if (!keys_status_.ok()) return Unavailable();
  return Refused("token refused: unknown key");
}

absl::StatusOr<std::shared_ptr<const Caller>> Authenticator::ByApiKey(const Call& call,
                                                                      std::string_view key) {
  const absl::Time now = options_.clock();
  if (key.size() > kMaxApiKeyBytes) return Refused("API key refused: too long");
  if (CallerPtr seen = api_keys_.Find(key, now); seen != nullptr) return seen;
  v1::VerifyApiKeyRequest request;
  request.set_api_key(std::string(key));
  const auto response = security_.VerifyApiKey(OwnCall(call), request);
  if (absl::IsUnauthenticated(response.status()) || absl::IsInvalidArgument(response.status())) {
    return Refused("API key refused");
  }
  if (!response.ok()) return Unavailable();
  const absl::Time expires = response->has_expires_at()
                                 ? timestamps::FromProto(response->expires_at())
                                 : absl::InfiniteFuture();
  const auto caller = std::make_shared<const Caller>(
      Caller{.kind = Caller::Kind::kMachine,
             .user_id = response->user_id(),
             .token_id = response->key_id(),
             .permissions = {response->scopes().begin(), response->scopes().end()},
             .expires_at = expires});
  if (expires <= now) return Refused("API key refused");
  api_keys_.Remember(key, caller, std::min(expires, now + options_.remember_api_key));
  return caller;
}

absl::Status Authenticator::CheckNotRevoked(const Caller& caller) const {
  absl::ReaderMutexLock lock(&mutex_);
  return revoked_.Revoked(caller) ? Refused("revoked") : absl::OkStatus();
}

std::shared_ptr<const Authenticator::Known> Authenticator::known() const {
  absl::ReaderMutexLock lock(&mutex_);
  return known_;
}

absl::Status Authenticator::KnowRevocations(const Call& call) {
  const auto known = [this] {
    absl::ReaderMutexLock lock(&mutex_);
    return revocations_known_;
  };
  if (known()) return absl::OkStatus();
  absl::MutexLock lock(&asking_);
  if (known()) return absl::OkStatus();
  absl::Status status = absl::UnavailableError("asked a moment ago");
  if (options_.clock() >= ask_revocations_at_) {
    status = ReadRevocations(OwnCall(call));
    ask_revocations_at_ = options_.clock() + kAskPause;
  }
  return status.ok() ? status : Unavailable();
}

absl::Status Authenticator::ReadRevocations(const Call& call) {
  const auto set_stale = [this](bool stale) {
    absl::MutexLock lock(&mutex_);
    revocations_stale_ = stale;
  };
  set_stale(false);  // First: what is missed from now on may not be in the answer.
  const auto response = security_.ListRevocations(call, {});
  if (!response.ok()) {
    set_stale(true);
    return response.status();
  }
  absl::MutexLock lock(&mutex_);
  for (const v1::Revocation& revocation : response->revocations()) Add(revocation);
  revoked_.Forget(options_.clock());
  revocations_known_ = true;
  return absl::OkStatus();
}

absl::Status Authenticator::ReadKeys(const Call& call) {
  const auto response = security_.GetKeySet(call, {});
  RETURN_IF_ERROR(response);
  std::vector<identity::JsonWebKey> keys;
  for (const v1::JsonWebKey& key : response->keys()) {
    keys.push_back({.kty = key.kty(),
                    .crv = key.crv(),
                    .x = key.x(),
                    .y = key.y(),
                    .kid = key.kid(),
                    .alg = key.alg(),
                    .use = key.use()});
  }
  Known read = {.keys = identity::KeySet(keys), .rules = options_.rules};
  if (read.rules.issuer.empty()) {
    // One of before it said so is the issuer that was the default then.
    read.rules.issuer =
        response->issuer().empty() ? identity::TokenRules().issuer : response->issuer();
  }
  {
    absl::MutexLock lock(&mutex_);
    known_ = std::make_shared<const Known>(std::move(read));
  }
  // A key that is not there any more signs nothing any more.
  tokens_.Forget([](const Caller&) { return true; });
  return absl::OkStatus();
}

void Authenticator::Add(const v1::Revocation& revocation) {
  revoked_.Add({.user_id = revocation.user_id(),
                .session_id = revocation.session_id(),
                .token_id = revocation.token_id(),
                .issued_before = revocation.has_issued_before()
                                     ? timestamps::FromProto(revocation.issued_before())
                                     : options_.clock(),
                .forget_after = revocation.has_forget_after()
                                    ? timestamps::FromProto(revocation.forget_after())
                                    : absl::InfiniteFuture()});
}

void Authenticator::Revoke(const events::v1::TokensRevoked& event) {
  {
    absl::MutexLock lock(&mutex_);
    Add(event.revocation());
  }
  // What security says of their keys may have changed with it.
  if (event.user_id() <= 0) return;
  api_keys_.Forget([&](const Caller& caller) { return caller.user_id == event.user_id(); });
}

void Authenticator::ReadRevocations() {
  {
    absl::MutexLock lock(&mutex_);
    revocations_stale_ = true;
  }
  Refresh();
}

void Authenticator::Refresh() {
  const auto stale = [this] {
    absl::ReaderMutexLock lock(&mutex_);
    return revocations_stale_;
  };
  absl::MutexLock lock(&asking_);
  const absl::Time now = options_.clock();
  const Call call = Call::Background(kAskTimeout);
  absl::Status status;
  if (stale()) status.Update(ReadRevocations(call));
  if (!keys_status_.ok() || now >= refresh_keys_at_) {
    keys_status_ = ReadKeys(call);
    if (keys_status_.ok()) refresh_keys_at_ = now + kRefreshKeys;
    status.Update(keys_status_);
  }
  if (status.code() != last_status_) {
    last_status_ = status.code();
    if (status.ok()) {
      observe::Info(observe::Category::kSecurity, "keys and revocations are known");
    } else {
      observe::Warning(observe::Category::kSecurity, "keys or revocations cannot be read",
                       {{"status", status}});
    }
  }
}

}  // namespace selfology::service
