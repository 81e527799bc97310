// Sends one piece of a message (pieces.h) to Telegram.
//
//   ASSIGN_OR_RETURN(const std::vector<Piece> pieces, Plan(chat_id, message, media, bot_id, call));
//   const Call call = Call::Background(PatienceFor(pieces[0]), trace);
//   ASSIGN_OR_RETURN(PieceSent sent, SendPiece(telegram, call, chat_id, pieces[0], message));
//
// Errors: the database's, and those of BotApi. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "selfology/telegram/v1/dialog.pb.h"
#include "services/edge/telegram_gateway/bot_api/bot_api.h"
#include "services/edge/telegram_gateway/delivery/pieces.h"
#include "services/edge/telegram_gateway/media/media_store.h"

namespace selfology::telegram_gateway {

// Of a request without files that Telegram does not have.
inline constexpr absl::Duration kRequest = absl::Seconds(10);

// The pieces of a message. Media that cannot be sent are left out, and named in an ERROR line; the
// rest goes without them. No round trip for a message without media.
absl::StatusOr<std::vector<Piece>> Plan(int64_t chat_id, const v1::DialogMessage& message,
                                        MediaStore& media, int64_t bot_id, const Call& call);

// How long sending it may take.
absl::Duration PatienceFor(const Piece& piece);

struct PieceSent {
  std::vector<int64_t> message_ids = {};  // Several of an album.
  // By media_id, Telegram's names of what was uploaded, so that it is not uploaded again.
  std::vector<std::pair<std::string, std::string>> file_ids = {};
};
absl::StatusOr<PieceSent> SendPiece(BotApi& telegram, const Call& call, int64_t chat_id,
                                    const Piece& piece, const v1::DialogMessage& message);

// The text and buttons of a piece whose files cannot be sent, which an ERROR line names with `why`.
// Of one without a text nothing is sent, if others follow it; INVALID_ARGUMENT, if none do.
absl::StatusOr<PieceSent> SendWithoutFiles(BotApi& telegram, const Call& call, int64_t chat_id,
                                           const Piece& piece, const v1::DialogMessage& message,
                                           const absl::Status& why, bool is_last);

}  // namespace selfology::telegram_gateway
