#include "common/events/partition_leases.h"

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/redis/lease.h"
#include "common/status/status_macros.h"

namespace selfology::events {
namespace {

// KEYS: members, lease prefix. ARGV: replica, partitions, lease ms. One script, so that two
// replicas never see the dealing half done. Gives the partitions held.
constexpr std::string_view kKeep = R"lua(
local members, prefix = KEYS[1], KEYS[2]
local me, partitions, lease = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', members, now, me)
redis.call('ZREMRANGEBYSCORE', members, '-inf', '(' .. (now - lease))
redis.call('PEXPIRE', members, lease * 2)
local names = redis.call('ZRANGE', members, 0, -1)
table.sort(names)
local held = {}
for p = 0, partitions - 1 do
  if names[p % #names + 1] ~= me then
    release_lease(prefix .. p, me)
  elseif keep_lease(prefix .. p, me, lease) == 1 then
    held[#held + 1] = p
  end
end
return held
)lua";

// KEYS: members, lease prefix. ARGV: replica, partitions.
constexpr std::string_view kRelease = R"lua(
redis.call('ZREM', KEYS[1], ARGV[1])
for p = 0, tonumber(ARGV[2]) - 1 do release_lease(KEYS[2] .. p, ARGV[1]) end
)lua";

const redis::Script& KeepScript() {
  static const auto& script = *new redis::Script(absl::StrCat(redis::Lease::kLua, kKeep));
  return script;
}

const redis::Script& ReleaseScript() {
  static const auto& script = *new redis::Script(absl::StrCat(redis::Lease::kLua, kRelease));
  return script;
}

}  // namespace

PartitionLeases::PartitionLeases(redis::Client& redis, std::string group, std::string replica,
                                 int partitions, absl::Duration lease)
    : redis_(redis),
      group_(std::move(group)),
      replica_(std::move(replica)),
      partitions_(partitions),
      lease_(lease) {}

absl::StatusOr<std::set<int>> PartitionLeases::Keep(const Call& call) {
  ASSIGN_OR_RETURN(const redis::Reply reply,
                   redis_.Eval(call, KeepScript(),
                               {absl::StrCat("selfology:members:{", group_, "}"),
                                absl::StrCat("selfology:lease:{", group_, "}:")},
                               {replica_, partitions_, absl::ToInt64Milliseconds(lease_)}));
  ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> elements, reply.Array());
  std::set<int> held;
  for (const redis::Reply& element : elements) {
    ASSIGN_OR_RETURN(const int64_t partition, element.Integer());
    held.insert(static_cast<int>(partition));
  }
  return held;
}

absl::Status PartitionLeases::Release(const Call& call) {
  return redis_
      .Eval(call, ReleaseScript(),
            {absl::StrCat("selfology:members:{", group_, "}"),
             absl::StrCat("selfology:lease:{", group_, "}:")},
            {replica_, partitions_})
      .status();
}

}  // namespace selfology::events
