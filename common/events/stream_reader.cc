#include "common/events/stream_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/events/stream_group.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"

namespace selfology::events {
namespace {

constexpr absl::Duration kBlock = absl::Milliseconds(500);
constexpr int kCount = 500;
constexpr absl::Duration kRedisTimeout = absl::Seconds(5);
constexpr absl::Duration kErrorPause = absl::Milliseconds(200);
// An event wakes every process of the mesh, most for nothing. After that the next ones may gather.
constexpr absl::Duration kGather = absl::Milliseconds(2);

using Positions = std::map<int, EntryId>;
using Sink = std::function<void(int partition, absl::Span<const StreamEntry> entries)>;

redis::Args ReadCommand(const Positions& after, int partitions, absl::Duration block) {
  redis::Args streams, ids;
  for (const auto& [partition, id] : after) {
    streams.Add(StreamName(partition, partitions));
    ids.Add(id.ToString());
  }
  redis::Args command{"XREAD", "COUNT", kCount};
  // BLOCK 0 would wait for ever.
  if (block > absl::ZeroDuration()) command.Add("BLOCK").Add(absl::ToInt64Milliseconds(block));
  command.Add("STREAMS").Append(streams).Append(ids);
  return command;
}

absl::Status ParseReply(const redis::Reply& reply, const Positions& after, int partitions,
                        const Sink& sink) {
  if (reply.is_nil()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> per_stream, reply.Array());
  for (const redis::Reply& stream : per_stream) {
    ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> pair, stream.Array());
    ASSIGN_OR_RETURN(const std::string_view name, pair[0].String());
    const auto partition =
        std::find_if(after.begin(), after.end(), [&, name = name](const auto& position) {
          return StreamName(position.first, partitions) == name;
        });
    if (partition == after.end()) return absl::InternalError("XREAD gave an unasked stream");
    ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> replies, pair[1].Array());
    std::vector<StreamEntry> entries;
    entries.reserve(replies.size());
    for (const redis::Reply& entry : replies) {
      ASSIGN_OR_RETURN(StreamEntry parsed, StreamEntry::Parse(entry));
      entries.push_back(std::move(parsed));
    }
    if (!entries.empty()) sink(partition->first, entries);
  }
  return absl::OkStatus();
}

}  // namespace

StreamEntry::StreamEntry(EntryId id, const redis::Reply& fields)
    : id_(id), fields_(&fields), type_(FieldOf(fields, "type")) {}

absl::StatusOr<StreamEntry> StreamEntry::Parse(const redis::Reply& entry) {
  ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> parts, entry.Array());
  ASSIGN_OR_RETURN(const std::string_view id_text, parts[0].String());
  ASSIGN_OR_RETURN(const EntryId id, EntryId::Parse(id_text));
  return StreamEntry(id, parts[1]);
}

absl::StatusOr<Envelope> StreamEntry::envelope() const {
  ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> elements, fields_->Array());
  std::vector<std::string> fields;
  fields.reserve(elements.size());
  for (const redis::Reply& element : elements) {
    ASSIGN_OR_RETURN(const std::string_view text, element.String());
    fields.emplace_back(text);
  }
  return DecodeEntry(fields);
}

StreamReader::StreamReader(redis::Client& redis, int partitions)
    : redis_(redis), partitions_(partitions), connection_(redis.Connect()) {
  thread_ = std::thread([this] { Loop(); });
}

StreamReader::~StreamReader() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  connection_->Interrupt();
  thread_.join();
}

void StreamReader::Follow(const std::vector<std::pair<int, EntryId>>& last_entries,
                          Follower& follower) {
  bool more = false;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [number, last] : last_entries) {
      Partition& partition = followed_[number];
      // Of an earlier time that it followed, perhaps.
      partition.followers.erase(&follower);
      if (partition.followers.empty()) {
        partition.last = last;
        more = true;
      } else if (last < partition.last) {
        continue;
      }
      partition.followers.insert(&follower);
      follower.Following(number);
    }
  }
  // It may be waiting for others only.
  if (more) connection_->Interrupt();
}

void StreamReader::Leave(Follower& follower) {
  absl::MutexLock lock(&mutex_);
  for (auto& [number, partition] : followed_) partition.followers.erase(&follower);
  std::erase_if(followed_, [](const auto& entry) { return entry.second.followers.empty(); });
}

absl::Status StreamReader::Read(const Call& call, const Positions& last_entries,
                                const Sink& take) const {
  ASSIGN_OR_RETURN(
      const redis::Reply reply,
      redis_.Command(call, ReadCommand(last_entries, partitions_, absl::ZeroDuration())));
  return ParseReply(reply, last_entries, partitions_, take);
}

void StreamReader::Loop() {
  const auto awake = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !followed_.empty();
  };
  bool away = false;  // Said once, not at every attempt while Redis is down.
  while (true) {
    Positions after;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&awake));
      if (stopping_) return;
      for (const auto& [number, partition] : followed_) after[number] = partition.last;
    }
    const absl::StatusOr<redis::Reply> reply = connection_->Command(
        Call::Background(kBlock + kRedisTimeout), ReadCommand(after, partitions_, kBlock));
    if (absl::IsCancelled(reply.status())) continue;
    bool wanted = reply.ok() && reply->is_nil();
    absl::Status status = reply.status();
    if (status.ok()) {
      status = ParseReply(*reply, after, partitions_,
                          [&](int partition, absl::Span<const StreamEntry> entries) {
                            if (Deliver(partition, after[partition], entries)) wanted = true;
                          });
    }
    if (status.ok() && away) observe::Info("event streams are read again");
    if (!status.ok() && !away) {
      observe::Warning("event streams cannot be read", {{"status", status}});
    }
    away = !status.ok();
    if (away) {
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kErrorPause);
    } else if (!wanted) {
      absl::SleepFor(kGather);
    }
  }
}

bool StreamReader::Deliver(int number, EntryId read_after, absl::Span<const StreamEntry> entries) {
  absl::MutexLock lock(&mutex_);
  const auto found = followed_.find(number);
  // Followed from another position since it was asked for: what was read may leave a gap.
  if (found == followed_.end() || found->second.last != read_after) return true;
  Partition& partition = found->second;
  partition.last = entries.back().id();
  bool wanted = false;
  std::erase_if(partition.followers, [&](Follower* follower) {
    const Taken taken = follower->Take(number, entries);
    wanted = wanted || taken == Taken::kWanted;
    return taken == Taken::kNoLonger;
  });
  if (partition.followers.empty()) followed_.erase(found);
  return wanted;
}

}  // namespace selfology::events
