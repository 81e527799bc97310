// Where new events come from: the table, by snapshots, and the write-ahead log.

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "common/observe/log.h"
#include "common/relay/leader.h"
#include "common/status/status_macros.h"

namespace selfology::relay {
namespace {

using events::EntryId;

// A whole backlog, under one snapshot.
constexpr absl::Duration kBacklogTimeout = absl::Hours(6);
// How long a new leader, who knows that Redis lost nothing, waits for the slot before it reads the
// table.
constexpr absl::Duration kSourceGrace = absl::Milliseconds(300);
// Between two looks at whether transactions can be seen.
constexpr absl::Duration kLongestVisibilityPause = absl::Milliseconds(5);

bool NotAllowed(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) || absl::IsPermissionDenied(status);
}

}  // namespace

void Leader::OpenSource() {
  if (options_.preference == Preference::kSnapshot) return;
  if (std::optional<WalOpener::Result> result = opener_.Take(); result.has_value()) {
    if (result->ok()) {
      opened_ = **std::move(result);
      opened_snapshot_.reset();
    } else {
      const absl::Status& status = result->status();
      reopen_at_ = absl::Now() + (NotAllowed(status)        ? options_.logical_retry
                                  : absl::IsAborted(status) ? absl::Milliseconds(100)
                                                            : absl::Seconds(1));
      if (!absl::IsAborted(status)) shared_.Failed("logical decoding", status);
    }
  }
  if (opened_ == nullptr && !opener_.running() && absl::Now() >= reopen_at_) {
    opener_.Start(
        {.url = options_.database_url, .slot = options_.slot, .publication = options_.publication});
  }
}

absl::Status Leader::TickStep() {
  OpenSource();
  if (opened_ != nullptr) {
    const bool follows = marker_.source.position >= opened_->confirmed();
    if (!follows) {
      // What was committed before the slot's beginning has to come out of the table. A transaction
      // may have committed there and not be visible yet, so all that might have must have ended.
      if (!opened_snapshot_.has_value()) {
        ASSIGN_OR_RETURN(const Instant now, outbox_.Now(DatabaseCall()));
        opened_snapshot_ = now.snapshot;
      }
      RETURN_IF_ERROR(Tick());
      if (marker_.published.xmin() >= opened_snapshot_->xmax()) {
        marker_.source = {.position = opened_->confirmed(), .n = 0};
        RETURN_IF_ERROR(Save());
        return AdoptSource();
      }
    } else {
      return AdoptSource();
    }
  } else if (options_.preference == Preference::kLogical) {
    Wait(options_.check);
    return CheckNow();
  } else if (opener_.running() && !recovering_ && absl::Now() < established_at_ + kSourceGrace) {
    Wait(established_at_ + kSourceGrace - absl::Now());
    return absl::OkStatus();
  } else {
    RETURN_IF_ERROR(Tick());
  }
  RETURN_IF_ERROR(CheckNow());
  Wait(poll_);
  return absl::OkStatus();
}

absl::Status Leader::Tick() {
  shared_.SetMode(Mode::kSnapshotDifference);
  int64_t found = 0;
  reading_table_ = true;
  const absl::StatusOr<Instant> instant =
      outbox_.ReadNew(shared_.CallFor(kBacklogTimeout), marker_.published,
                      [&](std::vector<events::Envelope> rows, Lsn position) {
                        found += static_cast<int64_t>(rows.size());
                        return PublishRows(std::move(rows), position);
                      });
  reading_table_ = false;
  RETURN_IF_ERROR(instant);
  if (recovering_ && found > 0) {
    RETURN_IF_ERROR(outbox_.RepeatRedactions(DatabaseCall()));
    shared_.republished.Increment(static_cast<double>(found));
    absl::MutexLock lock(&shared_.mutex);
    shared_.status.republished_total += found;
  }
  recovering_ = false;
  marker_.published = instant->snapshot;
  if (found > 0 || note_due_) noted_ = *instant;
  note_due_ = false;
  ForgetSeen();
  if (found > 0) RETURN_IF_ERROR(Save());
  poll_ = found > 0 ? options_.busy_poll : std::min(poll_ * 2, options_.idle_poll);
  return absl::OkStatus();
}

absl::Status Leader::AdoptSource() {
  const absl::Status started = opened_->Start();
  if (!started.ok()) {
    shared_.Failed("logical decoding", started);
    opened_.reset();
    // A slot that was lost is made anew at once.
    reopen_at_ = absl::Now() + absl::Milliseconds(100);
    return absl::OkStatus();
  }
  source_ = std::move(opened_);
  last_confirmed_ = confirmable_ = source_->confirmed();
  shared_.SetMode(Mode::kLogicalDecoding);
  observe::Info("relay reads new events from the write-ahead log", {{"slot", options_.slot}});
  return KeepSourceAlive(false);
}

void Leader::DropSource(const absl::Status& why) {
  shared_.Failed("logical decoding", why);
  source_.reset();
  sample_.reset();
  batch_.clear();
  batch_bytes_ = 0;
  marker_.source = saved_.source;
  note_due_ = true;
  established_at_ = absl::Now();
  reopen_at_ = absl::Now() + absl::Milliseconds(100);
}

