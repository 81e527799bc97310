#include "common/relay/streams.h"

#include <numeric>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"

namespace selfology::relay {
namespace {

using events::EntryId;

absl::StatusOr<std::vector<std::string>> Strings(const redis::Reply& reply) {
  ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> elements, reply.Array());
  std::vector<std::string> strings;
  strings.reserve(elements.size());
  for (const redis::Reply& element : elements) {
    ASSIGN_OR_RETURN(const std::string_view text, element.String());
    strings.emplace_back(text);
  }
  return strings;
}

// The value of `name` in a flat name, value, ... array such as XINFO gives.
absl::StatusOr<const redis::Reply*> InfoField(const redis::Reply& info, std::string_view name) {
  ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> fields, info.Array());
  for (size_t i = 0; i + 1 < fields.size(); i += 2) {
    ASSIGN_OR_RETURN(const std::string_view field, fields[i].String());
    if (field == name) return &fields[i + 1];
  }
  return absl::NotFoundError("XINFO lacks a field");
}

absl::StatusOr<EntryId> InfoId(const redis::Reply& info, std::string_view name) {
  ASSIGN_OR_RETURN(const redis::Reply* const value, InfoField(info, name));
  ASSIGN_OR_RETURN(const std::string_view text, value->String());
  return EntryId::Parse(text);
}

bool NoSuchKey(const absl::Status& status) {
  return absl::StrContains(status.message(), "no such key");
}

// Of what XINFO STREAM gave.
absl::StatusOr<EntryId> NewestId(const absl::StatusOr<redis::Reply>& info) {
  if (info.ok()) return InfoId(*info, "last-generated-id");
  if (NoSuchKey(info.status())) return EntryId();
  return info.status();
}

}  // namespace

Streams::Streams(redis::Client& redis, int partitions)
    : partitions_(partitions), connection_(redis.Connect()) {
  for (int partition = 0; partition < partitions; ++partition) {
    names_.push_back(events::StreamName(partition, partitions));
  }
}

bool Streams::Reachable(const Call& call) {
  guarded_ = false;
  return connection_->Command(call, {"PING"}).ok();
}

absl::StatusOr<Holding> Streams::Look(const Call& call) {
  guarded_ = false;
  batch_.Clear();
  batch_.Add({"WATCH", kMarkerKey});
  batch_.Add({"HGETALL", kMarkerKey});
  for (const std::string& name : names_) batch_.Add({"XINFO", "STREAM", name});
  ASSIGN_OR_RETURN(const auto replies, connection_->Pipeline(call, batch_));
  RETURN_IF_ERROR(replies[0]);
  RETURN_IF_ERROR(replies[1]);

  Holding holding;
  ASSIGN_OR_RETURN(const std::vector<std::string> fields, Strings(*replies[1]));
  if (!fields.empty()) {
    absl::StatusOr<Marker> marker = DecodeMarker(fields, partitions_);
    if (marker.ok()) {
      holding.marker = *std::move(marker);
    } else {
      observe::Error("relay marker in Redis is unreadable", {{"status", marker.status()}});
    }
  }
  for (int partition = 0; partition < partitions_; ++partition) {
    ASSIGN_OR_RETURN(holding.newest.emplace_back(), NewestId(replies[2 + partition]));
  }
  guarded_ = true;
  return holding;
}

absl::StatusOr<Appended> Streams::Append(const Call& call, absl::Span<const Entry> entries,
                                         const Marker& before, const Marker& next) {
  std::set<int> touched;
  for (const Entry& entry : entries) touched.insert(entry.partition);
  return Run(call, entries, std::vector<int>(touched.begin(), touched.end()), before, next);
}

absl::StatusOr<Appended> Streams::Claim(const Call& call, const Marker& marker) {
  std::vector<int> all(partitions_);
  std::iota(all.begin(), all.end(), 0);
  return Run(call, {}, all, marker, marker);
}

