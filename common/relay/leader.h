// One term of leadership: from the advisory lock until the database connection is lost or the relay
// stops.
//
// Establish finds out what the streams hold and claims them; Work publishes until something shows
// that they do not hold what was believed (a surprise), which sends it back to Establish.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/redis/client.h"
#include "common/relay/outbox_reader.h"
#include "common/relay/relay.h"
#include "common/relay/shared.h"
#include "common/relay/streams.h"
#include "common/relay/wal_opener.h"
#include "common/relay/wal_source.h"

namespace selfology::relay {

// The server gives a silent relay up after wal_sender_timeout, 60 s by default.
inline constexpr absl::Duration kStatusInterval = absl::Seconds(5);

class Leader {
 public:
  // `outbox` holds the lock.
  Leader(const Options& options, redis::Client& redis, RelayShared& shared, OutboxReader& outbox);

  // Until the relay stops (OK) or the database fails.
  absl::Status Run();

 private:
  // An event on its way.
  struct Item {
    events::Envelope event;
    absl::Time committed_at;
    Lsn position = 0;  // What its entry's id should begin with.
    uint64_t xid = 0;  // Known when it came out of the WAL.
  };
  // A transaction whose events are in the streams but not seen by marker_.published.
  struct Unseen {
    uint64_t xid;
    Lsn commit;
    int64_t events;
  };

  absl::Status Establish();
  absl::Status Work();

  // By snapshots.
  absl::Status TickStep();
  absl::Status Tick();
  void OpenSource();
  absl::Status AdoptSource();

  // By logical decoding.
  absl::Status StreamStep();
  absl::Status Take(WalMessage message);
  absl::Status FlushStream();
  // Until everybody can see what the batch's transactions wrote.
  absl::Status AwaitVisible();
  absl::Status KeepSourceAlive(bool ask);
  void DropSource(const absl::Status& why);
  void PromoteSample();
  void ForgetSeen();

  // Appends to the streams, trying until it is done; ABORTED with surprised_ set when Redis does
  // not hold what it should. marker_ may have been advanced before; its ids are set here.
  absl::Status Publish(absl::Span<const Item> items);
  absl::Status Save() { return Publish({}); }
  // In batches.
  absl::Status PublishRows(std::vector<events::Envelope> rows, Lsn position);
  absl::Status Surprise(std::string_view what);
  void Published(absl::Span<const Item> items);
  absl::Status RedisFailed(const absl::Status& status);

  absl::Status CheckNow();
  absl::Status WriteProgress();
  // An error of one replay ends that replay only, not the leadership.
  absl::Status RunReplays();
  absl::StatusOr<int64_t> Replay(const ReplayFilter& filter);

  // Waits until woken, `fd` (or -1) is readable, or `most` has passed.
  void Wait(absl::Duration most, int fd = -1);
  // After a failure: a while, during which the walsender is kept content and the lock looked at. If
  // Redis was away, no longer than until it is back.
  absl::Status Pause(bool redis_away = false);
  Call DatabaseCall() const;
  Call RedisCall() const;

  const Options& options_;
  RelayShared& shared_;
  OutboxReader& outbox_;
  Streams streams_;

  std::string lineage_;
  Marker saved_;   // As it is in Redis.
  Marker marker_;  // As it will be with the next append.
  bool surprised_ = false;
  bool recovering_ = false;     // What the next tick finds was published before.
  bool note_due_ = false;       // relay_progress may be behind the streams.
  bool reading_table_ = false;  // A transaction may be open that others' clean-up waits for.
  int failures_ = 0;            // In a row.
  absl::Time established_at_;
  absl::Time next_check_;

  WalOpener opener_;
  std::unique_ptr<WalSource> opened_;        // Not adopted yet.
  std::optional<Snapshot> opened_snapshot_;  // Taken after it was opened.
  std::unique_ptr<WalSource> source_;        // Streaming.
  absl::Time reopen_at_;
  absl::Duration poll_;

  // The transaction that is coming in.
  Begin transaction_;
  uint64_t transaction_events_ = 0;
  std::vector<Item> batch_;
  size_t batch_bytes_ = 0;

  Snapshot visible_;  // What all could see when it was last asked for.
  std::vector<Unseen> unseen_;
  std::optional<Instant> sample_;  // Becomes marker_.published when the source has passed it.
  Lsn confirmable_ = 0;            // All before it is seen by marker_.published, or was no event.
  absl::Time last_status_;
  Lsn last_confirmed_ = 0;

  std::optional<Instant> noted_;  // To be written to relay_progress.
  int64_t newly_published_ = 0;
};

}  // namespace selfology::relay
