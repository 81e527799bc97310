#include "services/studio/social/token_checks.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "services/studio/social/account_changes.h"
#include "services/studio/social/account_store.h"
#include "services/studio/social/limits.h"
#include "services/studio/social/timing.h"

namespace selfology::social {
namespace {

using postgres::Transaction;
using store::AccountRow;

constexpr absl::Duration kCallTimeout = absl::Seconds(60);
constexpr absl::Duration kLease = absl::Minutes(3);       // Longer than a call.
constexpr absl::Duration kAwayAgain = absl::Minutes(15);  // A platform that does not answer.
constexpr absl::Duration kRenewAgain = absl::Minutes(1);  // The same for a token that is to end.

}  // namespace

absl::StatusOr<bool> TokenChecks::CheckNext(const Call& call) {
  const absl::Time now = around_.clock();
  ASSIGN_OR_RETURN(const std::optional<AccountRow> account,
                   around_.database.Write(call, [&](Transaction& tx) {
                     return store::ClaimCheck(tx, now, now + kLease);
                   }));
  if (!account.has_value()) return false;
  const Publisher* const publisher =
      around_.publishers.Of(static_cast<v1::Platform>(account->platform));
  if (publisher == nullptr) {
    RETURN_IF_ERROR(Later(call, *account, absl::Hours(1)));
    return true;
  }
  ASSIGN_OR_RETURN(const Login login, around_.accounts.Open(call, *account));
  const bool ends = account->expires_at.has_value() && *account->expires_at - now <= kRenewAhead;
  const Call asking = call.WithTimeout(kCallTimeout);
  if (ends && account->refresh.has_value()) {
    RETURN_IF_ERROR(Renew(asking, *account, *publisher, login));
  } else {
    RETURN_IF_ERROR(Check(asking, *account, *publisher, login));
  }
  return true;
}

absl::Status TokenChecks::Later(const Call& call, const AccountRow& account, absl::Duration wait) {
  return around_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    store::SaveCheck(tx, account, std::nullopt, around_.clock() + wait);
    return absl::OkStatus();
  });
}

absl::Status TokenChecks::Renew(const Call& call, const AccountRow& account,
                                const Publisher& publisher, const Login& login) {
  ASSIGN_OR_RETURN(const Renewal renewal, around_.accounts.OpenRenewal(call, account));
  const absl::StatusOr<Tokens> tokens = publisher.Renew(call, login, renewal);
  // The call was made: what came of it is written down although time may be over.
  const Call writing = Call::Background(kCallTimeout, call.trace());
  const absl::Time now = around_.clock();
  if (absl::IsFailedPrecondition(tokens.status()) || absl::IsNotFound(tokens.status())) {
    return around_.database.Write(writing, [&](Transaction& tx) {
      return Break(tx, account,
                   absl::StrCat(NameOf(login.platform),
                                " renews the token no more: connect the account again"));
    });
  }
  if (!tokens.ok()) {
    observe::Warning("token not renewed",
                     {{"account_id", account.id}, {"error", tokens.status().ToString()}});
    return Later(writing, account, kRenewAgain);
  }
  AccountRow renewed = account;
  renewed.token_at = now;
  renewed.expires_at = tokens->lifetime > absl::ZeroDuration()
                           ? std::optional(now + tokens->lifetime)
                           : std::nullopt;
  Renewal next = renewal;
  if (!tokens->refresh_token.empty()) next.refresh_token = tokens->refresh_token;
  ASSIGN_OR_RETURN(renewed.sealed.value,
                   around_.accounts.Seal(writing, account.user_id, tokens->secret));
  ASSIGN_OR_RETURN(renewed.refresh, around_.accounts.SealRenewal(writing, account.user_id, next));
  return around_.database.Write(writing, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const bool saved,
                     store::SaveToken(tx, renewed, account.generation,
                                      CheckAt(now, renewed.expires_at, /*renews=*/true)));
    if (!saved) return absl::OkStatus();
    store::WakeAccount(tx, account.id, now);
    return NoteFact(tx, account.user_id, "social.account.renewed", "ok");
  });
}

absl::Status TokenChecks::Check(const Call& call, const AccountRow& account,
                                const Publisher& publisher, const Login& login) {
  const absl::StatusOr<Identity> identity = publisher.Identify(call, login);
  const absl::Time now = around_.clock();
  const Call writing = Call::Background(kCallTimeout, call.trace());
  if (!identity.ok() && !absl::IsFailedPrecondition(identity.status())) {
    return Later(writing, account, kAwayAgain);
  }
  return around_.database.Write(writing, [&](Transaction& tx) -> absl::Status {
    if (!identity.ok()) {
      std::string reason(identity.status().message());
      if (!absl::StrContains(reason, "connect")) reason += "; then connect the account again";
      return TokenRefused(tx, account, reason, now);
    }
    store::SaveCheck(tx, account, now,
                     CheckAt(now, account.expires_at, account.refresh.has_value()));
    return absl::OkStatus();
  });
}

}  // namespace selfology::social
