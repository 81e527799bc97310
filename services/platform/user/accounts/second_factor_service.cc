#include "services/platform/user/accounts/second_factor_service.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/platform/user/accounts/account_service.h"
#include "services/platform/user/accounts/account_store.h"
#include "services/platform/user/accounts/second_factor.h"
#include "services/platform/user/accounts/totp.h"
#include "services/platform/user/accounts/tries.h"
#include "services/platform/user/secrets.h"

namespace selfology::user {
namespace {

using postgres::Transaction;
using status::FieldViolations;

template <typename Request>
absl::Status CheckCode(const Request& request) {
  FieldViolations bad = status::CheckUser(request);
  if (request.code().empty()) bad.Add("code", "must not be empty");
  return bad.ToStatus();
}

}  // namespace

SecondFactorService::SecondFactorService(postgres::Database& database, Clock clock,
                                         std::shared_ptr<crypto::SealKey> seal_key,
                                         std::string pseudonym_key)
    : database_(database),
      clock_(std::move(clock)),
      seal_key_(std::move(seal_key)),
      pseudonym_key_(std::move(pseudonym_key)) {}

absl::StatusOr<v1::EnrolTotpResponse> SecondFactorService::EnrolTotp(
    const Call& call, const v1::EnrolTotpRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, seal_key_->Get(call));
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::EnrolTotpResponse> {
    store::LockUser(tx, request.user_id());
    ASSIGN_OR_RETURN(const store::Account account, ReadLiveAccount(tx, request.user_id()));
    ASSIGN_OR_RETURN(const auto known, store::ReadSecondFactor(tx, request.user_id()));
    if (known.has_value() && known->confirmed) return InvalidCode();
    const std::string secret = RandomBytes(kTotpSecretBytes);
    store::SaveSecondFactor(tx, request.user_id(), {.secret = sealer.Seal(kTotpPurpose, secret)});
    v1::EnrolTotpResponse response;
    response.set_secret(Base32(secret));
    const v1::User& user = account.user;
    response.set_otpauth_uri(
        OtpauthUri(user.email().empty() ? absl::StrCat(user.user_id()) : user.email(), secret));
    return response;
  });
}

absl::StatusOr<v1::ConfirmTotpResponse> SecondFactorService::ConfirmTotp(
    const Call& call, const v1::ConfirmTotpRequest& request) {
  RETURN_IF_ERROR(CheckCode(request));
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, seal_key_->Get(call));
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::ConfirmTotpResponse> {
    store::LockUser(tx, request.user_id());
    RETURN_IF_ERROR(ReadLiveAccount(tx, request.user_id()));
    ASSIGN_OR_RETURN(std::optional<store::SecondFactor> factor,
                     store::ReadSecondFactor(tx, request.user_id()));
    if (!factor.has_value() || factor->confirmed) return InvalidCode();
    ASSIGN_OR_RETURN(const std::string secret, OpenTotpSecret(sealer, factor->secret));
    const auto step = MatchTotp(secret, request.code(), clock_(), factor->last_step);
    if (!step.has_value()) return InvalidCode();
    factor->confirmed = true;
    factor->last_step = *step;
    store::SaveSecondFactor(tx, request.user_id(), *factor);
    v1::ConfirmTotpResponse response;
    std::vector<std::string> hashes;
    for (int i = 0; i < kRecoveryCodes; ++i) {
      const std::string code = NewShortCode(kRecoveryCodeLetters);
      hashes.push_back(HashOfCode(code));
      // In groups, as people copy them.
      response.add_recovery_codes(
          absl::StrCat(code.substr(0, 4), "-", code.substr(4, 4), "-", code.substr(8)));
    }
    store::ReplaceRecoveryCodes(tx, request.user_id(), hashes);
    return response;
  });
}

absl::StatusOr<v1::DisableTotpResponse> SecondFactorService::DisableTotp(
    const Call& call, const v1::DisableTotpRequest& request) {
  RETURN_IF_ERROR(CheckCode(request));
  // Whoever stole a session must not guess the code with it. A wrong one commits, too: it counts.
  const std::string tries = KeyedHash(pseudonym_key_, absl::StrCat("code:", request.user_id()));
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, seal_key_->Get(call));
  ASSIGN_OR_RETURN(
      const Factor factor, database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<Factor> {
        RETURN_IF_ERROR(MayTry(tx, tries, clock_()));
        RETURN_IF_ERROR(ReadLiveAccount(tx, request.user_id()));
        ASSIGN_OR_RETURN(const Factor found, CheckSecondFactor(tx, sealer, request.user_id(),
                                                               request.code(), clock_()));
        if (found == Factor::kWrong) {
          RETURN_IF_ERROR(NoteFailure(tx, tries, clock_()));
        } else {
          store::ForgetFailures(tx, tries);
          store::DeleteSecondFactor(tx, request.user_id());
        }
        return found;
      }));
  if (factor == Factor::kWrong) return InvalidCode();
  return v1::DisableTotpResponse();
}

absl::StatusOr<v1::GetSecondFactorResponse> SecondFactorService::GetSecondFactor(
    const Call& call, const v1::GetSecondFactorRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  return database_.Read(
      call,
      [&](Transaction& tx) -> absl::StatusOr<v1::GetSecondFactorResponse> {
        RETURN_IF_ERROR(ReadLiveAccount(tx, request.user_id()));
        ASSIGN_OR_RETURN(const auto factor, store::ReadSecondFactor(tx, request.user_id()));
        ASSIGN_OR_RETURN(const int codes, store::CountRecoveryCodes(tx, request.user_id()));
        v1::GetSecondFactorResponse response;
        response.set_enabled(factor.has_value() && factor->confirmed);
        response.set_recovery_codes_left(codes);
        return response;
      },
      {.newest = true});
}

}  // namespace selfology::user
