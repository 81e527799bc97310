// Takes what was found of a channel into the store, and publishes what is new about it.
//
//   database.Write(call, [&](Transaction& tx) -> absl::StatusOr<Brought> {
//     ASSIGN_OR_RETURN(auto stored, store::LockChannel(tx, channel_id));
//     return TakeReading(tx, *stored, std::move(reading), now, random);
//   });
//
// The channel is locked, so that its events are in its order. A post that is known is not published
// again; one that two readings in a row should have shown and did not is gone. A reading that looks
// like another markup changes no posts, so that a change of the page's classes is no mass edit.
// Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <string>
#include <vector>

#include "absl/random/bit_gen_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "services/feed/channel_reader/sources/source.h"
#include "services/feed/channel_reader/store/channel_store.h"
#include "services/feed/channel_reader/store/post_store.h"

namespace selfology::channel_reader {

struct Brought {
  int stored = 0;
  int edited = 0;
  int deleted = 0;
  v1::UnreadableReason reason = v1::UNREADABLE_REASON_UNSPECIFIED;
  bool drift_began = false;  // The kind's alarm was raised.
};

absl::StatusOr<Brought> TakeReading(postgres::Transaction& tx, store::StoredChannel& stored,
                                    SourceReading reading, absl::Time now, absl::BitGenRef random);

// One post, settled, as it is now; `known`: as it was, if it was known. Says what became of it.
enum class PostChange { kNone, kPublished, kEdited };
absl::StatusOr<PostChange> TakePost(postgres::Transaction& tx, const store::StoredChannel& stored,
                                    FoundPost found, const store::StoredPost* known,
                                    absl::Time now);

// Publishes channel.changed, if what others see of the channel is not what it was.
absl::Status PublishChange(postgres::Transaction& tx, const v1::Channel& before,
                           const v1::Channel& after);

// Whether channels of this kind are asked, or push.
bool IsPolled(v1::SourceKind source);

}  // namespace selfology::channel_reader
