#include "services/edge/api_gateway/local_window.h"

#include <algorithm>
#include <cmath>

namespace selfology::api_gateway {

LocalWindow::Decision LocalWindow::Allow(std::string_view key, absl::Time now, int times) {
  const int limit = limit_ * times;
  const int64_t minute = absl::ToUnixSeconds(now) / 60;
  const absl::Duration since = now - absl::FromUnixSeconds(minute * 60);
  const double past = absl::FDivDuration(since, absl::Minutes(1));
  const absl::string_view name(key.data(), key.size());
  absl::MutexLock lock(&mutex_);
  if (minute != minute_) {
    if (minute == minute_ + 1) {
      before_.swap(now_);
    } else {
      before_.clear();
    }
    now_.clear();
    minute_ = minute;
  }
  const auto earlier = before_.find(name);
  const double carried =
      earlier == before_.end() ? 0 : static_cast<double>(earlier->second) * (1 - past);
  if (now_.size() >= kMaxKeys && !now_.contains(name)) return {.remaining = limit};
  int& count = now_[name];
  const double used = static_cast<double>(count) + carried;
  if (used + 1 > static_cast<double>(limit)) {
    // How much of a minute must have gone by so that what is left of the one before, together with
    // what is of it, leaves room for one more.
    const auto share = [&](int of_it, int before) {
      return 1 - static_cast<double>(limit - 1 - of_it) / static_cast<double>(before);
    };
    const double at =
        count < limit ? share(count, earlier->second) : 1 + std::max(0.0, share(0, count));
    const absl::Duration wait = absl::Minutes(1) * (at - past) + absl::Milliseconds(1);
    return {.allowed = false, .retry_after = wait};
  }
  ++count;
  return {.remaining = std::max(0, static_cast<int>(std::floor(limit - used - 1)))};
}

}  // namespace selfology::api_gateway
