// What Telegram pushes about channels that our bot is in: posts, edits, reactions, and what the bot may
// do there.
//
//   database.Write(call, [&](Transaction& tx) { return TakeUpdate(tx, request, now); })
//
// Who adds the bot is the channel's owner: that is their consent to show and keep its posts, recorded,
// for this channel only; they may widen or narrow it, and removing the bot takes it back. An album's parts
// come one by one and become one post.
// Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/telegram/v1/dialog.pb.h"
#include "services/feed/channel_reader/store/channel_store.h"

namespace selfology::channel_reader {

// The channel as it is now; nullopt: an update about none that we keep. `number`: of the update; an older
// one than the last changes nothing.
absl::StatusOr<std::optional<store::StoredChannel>> TakeUpdate(
    postgres::Transaction& tx, const telegram::v1::ChannelUpdate& update, int64_t number,
    absl::Time now);

}  // namespace selfology::channel_reader
