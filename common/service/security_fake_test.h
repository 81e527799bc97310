// Plays the service "security" for tests: its key, what it has revoked, its API keys.
//
//   auto security = std::make_shared<SecurityFake>();
//   mesh.Serve(security);                                  // of a module named "security"
//   client.ListTraitHistory(call.WithToken(security->signer().Person(7)), request);
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/status/status.h"
#include "selfology/mesh/v1/error.pb.h"
#include "selfology/security/v1/verification_service_endpoints.h"
#include "testing/tokens.h"

namespace selfology::service {

class SecurityFake : public security::v1::VerificationServiceEndpoints {
 public:
  const testing::TokenSigner& signer() const { return *signer_; }

  // From now on all that is asked of it fails, or is answered again.
  void SetAway(bool away) { away_ = away; }
  // Takes its key away; signer() has the new one.
  void Rotate(std::string kid) {
    absl::MutexLock lock(&mutex_);
    signer_ = std::make_unique<testing::TokenSigner>(std::move(kid));
  }
  void Revoke(security::v1::Revocation revocation) {
    absl::MutexLock lock(&mutex_);
    revocations_.push_back(std::move(revocation));
  }
  void AddApiKey(const std::string& key, security::v1::VerifyApiKeyResponse is) {
    absl::MutexLock lock(&mutex_);
    api_keys_[key] = std::move(is);
  }
  void RemoveApiKey(const std::string& key) {
    absl::MutexLock lock(&mutex_);
    api_keys_.erase(key);
  }

  // How often it was asked.
  int keys_asked() const { return keys_asked_; }
  int revocations_asked() const { return revocations_asked_; }
  int api_keys_asked() const { return api_keys_asked_; }

  absl::StatusOr<security::v1::GetKeySetResponse> GetKeySet(
      const Call&, const security::v1::GetKeySetRequest&) override {
    ++keys_asked_;
    if (away_) return Away();
    absl::MutexLock lock(&mutex_);
    security::v1::GetKeySetResponse response;
    response.set_issuer("selfology");
    const identity::JsonWebKey& key = signer_->key();
    auto& added = *response.add_keys();
    added.set_kty(key.kty);
    added.set_crv(key.crv);
    added.set_x(key.x);
    added.set_y(key.y);
    added.set_kid(key.kid);
    added.set_alg(key.alg);
    added.set_use(key.use);
    return response;
  }
  absl::StatusOr<security::v1::ListRevocationsResponse> ListRevocations(
      const Call&, const security::v1::ListRevocationsRequest&) override {
    ++revocations_asked_;
    if (away_) return Away();
    absl::MutexLock lock(&mutex_);
    security::v1::ListRevocationsResponse response;
    for (const auto& revocation : revocations_) *response.add_revocations() = revocation;
    return response;
  }
  absl::StatusOr<security::v1::VerifyApiKeyResponse> VerifyApiKey(
      const Call&, const security::v1::VerifyApiKeyRequest& request) override {
    ++api_keys_asked_;
    if (away_) return Away();
    absl::MutexLock lock(&mutex_);
    const auto found = api_keys_.find(request.api_key());
    if (found != api_keys_.end()) return found->second;
    return status::Error(mesh::v1::ERROR_CODE_UNAUTHENTICATED, "no such key");
  }

 private:
  // With a reason of its own, so that it is not asked again for seconds.
  static absl::Status Away() {
    return status::Error(mesh::v1::ERROR_CODE_SERVICE_DEGRADED, "away");
  }

  std::atomic<bool> away_ = false;
  std::atomic<int> keys_asked_ = 0, revocations_asked_ = 0, api_keys_asked_ = 0;
  absl::Mutex mutex_;
  std::unique_ptr<testing::TokenSigner> signer_ = std::make_unique<testing::TokenSigner>("key-1");
  std::vector<security::v1::Revocation> revocations_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, security::v1::VerifyApiKeyResponse> api_keys_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::service
