#include "services/feed/channel_reader/reader.h"

#include <utility>

#include "absl/random/random.h"
#include "common/observe/log.h"
#include "common/resilience/retry.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"

namespace selfology::channel_reader {
namespace {

using postgres::Transaction;

// How long writing may take after a source took all of the call's time; and how much longer than the
// call a lease lasts, so that no other replica begins while this one still writes.
constexpr absl::Duration kWriting = absl::Seconds(5);
// Between looks at a channel that another replica reads.
constexpr absl::Duration kBusy = absl::Milliseconds(200);
// Of what is read because it is due.
constexpr int kUsualLimit = 20;

}  // namespace

Reader::Reader(Options options)
    : options_(std::move(options)),
      posts_(
          options_.metrics == nullptr
              ? observe::Counter()
              : options_.metrics->Counter("channel_posts_total", "Posts seen for the first time")),
      drifts_(options_.metrics == nullptr
                  ? observe::Counter()
                  : options_.metrics->Counter("channel_source_drifts_total",
                                              "Times that a source's markup seemed to change")) {}

absl::StatusOr<Brought> Reader::Read(const Call& call, int64_t channel_id, int limit) {
  ASSIGN_OR_RETURN(std::optional<store::StoredChannel> stored,
                   options_.database->Read(
                       call, [&](Transaction& tx) { return store::FindChannel(tx, channel_id); },
                       {.newest = true}));
  if (!stored.has_value()) return Brought();
  const v1::SourceKind kind = stored->channel.source();
  if (!IsPolled(kind)) {  // It pushes: everything is there already.
    RETURN_IF_ERROR(Release(call, channel_id));
    return Brought();
  }
  SourceReading reading;
  const auto source = options_.sources.find(kind);
  if (!stored->enabled || source == options_.sources.end()) {
    reading.reason = v1::UNREADABLE_REASON_NOT_CONFIGURED;
  } else {
    ASSIGN_OR_RETURN(reading, source->second->Read(call, {.handle = stored->channel.handle(),
                                                          .feed_url = stored->feed_url,
                                                          .newest_number = stored->read_up_to,
                                                          .limit = limit,
                                                          .etag = stored->etag,
                                                          .last_modified = stored->last_modified}));
  }
  absl::InsecureBitGen random;
  // What was fetched is not lost because the caller's time is over.
  const Call writing = Call::Background(kWriting, call.trace());
  ASSIGN_OR_RETURN(
      const Brought brought,
      options_.database->Write(writing, [&](Transaction& tx) -> absl::StatusOr<Brought> {
        ASSIGN_OR_RETURN(std::optional<store::StoredChannel> locked,
                         store::LockChannel(tx, channel_id));
        if (!locked.has_value()) return Brought();
        store::Release(tx, channel_id);
        // Its bot came meanwhile: what was read of the preview is not its source any more.
        if (locked->channel.source() != kind) return Brought();
        return TakeReading(tx, *locked, reading, options_.clock(), random);
      }));
  posts_.Increment(brought.stored);
  if (brought.drift_began) {
    drifts_.Increment();
    observe::Error("channel source drifted", {{"source", v1::SourceKind_Name(kind)}});
  }
  return brought;
}

absl::StatusOr<bool> Reader::Claim(Transaction& tx, const Call& call, int64_t channel_id,
                                   absl::Time now) {
  return store::Claim(tx, channel_id, now, now + call.Remaining() + kWriting);
}

absl::StatusOr<Brought> Reader::ReadNow(const Call& call, int64_t channel_id, int limit) {
  for (;;) {
    ASSIGN_OR_RETURN(const bool claimed, options_.database->Write(call, [&](Transaction& tx) {
      return Claim(tx, call, channel_id, options_.clock());
    }));
    if (claimed) return ReadClaimed(call, channel_id, limit);
    // Whoever reads it takes so long that there is no time left for us.
    if (call.Remaining() < 2 * kBusy) return Brought{.reason = v1::UNREADABLE_REASON_TOO_OFTEN};
    if (!resilience::WaitUnlessCancelled(call, kBusy)) {
      return absl::CancelledError("the call was cancelled");
    }
  }
}

absl::StatusOr<Brought> Reader::ReadClaimed(const Call& call, int64_t channel_id, int limit) {
  absl::StatusOr<Brought> brought = Read(call, channel_id, limit);
  if (!brought.ok()) {
    const absl::Status released = Release(call, channel_id);
    if (!released.ok()) {
      observe::Warning("channel lease not released", {{"status", released}});
    }
  }
  return brought;
}

absl::Status Reader::Release(const Call& call, int64_t channel_id) {
  return options_.database->Write(Call::Background(kWriting, call.trace()), [&](Transaction& tx) {
    store::Release(tx, channel_id);
    return absl::OkStatus();
  });
}

absl::StatusOr<bool> Reader::ReadNextDue(const Call& call,
                                         const std::vector<v1::SourceKind>& kinds) {
  std::vector<int32_t> numbers;
  for (const v1::SourceKind kind : kinds) numbers.push_back(static_cast<int32_t>(kind));
  const absl::Time now = options_.clock();
  ASSIGN_OR_RETURN(const std::optional<int64_t> channel_id,
                   options_.database->Write(call, [&](Transaction& tx) {
                     return store::ClaimDue(tx, numbers, now, now + call.Remaining() + kWriting);
                   }));
  if (!channel_id.has_value()) return false;
  const absl::StatusOr<Brought> brought = Read(call, *channel_id, kUsualLimit);
  if (!brought.ok()) return brought.status();  // The lease ends by itself.
  return true;
}

absl::Status Reader::Join(const Call& call, v1::SourceKind source, std::string_view handle) {
  const auto found = options_.sources.find(source);
  if (found == options_.sources.end()) return absl::FailedPreconditionError("no such source");
  return found->second->Join(call, handle);
}

}  // namespace selfology::channel_reader
