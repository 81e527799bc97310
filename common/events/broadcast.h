// Events that every process of the mesh sees, whatever group handles them: what each holds in memory
// and must change in all of them at once, such as which tokens are revoked.
//
//   events::Broadcast broadcast(streams);
//   broadcast.On<TokensRevoked>([](const TokensRevoked& event) { ... }, [] { ReadAllAgain(); });
//   broadcast.Start();
//
// A process sees events from its start on, usually within some milliseconds, those of one key in
// their order. No position is kept, so an event may be seen twice (Redis was emptied and got it
// again) or not at all: `missed` is called whenever that may have been, and at the start. State that
// is read again then, and changed by each event, is as good as one that lost nothing. What must
// happen exactly once belongs to a consumer group (consumer.h).
//
// What counts as missed: Redis could not be reached; a stream was emptied, or went back in time; what
// was not read yet was trimmed; a handler was 10,000 events behind.
//
// Threads: On comes before Start; Start and Stop belong to one thread. Each subscription has a thread
// of its own, on which its handler and `missed` are called one at a time; they may take their time.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "common/events/envelope.h"
#include "common/events/event_type.h"
#include "common/events/stream_reader.h"

namespace selfology::events {

class Broadcast final : private StreamReader::Follower {
 public:
  // streams must outlive it.
  explicit Broadcast(StreamReader& streams) : streams_(streams) {}
  ~Broadcast() override { Stop(); }

  template <typename Event>
  void On(std::function<void(const Event&)> handler, std::function<void()> missed) {
    Subscribe(
        TypeOf<Event>(),
        [handler = std::move(handler)](const std::string& payload) {
          Event event;
          if (!event.ParseFromString(payload)) return false;
          handler(event);
          return true;
        },
        std::move(missed));
  }

  // Without subscriptions it reads nothing and has no thread.
  void Start();
  // What a handler is doing is waited for; what waits for it is dropped. Idempotent.
  void Stop();

 private:
  // False: the payload is none of the type.
  using Handle = std::function<bool(const std::string& payload)>;

  class Subscription {
   public:
    Subscription(std::string type, Handle handle, std::function<void()> missed)
        : type_(std::move(type)), handle_(std::move(handle)), missed_(std::move(missed)) {}

    const std::string& type() const { return type_; }
    void Start();
    void Stop();
    void Push(std::string payload);
    void Missed();

   private:
    void Loop();

    const std::string type_;
    const Handle handle_;
    const std::function<void()> missed_;
    absl::Mutex mutex_;
    std::deque<std::string> waiting_ ABSL_GUARDED_BY(mutex_);
    bool missed_some_ ABSL_GUARDED_BY(mutex_) = true;  // Of before the start.
    bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
    std::thread thread_;
  };

  // What XINFO STREAM says of one.
  struct StreamState {
    EntryId last = {};
    EntryId deleted = {};               // The highest that was trimmed or deleted.
    std::optional<int64_t> added = {};  // Since the stream was made; servers before Redis 7: none.
  };
  struct Partition {
    EntryId cursor = {};  // All up to here was seen.
    bool following = false;
    // What the stream had: entries up to this one, so many were added at least, and this one was
    // deleted. Less of the first two, and it is another stream or another time.
    EntryId newest = {};
    int64_t added = 0;
    EntryId deleted = {};
  };

  void Subscribe(std::string type, Handle handle, std::function<void()> missed);
  void Following(int partition) override;
  StreamReader::Taken Take(int partition, absl::Span<const StreamEntry> entries) override;
  // Whether anybody here wanted any.
  bool Accept(int partition, absl::Span<const StreamEntry> entries);

  void Loop();
  absl::StatusOr<std::vector<StreamState>> States() const;
  // Takes its place at the end of all streams.
  absl::Status Begin();
  // Notices what was missed.
  absl::Status Check();
  // Reads what is not followed yet, and follows.
  absl::Status CatchUp();
  void Missed();

  StreamReader& streams_;
  std::vector<std::unique_ptr<Subscription>> subscriptions_;

  absl::Mutex mutex_;
  std::map<int, Partition> partitions_ ABSL_GUARDED_BY(mutex_);  // Empty: not begun.
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace selfology::events
