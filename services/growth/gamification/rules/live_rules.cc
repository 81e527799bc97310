#include "services/growth/gamification/rules/live_rules.h"

#include <utility>

#include "common/status/status_macros.h"
#include "services/growth/gamification/rules/rule_store.h"

namespace selfology::gamification {

void LiveRules::Forget() {
  absl::MutexLock lock(&mutex_);
  rules_ = nullptr;
  ++forgotten_;
}

absl::StatusOr<LiveRules::Rules> LiveRules::Get(postgres::Transaction& tx) {
  int64_t forgotten = 0;
  {
    absl::MutexLock lock(&mutex_);
    if (rules_ != nullptr) return rules_;
    forgotten = forgotten_;
  }
  ASSIGN_OR_RETURN(std::vector<v1::Rule> read, store::ReadLive(tx));
  const auto rules = std::make_shared<const std::vector<v1::Rule>>(std::move(read));
  absl::MutexLock lock(&mutex_);
  // Not kept if they changed again while they were read.
  if (forgotten == forgotten_) rules_ = rules;
  return rules;
}

}  // namespace selfology::gamification
