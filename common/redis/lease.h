// A lease: one of several replicas holds it, until it gives it back or its time runs out.
//
//   const redis::Lease lease(redis, "selfology:telegram_gateway:poller:42", replica,
//                            absl::Seconds(10));
//   ASSIGN_OR_RETURN(const bool held, lease.Keep(call));  // Several times in ten seconds.
//   ...
//   lease.Release(call).IgnoreError();  // What is not given back runs out.
//
// It saves work, it protects nothing: a replica that stalls, or a Redis that loses its keys, may
// let two hold it at once. What must not happen twice needs the database.
//
// The key holds the name of its holder, with Redis's own expiry. Errors: those of redis::Client; it
// is then unknown whether the lease was taken or given back. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/redis/client.h"

namespace selfology::redis {

class Lease {
 public:
  // The client outlives it. `holder`: unique among those who may have the lease. `length`: from
  // 1 ms up.
  Lease(Client& redis, std::string key, std::string holder, absl::Duration length);

  // Takes it if nobody has it. False also if this holder has it already: of all replicas together
  // one succeeds in each `length`.
  absl::StatusOr<bool> Take(const Call& call) const;

  // Takes it if nobody has it, and makes it last `length` from now if this holder has it. Whether
  // this holder has it.
  absl::StatusOr<bool> Keep(const Call& call) const;

  // Gives it back; false if this holder did not have it.
  absl::StatusOr<bool> Release(const Call& call) const;

  // The same for scripts that deal with several leases at once: Lua source that defines
  // keep_lease(key, holder, milliseconds) and release_lease(key, holder), which give 1 or 0.
  static constexpr std::string_view kLua = R"lua(
local function keep_lease(key, holder, milliseconds)
  local owner = redis.call('GET', key)
  if owner and owner ~= holder then return 0 end
  redis.call('SET', key, holder, 'PX', milliseconds)
  return 1
end
local function release_lease(key, holder)
  if redis.call('GET', key) == holder then return redis.call('DEL', key) end
  return 0
end
)lua";

 private:
  Client& redis_;
  const std::string key_;
  const std::string holder_;
  const int64_t milliseconds_;
};

}  // namespace selfology::redis
