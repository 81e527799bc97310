#include "services/edge/telegram_gateway/poller_lease.h"

#include "absl/time/time.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"

namespace selfology::telegram_gateway {
namespace {

constexpr absl::Duration kLease = absl::Seconds(10);
constexpr absl::Duration kRenew = absl::Seconds(3);
constexpr absl::Duration kTimeout = absl::Seconds(2);

// KEYS: the lease. ARGV: who asks, milliseconds.
const redis::Script& Take() {
  static const auto& script = *new redis::Script(R"lua(
    local owner = redis.call('GET', KEYS[1])
    if owner and owner ~= ARGV[1] then return 0 end
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
    return 1
  )lua");
  return script;
}

const redis::Script& GiveBack() {
  static const auto& script = *new redis::Script(R"lua(
    if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
    return 0
  )lua");
  return script;
}

}  // namespace

void PollerLease::Run(service::StopSignal& stop) {
  do {
    const absl::StatusOr<bool> renewed = Renew(Call::Background(kTimeout));
    if (!renewed.ok()) observe::Warning("polling without a lease", {{"status", renewed.status()}});
    const bool now_held = renewed.value_or(true);
    if (held_.exchange(now_held) != now_held) {
      observe::Info(now_held ? "this replica polls" : "another replica polls");
    }
  } while (!stop.WaitFor(kRenew));
  held_ = false;
  Release(Call::Background(kTimeout));
}

absl::StatusOr<bool> PollerLease::Renew(const Call& call) {
  ASSIGN_OR_RETURN(
      const redis::Reply reply,
      redis_.Eval(call, Take(), {key_}, {replica_, absl::ToInt64Milliseconds(kLease)}));
  ASSIGN_OR_RETURN(const int64_t taken, reply.Integer());
  return taken == 1;
}

void PollerLease::Release(const Call& call) {
  // What cannot be given back runs out.
  redis_.Eval(call, GiveBack(), {key_}, {replica_}).IgnoreError();
}

}  // namespace selfology::telegram_gateway