absl::StatusOr<Appended> Streams::Run(const Call& call, absl::Span<const Entry> entries,
                                      absl::Span<const int> marked, const Marker& before,
                                      const Marker& next) {
  if (!guarded_) return absl::InternalError("Append without Look");
  guarded_ = false;
  batch_.Clear();
  batch_.Add({"MULTI"});
  for (const Entry& entry : entries) {
    const std::string id = entry.id.ToString();
    // A stream that was there must still be: a new one in its place would lack what it held.
    const bool known = before.streams[entry.partition] != EntryId();
    redis::Args add = known ? redis::Args{"XADD", names_[entry.partition], "NOMKSTREAM", id}
                            : redis::Args{"XADD", names_[entry.partition], id};
    for (const auto& [name, value] : events::EncodeEntry(*entry.event)) add.Add(name).Add(value);
    batch_.Add(add);
  }
  redis::Args set{"HSET", kMarkerKey};
  for (const auto& [name, value] : EncodeMarker(next, marked)) set.Add(name).Add(value);
  batch_.Add(set);
  batch_.Add({"EXEC"});
  // Guards the next one; what happened between the two commands shows in the marker.
  batch_.Add({"WATCH", kMarkerKey});
  batch_.Add({"HMGET", kMarkerKey, "term", "last", "source"});

  ASSIGN_OR_RETURN(const auto replies, connection_->Pipeline(call, batch_));
  for (const auto& reply : replies) {
    // The first is the reason (OOM, READONLY, ...), EXEC's own error only says that there was one.
    if (!reply.ok()) return reply.status();
  }
  const redis::Reply& executed = *replies[entries.size() + 2];
  if (executed.is_nil()) return Appended::kNothing;
  ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> results, executed.Array());
  Appended appended = Appended::kAll;
  for (const redis::Reply& result : results) {
    const absl::Status status = result.status();
    if (status.ok() && !result.is_nil()) continue;
    if (!status.ok() && !absl::IsAlreadyExists(status)) return status;
    appended = Appended::kSurprised;
  }
  if (appended != Appended::kAll) return appended;
  const redis::Reply wanted =
      redis::Reply::OfArray({redis::Reply::OfString(absl::StrCat(next.term)),
                             redis::Reply::OfString(next.last.ToString()),
                             redis::Reply::OfString(next.source.ToString())});
  guarded_ = *replies.back() == wanted;
  // Appended, but since then somebody wrote: the next Append must not go ahead.
  return guarded_ ? Appended::kAll : Appended::kSurprised;
}

absl::StatusOr<std::vector<EntryId>> NewestIds(const Call& call, redis::Client& redis,
                                               int partitions) {
  redis::Batch batch;
  for (int partition = 0; partition < partitions; ++partition) {
    batch.Add({"XINFO", "STREAM", events::StreamName(partition, partitions)});
  }
  ASSIGN_OR_RETURN(const auto replies, redis.Pipeline(call, batch));
  std::vector<EntryId> newest;
  for (const auto& reply : replies) {
    ASSIGN_OR_RETURN(newest.emplace_back(), NewestId(reply));
  }
  return newest;
}

absl::StatusOr<std::vector<GroupPosition>> GroupPositions(const Call& call, redis::Client& redis,
                                                          int partitions) {
  redis::Batch batch;
  for (int partition = 0; partition < partitions; ++partition) {
    batch.Add({"XINFO", "GROUPS", events::StreamName(partition, partitions)});
  }
  ASSIGN_OR_RETURN(const auto replies, redis.Pipeline(call, batch));
  std::vector<GroupPosition> positions;
  for (int partition = 0; partition < partitions; ++partition) {
    if (!replies[partition].ok()) {
      if (NoSuchKey(replies[partition].status())) continue;
      return replies[partition].status();
    }
    ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> groups, replies[partition]->Array());
    for (const redis::Reply& group : groups) {
      GroupPosition position{.group = {}, .partition = partition, .delivered = {}, .lag = {}};
      ASSIGN_OR_RETURN(const redis::Reply* const name, InfoField(group, "name"));
      ASSIGN_OR_RETURN(position.group, name->String());
      ASSIGN_OR_RETURN(position.delivered, InfoId(group, "last-delivered-id"));
      ASSIGN_OR_RETURN(const redis::Reply* const lag, InfoField(group, "lag"));
      if (!lag->is_nil()) {
        ASSIGN_OR_RETURN(position.lag, lag->Integer());
      }
      positions.push_back(std::move(position));
    }
  }
  return positions;
}

}  // namespace selfology::relay
