// The RPCs of second factors; see proto/selfology/user/v1/second_factor_service.proto.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/crypto/seal_key.h"
#include "common/postgres/database.h"
#include "selfology/user/v1/second_factor_service_endpoints.h"

namespace selfology::user {

class SecondFactorService final : public v1::SecondFactorServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it. The pseudonym key is that of the hashes under which wrong codes are counted.
  SecondFactorService(postgres::Database& database, Clock clock,
                      std::shared_ptr<crypto::SealKey> seal_key, std::string pseudonym_key);

  absl::StatusOr<v1::EnrolTotpResponse> EnrolTotp(const Call& call,
                                                  const v1::EnrolTotpRequest& request) override;
  absl::StatusOr<v1::ConfirmTotpResponse> ConfirmTotp(
      const Call& call, const v1::ConfirmTotpRequest& request) override;
  absl::StatusOr<v1::DisableTotpResponse> DisableTotp(
      const Call& call, const v1::DisableTotpRequest& request) override;
  absl::StatusOr<v1::GetSecondFactorResponse> GetSecondFactor(
      const Call& call, const v1::GetSecondFactorRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
  const std::shared_ptr<crypto::SealKey> seal_key_;
  const std::string pseudonym_key_;
};

}  // namespace selfology::user
