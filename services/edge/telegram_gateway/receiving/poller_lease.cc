#include "services/edge/telegram_gateway/receiving/poller_lease.h"

#include <utility>

#include "absl/time/time.h"
#include "common/observe/log.h"

namespace selfology::telegram_gateway {
namespace {

constexpr absl::Duration kLease = absl::Seconds(10);
constexpr absl::Duration kRenew = absl::Seconds(3);
constexpr absl::Duration kTimeout = absl::Seconds(2);

}  // namespace

PollerLease::PollerLease(redis::Client* redis, std::string key, std::string replica)
    : lease_(*redis, std::move(key), std::move(replica), kLease) {}

void PollerLease::Run(service::StopSignal& stop) {
  do {
    const absl::StatusOr<bool> renewed = lease_.Keep(Call::Background(kTimeout));
    if (!renewed.ok())
      observe::Warning("polling Telegram without a lease: Redis unavailable",
                       {{"status", renewed.status()}});
    const bool now_held = renewed.value_or(true);
    if (held_.exchange(now_held) != now_held) {
      observe::Info(now_held ? "this replica polls" : "another replica polls");
    }
  } while (!stop.WaitFor(kRenew));
  held_ = false;
  // What cannot be given back runs out.
  lease_.Release(Call::Background(kTimeout)).IgnoreError();
}

}  // namespace selfology::telegram_gateway
