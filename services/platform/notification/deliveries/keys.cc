#include "services/platform/notification/deliveries/keys.h"

#include "common/status/status_macros.h"
#include "services/platform/notification/deliveries/key_store.h"

namespace selfology::notification {

absl::StatusOr<std::string> Keys::Of(const Call& call, std::string_view name) {
  {
    absl::MutexLock lock(&mutex_);
    if (const auto found = known_.find(name); found != known_.end()) return found->second;
  }
  // Any random scalar serves as either. Of two replicas that come at once, one's is kept.
  const std::string fresh = PrivateKey::Generate().Scalar();
  ASSIGN_OR_RETURN(std::string key, database_.Write(call, [&](postgres::Transaction& tx) {
    return store::KeepKey(tx, name, fresh);
  }));
  absl::MutexLock lock(&mutex_);
  known_.insert_or_assign(std::string(name), key);
  return key;
}

absl::StatusOr<PrivateKey> Keys::Vapid(const Call& call) {
  ASSIGN_OR_RETURN(const std::string scalar, Of(call, kVapid));
  return PrivateKey::FromScalar(scalar);
}

}  // namespace selfology::notification
