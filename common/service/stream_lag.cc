#include "common/service/stream_lag.h"

#include <cstddef>
#include <map>
#include <utility>

#include "common/events/envelope.h"
#include "common/relay/streams.h"
#include "common/status/status_macros.h"

namespace selfology::service {
namespace {

// For each position ARGV[2..]: how many entries of the stream come after it, ARGV[1] at most.
const redis::Script& CountScript() {
  static const auto* const script = new redis::Script(R"(
    local counts = {}
    for i = 2, #ARGV do
      counts[i - 1] = #redis.call('XRANGE', KEYS[1], '(' .. ARGV[i], '+', 'COUNT', ARGV[1])
    end
    return counts)");
  return *script;
}

}  // namespace

absl::StatusOr<std::vector<GroupLag>> GroupLags(const Call& call, redis::Client& redis,
                                                int partitions) {
  ASSIGN_OR_RETURN(const std::vector<relay::GroupPosition> positions,
                   relay::GroupPositions(call, redis, partitions));
  std::map<std::string, GroupLag> lags;
  // Where Redis does not know, by partition.
  std::map<int, std::vector<const relay::GroupPosition*>> unknown;
  for (const relay::GroupPosition& position : positions) {
    GroupLag& lag = lags[position.group];
    lag.group = position.group;
    ++lag.partitions;
    lag.waiting += position.lag.value_or(0);
    if (!position.lag.has_value()) unknown[position.partition].push_back(&position);
  }
  for (const auto& [partition, groups] : unknown) {
    redis::Args arguments{kMostCounted};
    for (const relay::GroupPosition* group : groups) arguments.Add(group->delivered.ToString());
    ASSIGN_OR_RETURN(
        const redis::Reply reply,
        redis.Eval(call, CountScript(), {events::StreamName(partition, partitions)}, arguments));
    ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> counts, reply.Array());
    for (size_t i = 0; i < counts.size() && i < groups.size(); ++i) {
      ASSIGN_OR_RETURN(const int64_t count, counts[i].Integer());
      GroupLag& lag = lags[groups[i]->group];
      lag.waiting += count;
      lag.at_least = lag.at_least || count == kMostCounted;
    }
  }
  std::vector<GroupLag> list;
  for (auto& [name, lag] : lags) list.push_back(std::move(lag));
  return list;
}

}  // namespace selfology::service
