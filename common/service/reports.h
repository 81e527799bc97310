// Numbers that modules show in /health, and the queues among them.
//
//   reports.Add("telegram_gateway", "unsent_messages", Reports::Kind::kQueue, [&] { return 3.0; });
//   reports.Of("telegram_gateway")     // {"unsent_messages": 3}
//
// Thread-safe. A value's function must be quick: it runs for each probe.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace selfology::service {

class Reports {
 public:
  enum class Kind {
    kNumber,
    kQueue,  // How much waits: what makes a process "degraded" once it is long.
  };

  void Add(std::string module, std::string name, Kind kind, std::function<double()> value);

  // Of one module, or of all with an empty name.
  std::map<std::string, double> Of(std::string_view module) const;
  // The queues only, of all.
  std::map<std::string, double> Queues() const;

 private:
  struct Entry {
    std::string module;
    std::string name;
    Kind kind;
    std::function<double()> value;
  };
  std::vector<Entry> Copy() const;

  mutable absl::Mutex mutex_;
  std::vector<Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::service
