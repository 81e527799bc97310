#include "services/growth/gamification/ledger/posting_store.h"

namespace selfology::gamification {

int64_t KnownAccounts::Find(const AccountKey& key) const {
  absl::MutexLock lock(&mutex_);
  const auto found = ids_.find(key);
  return found == ids_.end() ? 0 : found->second;
}

void KnownAccounts::Add(const AccountKey& key, int64_t id) {
  absl::MutexLock lock(&mutex_);
  if (ids_.size() >= kMost) ids_.clear();
  ids_[key] = id;
}

void KnownAccounts::Forget(const AccountKey& key) {
  absl::MutexLock lock(&mutex_);
  ids_.erase(key);
}

}  // namespace selfology::gamification
