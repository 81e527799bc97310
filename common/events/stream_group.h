// A consumer group of one stream in Redis: how far it has come.
//
//   ASSIGN_OR_RETURN(const GroupPosition position, JoinGroup(redis, call, stream, "trait"));
//   RETURN_IF_ERROR(MoveGroup(redis, call, "trait", {{stream, done}}));
//
// Errors: those of Redis. Threads: may be called from any.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/events/envelope.h"
#include "common/redis/client.h"

namespace selfology::events {

struct GroupPosition {
  EntryId handled = {};  // The group is done with all up to here.
  EntryId newest = {};   // The stream's.
};

// Makes the stream and the group if need be; a new one starts with the stream's first entry.
absl::StatusOr<GroupPosition> JoinGroup(redis::Client& redis, const Call& call,
                                        const std::string& stream, const std::string& group);

// In each of the streams, forward to what it is done with. Where the group is not there any more
// (Redis was emptied, and what it held comes again under higher ids) it is made again, there.
absl::Status MoveGroup(redis::Client& redis, const Call& call, const std::string& group,
                       const std::vector<std::pair<std::string, EntryId>>& done);

// The value of `name` in a flat name, value, ... array, as entries and XINFO have it.
absl::StatusOr<std::string> FieldOf(const redis::Reply& fields, std::string_view name);

}  // namespace selfology::events
