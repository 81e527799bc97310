// Reads the mesh's streams once for all consumer groups of a process.
//
//   StreamReader streams(redis, /*partitions=*/16);
//   streams.Follow({{partition, last_entry}}, follower);   // follower.Take(...) from there on
//   streams.Leave(follower);
//
// Every group reads every stream, and most entries are for one group or two; a process with all
// services would be woken by each event, read and parse it a dozen times. Here each entry is read
// and parsed once. Who begins further back than the others follow reads on by itself until it has
// caught up; so a slow group holds up nobody, and nobody needs to be kept in step.
//
// Errors: Redis that cannot be read is tried again for ever; the followers' own commands say so.
// Threads: thread-safe. Followers are called on the reader's thread, one at a time, while the
// reader is locked: they may not call it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/call/call.h"
#include "common/events/envelope.h"
#include "common/redis/client.h"

namespace selfology::events {

// An entry of a stream, parsed no further than somebody asks.
class StreamEntry {
 public:
  static absl::StatusOr<StreamEntry> Parse(const redis::Reply& entry);

  EntryId id() const { return id_; }
  // Of an entry that has none, and is none of ours, an error.
  const absl::StatusOr<std::string>& type() const { return type_; }
  absl::StatusOr<Envelope> envelope() const;

 private:
  StreamEntry(EntryId id, const redis::Reply& fields);

  EntryId id_;
  const redis::Reply* fields_;
  absl::StatusOr<std::string> type_;
};

class StreamReader {
 public:
  enum class Taken {
    kWanted,     // Some of it.
    kNotWanted,  // None, but more may come.
    kNoLonger,   // Nor is anything that comes.
  };
  class Follower {
   public:
    virtual ~Follower() = default;
    // It is given what comes in that partition from now on.
    virtual void Following(int partition) = 0;
    // In order, without gaps; some may have been seen before Following.
    virtual Taken Take(int partition, absl::Span<const StreamEntry> entries) = 0;
  };

  StreamReader(redis::Client& redis, int partitions);
  ~StreamReader();
  StreamReader(const StreamReader&) = delete;
  StreamReader& operator=(const StreamReader&) = delete;

  // Tells the follower of each partition that it follows from here on. One whose last entry is
  // before what others have been given is not followed.
  void Follow(const std::vector<std::pair<int, EntryId>>& last_entries, Follower& follower);
  // Afterwards it is not called any more.
  void Leave(Follower& follower);

  // For who reads by itself: what is there now after each of those entries, a bounded number.
  absl::Status Read(const Call& call, const std::map<int, EntryId>& last_entries,
                    const std::function<void(int, absl::Span<const StreamEntry>)>& take) const;

  redis::Client& redis() const { return redis_; }
  int partitions() const { return partitions_; }

 private:
  struct Partition {
    EntryId last;
    std::set<Follower*> followers;
  };

  void Loop();
  // Whether anybody wanted any.
  bool Deliver(int partition, EntryId read_after, absl::Span<const StreamEntry> entries);

  redis::Client& redis_;
  const int partitions_;
  const std::unique_ptr<redis::Connection> connection_;  // The thread's; interrupted by others.

  absl::Mutex mutex_;
  std::map<int, Partition> followed_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  std::thread thread_;
};

}  // namespace selfology::events
