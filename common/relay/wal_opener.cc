#include "common/relay/wal_opener.h"

#include <utility>

namespace selfology::relay {

WalOpener::~WalOpener() {
  stop_.Signal();
  if (thread_.joinable()) thread_.join();
}

void WalOpener::Start(WalOptions options) {
  thread_ = std::thread([this, options = std::move(options)] {
    Result result = WalSource::Open(options, stop_);
    {
      absl::MutexLock lock(&mutex_);
      result_ = std::move(result);
    }
    done_.Signal();
  });
}

std::optional<WalOpener::Result> WalOpener::Take() {
  std::optional<Result> result;
  {
    absl::MutexLock lock(&mutex_);
    result = std::move(result_);
    result_.reset();
  }
  if (result.has_value()) thread_.join();
  return result;
}

}  // namespace selfology::relay
