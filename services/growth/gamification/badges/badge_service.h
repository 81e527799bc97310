// BadgeService; see proto/selfology/gamification/v1/badge_service.proto for what each RPC does.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/crypto/seal_key.h"
#include "common/postgres/database.h"
#include "selfology/gamification/v1/badge_service_endpoints.h"
#include "services/growth/gamification/badges/credential.h"

namespace selfology::gamification {

class BadgeService final : public v1::BadgeServiceEndpoints {
 public:
  struct Options {
    std::string issuer_id = {};  // A URL.
    std::string seed = {};  // Of the key, 32 bytes; empty: one that the database keeps, sealed.
    crypto::SealKeys seal_keys = {};
  };

  // The database must outlive it.
  BadgeService(postgres::Database& database, Options options);

  absl::StatusOr<v1::ListBadgesResponse> ListBadges(const Call& call,
                                                    const v1::ListBadgesRequest& request) override;
  absl::StatusOr<v1::ListAwardsResponse> ListAwards(const Call& call,
                                                    const v1::ListAwardsRequest& request) override;
  absl::StatusOr<v1::ExportAwardResponse> ExportAward(
      const Call& call, const v1::ExportAwardRequest& request) override;
  absl::StatusOr<v1::GetIssuerResponse> GetIssuer(const Call& call,
                                                  const v1::GetIssuerRequest& request) override;
  absl::StatusOr<v1::ListRevokedCredentialsResponse> ListRevokedCredentials(
      const Call& call, const v1::ListRevokedCredentialsRequest& request) override;

  // Seals the key in the database with the newest seal key.
  absl::Status Reseal(const Call& call);

 private:
  absl::StatusOr<std::shared_ptr<const CredentialSigner>> Signer(const Call& call);

  postgres::Database& database_;
  const Options options_;
  crypto::SealKey seal_key_;
  absl::Mutex mutex_;
  std::shared_ptr<const CredentialSigner> signer_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::gamification
