// Combines messages of one person into one update: those within the time that the dialog asks for
// (DialogDescription.gather), and the pictures of an album.
//
//   // None: it goes on.
//   const std::optional<GatherRequest> request = GatherRequestOf(update, act, description);
//   ASSIGN_OR_RETURN(const Gathering it, GatherInto(tx, bot_id, update, *request, now));
//   ...                                                        // and after it.wait:
//   ASSIGN_OR_RETURN(const auto claimed, held.Claim(user_id)); // one update in place of all
//
// What gathers is a held update (held_updates.h) that is not due yet and has all of its messages in
// it, so that it needs no thread and outlasts the process. It is also the only way with a webhook:
// Telegram brings a chat's next update once the one before was taken. Claiming it ends it: nothing
// comes to it any more, and from then on it is one update, with the number and key of the last.
//
// Why the key of the last is right: who is in it is written down before the dialog is asked, and
// never changes afterwards. An update that Telegram brings again, be it before or after, is found
// in it and gathers nothing. So whatever is cut off in between, the dialog is asked about the same
// words with the same key; all are marked handled in the one commit, and none is lost or told
// twice. No other update has that key, for each update is in one gathering only.
//
// Guards have seen each message by itself, at once, for safety does not wait; several together are
// put to them once more as a whole. A guard that does not answer keeps its message out of the
// gathering. Whatever does not join (a command, a button, an edit, a single picture, words for
// another dialog) ends it and comes after it. So does the 20th message, and the 10th of an album,
// and a question that the person was asked in between. Messages are as far apart as they were
// written, not as they come: what has piled up while the gateway was away is not taken for one.
//
// Threads: pure functions but the last.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/telegram/v1/dialog.pb.h"
#include "services/edge/telegram_gateway/bot_api/update.h"
#include "services/edge/telegram_gateway/routing/route.h"

namespace selfology::telegram_gateway {

// How long after the last of an album another may come: Telegram brings them right after each
// other.
inline constexpr absl::Duration kAlbumWait = absl::Seconds(1);

struct GatherRequest {
  std::string dialog = {};  // Which hears it; empty: the person has yet to choose.
  absl::Duration within = absl::ZeroDuration();
};

// What the dialog that hears the update wants; null: nobody hears it. None: not to be gathered.
std::optional<GatherRequest> GatherRequestOf(const Update& update, const Act& act,
                                             const v1::DialogDescription* dialog);

// Whether it belongs to what is gathered so far.
bool Joins(const Update& gathered, const Update& next, const GatherRequest& request);

// How long to wait for more.
absl::Duration WaitFor(const Update& gathered, const GatherRequest& request);

// What became of an update that is to be gathered.
struct Gathering {
  bool was_handled = false;    // Nothing was written.
  bool was_known = false;      // It was there already; nothing changed.
  bool ended_another = false;  // One that it does not belong to, which is due now.
  absl::Duration wait = absl::ZeroDuration();
};
absl::StatusOr<Gathering> GatherInto(postgres::Transaction& tx, int64_t bot_id,
                                     const Update& update, const GatherRequest& request,
                                     absl::Time now);

}  // namespace selfology::telegram_gateway
