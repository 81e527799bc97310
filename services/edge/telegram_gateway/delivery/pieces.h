// The pieces that a message is sent in, one request each: what is too long for Telegram, and what
// it does not show together.
//
//   const std::vector<Piece> pieces = PiecesOf(message, files);
//
// Files come first, with the text as their caption where it fits. Buttons belong to the last piece;
// Telegram shows none under an album, so the text follows that. The reply belongs to the first.
//
// The same message with the same files has the same pieces, whatever Telegram knows of the files
// meanwhile: so they can be counted. Pure functions.
// Sources: https://core.telegram.org/bots/api#sendphoto (captions), #sendmediagroup.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "selfology/telegram/v1/dialog.pb.h"
#include "services/edge/telegram_gateway/bot_api/piece_request.h"

namespace selfology::telegram_gateway {

inline constexpr size_t kMostInAlbum = 10;
// What Telegram takes of a bot, with one request: MB as it says, the smaller ones.
inline constexpr int64_t kMostSentBytes = 50'000'000;
inline constexpr int64_t kMostPhotoBytes = 10'000'000;

// Which of the files do not go together with the first: an album has photos or documents only.
bool GoesWith(const Attachment& first, const Attachment& other);

// files: all go together, at most kMostInAlbum. Albums of more bytes than one request takes are
// divided.
std::vector<Piece> PiecesOf(const v1::DialogMessage& message, const std::vector<Attachment>& files);

}  // namespace selfology::telegram_gateway
