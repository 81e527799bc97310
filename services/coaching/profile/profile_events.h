// What the profile service does with events; each is a handler for service::Mesh::On.
// Threads: thread-safe. Errors: the transaction's and the cache's.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "common/events/handling.h"
#include "common/resilience/cache.h"
#include "selfology/events/v1/analysis.pb.h"
#include "selfology/events/v1/profile.pb.h"

namespace selfology::profile {

class ProfileEvents {
 public:
  // The cache outlives it. `changed` is called for a user once a change has committed.
  ProfileEvents(resilience::Cache<v1::Profile>& cache, std::function<void(int64_t user_id)> changed)
      : cache_(cache), changed_(std::move(changed)) {}

  // Lets a profile learn what an answer has shown.
  absl::Status LearnTraits(const events::v1::TraitExtracted& event,
                           events::Handling& handling) const;

  // Lets it learn how a person rated a statement.
  absl::Status LearnStatement(const events::v1::StatementRated& event,
                              events::Handling& handling) const;

  // Another replica's reader may have cached the old profile just before the commit.
  absl::Status ForgetCreated(const events::v1::ProfileCreated& event,
                             events::Handling& handling) const;
  absl::Status ForgetUpdated(const events::v1::ProfileUpdated& event,
                             events::Handling& handling) const;

 private:
  resilience::Cache<v1::Profile>& cache_;
  const std::function<void(int64_t)> changed_;
};

}  // namespace selfology::profile
