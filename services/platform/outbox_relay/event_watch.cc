#include "services/platform/outbox_relay/event_watch.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "common/observe/log.h"
#include "common/redis/connection.h"
#include "common/relay/streams.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::outbox_relay {
namespace {

using events::EntryId;

constexpr int kReadCount = 500;
constexpr absl::Duration kBlock = absl::Seconds(5);

// What the caller is told of why a watch ended: its own deadline is not reported as a failure of
// Redis, and the address of Redis is not shown.
absl::Status Ended(const Call& call, const absl::Status& why) {
  if (absl::IsResourceExhausted(why)) return why;
  if (call.Cancelled()) return absl::CancelledError("the caller has left");
  if (call.Remaining() <= absl::ZeroDuration()) {
    return absl::DeadlineExceededError("the caller's deadline has passed");
  }
  observe::Warning("watching events failed", {{"status", why}});
  return status::Error(mesh::v1::ERROR_CODE_SERVICE_UNAVAILABLE,
                       "the event streams cannot be read");
}

// Where a watcher is in one stream.
struct Place {
  std::string stream;
  EntryId cursor;
};

absl::Status FellBehind() {
  return absl::ResourceExhaustedError("events were trimmed before this watcher came to them");
}

// The highest id that XDEL took out of the stream; trimming does not count.
absl::StatusOr<EntryId> HighestDeleted(const Call& call, redis::Client& redis,
                                       const std::string& stream) {
  ASSIGN_OR_RETURN(const redis::Reply info, redis.Command(call, {"XINFO", "STREAM", stream}));
  ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> fields, info.Array());
  for (size_t i = 0; i + 1 < fields.size(); i += 2) {
    ASSIGN_OR_RETURN(const std::string_view name, fields[i].String());
    if (name != "max-deleted-entry-id") continue;
    ASSIGN_OR_RETURN(const std::string_view id, fields[i + 1].String());
    return EntryId::Parse(id);
  }
  return EntryId();  // Before Redis 7.
}

// Whether entries behind the cursor were trimmed. Trimming takes from the head, so it has then
// taken the cursor's own entry, too. If that entry may instead have been deleted as an erased
// person's, nothing is known, and the watcher goes on.
absl::StatusOr<bool> WasTrimmed(const Call& call, redis::Client& redis, const Place& place) {
  if (place.cursor == EntryId()) return false;
  ASSIGN_OR_RETURN(const redis::Reply first,
                   redis.Command(call, {"XRANGE", place.stream, "-", "+", "COUNT", 1}));
  ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> entries, first.Array());
  if (entries.empty()) return false;
  ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> entry, entries[0].Array());
  ASSIGN_OR_RETURN(const std::string_view text, entry[0].String());
  ASSIGN_OR_RETURN(const EntryId id, EntryId::Parse(text));
  if (id <= place.cursor) return false;
  ASSIGN_OR_RETURN(const EntryId deleted, HighestDeleted(call, redis, place.stream));
  return place.cursor > deleted;
}

absl::StatusOr<Watched> ReadEntry(const redis::Reply& reply, const std::string& stream) {
  ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> parts, reply.Array());
  if (parts.size() != 2) return absl::InternalError("a stream entry without fields");
  ASSIGN_OR_RETURN(const std::string_view text, parts[0].String());
  ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> values, parts[1].Array());
  std::vector<std::string> fields;
  for (const redis::Reply& value : values) {
    ASSIGN_OR_RETURN(fields.emplace_back(), value.String());
  }
  Watched watched{.event = {}, .stream = stream, .id = {}};
  ASSIGN_OR_RETURN(watched.id, EntryId::Parse(text));
  ASSIGN_OR_RETURN(watched.event, events::DecodeEntry(fields));
  return watched;
}

// False when the callback has had enough.
absl::StatusOr<bool> ReadOnce(const Call& call, redis::Client& redis, redis::Connection& reader,
                              std::vector<Place>& places, const WatchFilter& filter,
                              const std::function<bool(const Watched&)>& seen) {
  redis::Args read{"XREAD",  "COUNT", kReadCount, "BLOCK", absl::ToInt64Milliseconds(kBlock),
                   "STREAMS"};
  for (const Place& place : places) read.Add(place.stream);
  for (const Place& place : places) read.Add(place.cursor.ToString());
  ASSIGN_OR_RETURN(const redis::Reply reply, reader.Command(call, read));
  if (reply.is_nil()) return true;
  ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> streams, reply.Array());
  for (const redis::Reply& stream : streams) {
    ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> pair, stream.Array());
    ASSIGN_OR_RETURN(const std::string_view name, pair[0].String());
    ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> entries, pair[1].Array());
    const auto place = std::find_if(places.begin(), places.end(),
                                    [&, name = name](const Place& p) { return p.stream == name; });
    if (place == places.end())
      return absl::InternalError("XREAD gave a stream it was not asked for");
    if (entries.size() == static_cast<size_t>(kReadCount)) {
      ASSIGN_OR_RETURN(const bool trimmed, WasTrimmed(call, redis, *place));
      if (trimmed) return FellBehind();
    }
    for (const redis::Reply& entry : entries) {
      ASSIGN_OR_RETURN(const Watched watched, ReadEntry(entry, place->stream));
      place->cursor = watched.id;
      if (filter.Fits(watched.event) && !seen(watched)) return false;
    }
  }
  return true;
}

}  // namespace

bool WatchFilter::Fits(const events::Envelope& event) const {
  return (user_id == 0 || event.partition_key == user_id || event.subject == user_id) &&
         (types.empty() || std::find(types.begin(), types.end(), event.type) != types.end()) &&
         (trace_id.empty() || event.trace_id == trace_id) &&
         (!start.has_value() || event.occurred_at >= *start);
}

absl::Status Watch(const Call& call, redis::Client& redis, int partitions,
                   const WatchFilter& filter, const std::function<bool(const Watched&)>& seen) {
  std::vector<EntryId> cursors(partitions);
  if (!filter.start.has_value()) {
    absl::StatusOr<std::vector<EntryId>> newest = relay::NewestIds(call, redis, partitions);
    if (!newest.ok()) return Ended(call, newest.status());
    cursors = *std::move(newest);
  }
  std::vector<Place> places;
  for (int partition = 0; partition < partitions; ++partition) {
    places.push_back(
        {.stream = events::StreamName(partition, partitions), .cursor = cursors[partition]});
  }
  const std::unique_ptr<redis::Connection> reader = redis.Connect();
  while (true) {
    const absl::StatusOr<bool> more = ReadOnce(call, redis, *reader, places, filter, seen);
    if (!more.ok()) return Ended(call, more.status());
    if (!*more) return absl::OkStatus();
  }
}

}  // namespace selfology::outbox_relay