absl::Status Leader::StreamStep() {
  bool more = true;
  while (more && batch_.size() < options_.batch_events && batch_bytes_ < options_.batch_bytes) {
    absl::StatusOr<std::optional<WalMessage>> message = source_->Next();
    if (!message.ok()) {
      DropSource(message.status());
      return absl::OkStatus();
    }
    more = message->has_value();
    if (more) {
      if (const absl::Status taken = Take(**std::move(message)); !taken.ok()) {
        DropSource(taken);
        return absl::OkStatus();
      }
    }
  }
  // The rest of a transaction is on its way already; better all of it at once.
  const bool whole = marker_.source.n == 0;
  if (!batch_.empty() && (whole || more)) {
    RETURN_IF_ERROR(FlushStream());
  } else if (!batch_.empty()) {
    Wait(options_.check, source_->fd());
    return absl::OkStatus();
  }
  PromoteSample();
  RETURN_IF_ERROR(CheckNow());
  if (!more && source_ != nullptr) Wait(next_check_ - absl::Now(), source_->fd());
  return absl::OkStatus();
}

absl::Status Leader::Take(WalMessage message) {
  if (auto* insert = std::get_if<Insert>(&message)) {
    const EntryId place{.position = transaction_.commit, .n = ++transaction_events_};
    if (place <= marker_.source) return absl::OkStatus();
    marker_.source = place;
    if (marker_.published.Sees(insert->xid)) return absl::OkStatus();
    batch_bytes_ += insert->event.payload.size();
    batch_.push_back({.event = std::move(insert->event),
                      .committed_at = transaction_.committed_at,
                      .position = transaction_.commit,
                      .xid = insert->xid});
  } else if (auto* begin = std::get_if<Begin>(&message)) {
    transaction_ = *begin;
    transaction_events_ = 0;
  } else if (auto* commit = std::get_if<Commit>(&message)) {
    marker_.source = std::max(marker_.source, EntryId{.position = commit->end, .n = 0});
  } else if (auto* keepalive = std::get_if<Keepalive>(&message)) {
    // Inside of a transaction this is no later than its commit.
    marker_.source = std::max(marker_.source, EntryId{.position = keepalive->end, .n = 0});
    if (keepalive->reply_wanted) return KeepSourceAlive(false);
  }
  return absl::OkStatus();
}

// The log tells of a commit before others can see it: its server process has yet to say that it has
// ended, or waits for a standby first. A handler that reads what its event is about must find it.
absl::Status Leader::AwaitVisible() {
  const auto seen = [this] {
    return std::all_of(batch_.begin(), batch_.end(),
                       [this](const Item& item) { return visible_.Sees(item.xid); });
  };
  // Of a backlog, one look sees many batches.
  for (absl::Duration pause = absl::Microseconds(100); !seen();
       pause = std::min(pause * 2, kLongestVisibilityPause)) {
    ASSIGN_OR_RETURN(const Instant now, outbox_.Now(DatabaseCall()));
    visible_ = now.snapshot;
    if (seen()) break;
    if (shared_.stopping) return absl::CancelledError("stopped");
    Wait(pause);
    if (absl::Now() > last_status_ + kStatusInterval) {
      KeepSourceAlive(false).IgnoreError();  // The next read of it tells.
    }
  }
  return absl::OkStatus();
}

absl::Status Leader::FlushStream() {
  RETURN_IF_ERROR(AwaitVisible());
  RETURN_IF_ERROR(Publish(batch_));
  for (const Item& item : batch_) {
    if (unseen_.empty() || unseen_.back().xid != item.xid) {
      unseen_.push_back({.xid = item.xid, .commit = item.position, .events = 0});
    }
    ++unseen_.back().events;
  }
  {
    absl::MutexLock lock(&shared_.mutex);
    shared_.sent_unseen += static_cast<int64_t>(batch_.size());
  }
  batch_.clear();
  batch_bytes_ = 0;
  return absl::OkStatus();
}

void Leader::ForgetSeen() {
  std::erase_if(unseen_, [&](const Unseen& one) { return marker_.published.Sees(one.xid); });
  int64_t left = 0;
  for (const Unseen& one : unseen_) left += one.events;
  absl::MutexLock lock(&shared_.mutex);
  shared_.sent_unseen = left;
  shared_.marker.published = marker_.published;
}

void Leader::PromoteSample() {
  if (!sample_.has_value() || marker_.source < EntryId{.position = sample_->position, .n = 0}) {
    return;
  }
  marker_.published = sample_->snapshot;
  confirmable_ = sample_->position;
  noted_ = *std::exchange(sample_, std::nullopt);
  ForgetSeen();
  // Decoded and published, but not visible yet (a commit that still waits for a standby, say): they
  // would be in no table read now, so the slot keeps them.
  for (const Unseen& one : unseen_) confirmable_ = std::min(confirmable_, one.commit);
}

absl::Status Leader::KeepSourceAlive(bool ask) {
  // Never beyond what the marker in Redis says.
  Lsn place = unseen_.empty() && !sample_.has_value() ? saved_.source.position : confirmable_;
  place = std::min(place, saved_.source.position);
  last_confirmed_ = std::max(last_confirmed_, place);
  last_status_ = absl::Now();
  return source_->Confirm(last_confirmed_, ask);
}

}  // namespace selfology::relay
