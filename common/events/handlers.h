// The handlers of one consumer group, by the type of event.
//
//   Handlers handlers;
//   handlers.Add("session.created", run);
//   handlers.AddTypes(types, run_any);            // types that are known only while the group runs
//   if (const Handlers::Handler* handler = handlers.Find(envelope.type)) ...
//
// Threads: Add and AddTypes come first, from one thread; the rest is thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/node_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/events/handling.h"

namespace selfology::events {

// Types of events that may change while a process runs.
using EventTypes = std::set<std::string, std::less<>>;

class Handlers {
 public:
  using Run = std::function<absl::Status(const std::string& payload, Handling&)>;
  using RunAny =
      std::function<absl::Status(std::string_view type, const std::string& payload, Handling&)>;
  // Null while they are not known yet.
  using TypesNow = std::function<std::shared_ptr<const EventTypes>()>;

  struct Handler {
    Run run;
    // How much it has waited for others lately; see EventRunner::RunsAlone.
    mutable std::atomic<int> waits = 0;
  };

  void Add(std::string type, Run run) { fixed_[std::move(type)].run = std::move(run); }
  // Types that Add has been given stay as they are.
  void AddTypes(TypesNow types, RunAny run);

  // False: some types are not known yet, so nothing may be passed over as not wanted.
  bool Known() const { return types_ == nullptr || types_() != nullptr; }
  // Null: nobody here handles it. A handler that was found once is found from then on, also when its
  // type is no longer among those of AddTypes.
  const Handler* Find(std::string_view type) const;

 private:
  absl::node_hash_map<std::string, Handler> fixed_;
  TypesNow types_;
  RunAny run_any_;
  mutable absl::Mutex mutex_;
  mutable absl::node_hash_map<std::string, Handler> of_types_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::events
