// The RPCs of accounts; see proto/selfology/user/v1/account_service.proto for what each does.
// DeleteUserData is the kernel's: it calls what module.cc gives to OnErase.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/crypto/seal_key.h"
#include "common/postgres/database.h"
#include "selfology/user/v1/account_service_endpoints.h"
#include "services/platform/user/accounts/account_store.h"
#include "services/platform/user/accounts/login_attempt.h"
#include "services/platform/user/accounts/mails.h"
#include "services/platform/user/accounts/password_workers.h"
#include "services/platform/user/accounts/token_issuer.h"

namespace selfology::user {

class AccountService final : public v1::AccountServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  struct Parts {
    postgres::Database& database;  // Outlives the service.
    Clock clock;
    std::shared_ptr<PasswordWorkers> workers;
    std::shared_ptr<TokenIssuer> tokens;
    std::string pseudonym_key;  // Of the hashes in login.attempted.
    std::shared_ptr<crypto::SealKey> seal_key;
    CountryOf country_of;
  };
  explicit AccountService(Parts parts);

  absl::StatusOr<v1::RegisterResponse> Register(const Call& call,
                                                const v1::RegisterRequest& request) override;
  absl::StatusOr<v1::LoginResponse> Login(const Call& call,
                                          const v1::LoginRequest& request) override;
  absl::StatusOr<v1::VerifyEmailResponse> VerifyEmail(
      const Call& call, const v1::VerifyEmailRequest& request) override;
  absl::StatusOr<v1::RequestVerificationResponse> RequestVerification(
      const Call& call, const v1::RequestVerificationRequest& request) override;
  absl::StatusOr<v1::RequestRecoveryResponse> RequestRecovery(
      const Call& call, const v1::RequestRecoveryRequest& request) override;
  absl::StatusOr<v1::RecoverPasswordResponse> RecoverPassword(
      const Call& call, const v1::RecoverPasswordRequest& request) override;
  absl::StatusOr<v1::ChangePasswordResponse> ChangePassword(
      const Call& call, const v1::ChangePasswordRequest& request) override;

  absl::StatusOr<v1::GetUserResponse> GetUser(const Call& call,
                                              const v1::GetUserRequest& request) override;
  absl::StatusOr<v1::UpdateUserResponse> UpdateUser(const Call& call,
                                                    const v1::UpdateUserRequest& request) override;
  absl::StatusOr<v1::PatchUserResponse> PatchUser(const Call& call,
                                                  const v1::PatchUserRequest& request) override;

  absl::StatusOr<v1::DeleteUserResponse> DeleteUser(const Call& call,
                                                    const v1::DeleteUserRequest& request) override;
  absl::StatusOr<v1::ExportUserResponse> ExportUser(const Call& call,
                                                    const v1::ExportUserRequest& request) override;
  absl::StatusOr<v1::GetJobResponse> GetJob(const Call& call,
                                            const v1::GetJobRequest& request) override;
  absl::StatusOr<mesh::v1::HttpResponse> DownloadExport(
      const Call& call, const v1::DownloadExportRequest& request) override;

 private:
  absl::StatusOr<v1::User> SetProfile(const Call& call, const v1::User& wished,
                                      const std::vector<std::string>& paths);
  absl::Time Now() const;

  const Parts parts_;
};

// The account, unless there is none or it is being erased: USER_NOT_FOUND.
absl::StatusOr<store::Account> ReadLiveAccount(postgres::Transaction& tx, int64_t user_id);
absl::Status UserNotFound();

}  // namespace selfology::user
