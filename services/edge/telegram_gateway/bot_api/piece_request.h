// One piece of a message as a request to the Bot API: which method, with which parameters and files.
//
//   const PieceRequest request = RequestFor(chat_id, piece, message, Again::kNo);
//   request.method;        // "sendPhoto"
//   request.parameters;    // {"chat_id": ..., "photo": "attach://file0", "caption": ...}
//   request.uploads;       // the file of that name
//
// Pure functions. Sources: https://core.telegram.org/bots/api#sending-files, #sendmediagroup,
// #replyparameters.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "selfology/telegram/v1/dialog.pb.h"
#include "services/edge/telegram_gateway/bot_api/lenient_json.h"
#include "services/edge/telegram_gateway/bot_api/multipart.h"

namespace selfology::telegram_gateway {

namespace v1 = ::selfology::telegram::v1;

// A file that goes with a message. Telegram knows it already (file_id), or its bytes are on disk
// (path), or both.
struct Attachment {
  std::string media_id = {};
  v1::ContentKind kind = v1::CONTENT_KIND_DOCUMENT;
  std::string file_name = {};
  std::string mime_type = {};
  int64_t size = 0;
  absl::Duration duration = absl::ZeroDuration();
  std::string emoji = {};
  std::string file_id = {};
  std::string path = {};
};

// What one request sends.
struct Piece {
  std::vector<Attachment> files = {};  // Two or more: an album.
  std::string text = {};               // The caption, where there are files; may be empty then.
  bool has_buttons = false;
  bool replies = false;  // To what the message replies to.
};

struct PieceRequest {
  std::string method;
  Json parameters;
  std::vector<Upload> uploads = {};
};

// Whether Telegram has refused the piece as it is. Then it goes without what may be the reason and
// can be done without: a quote that is not in the message, a name of a file that no longer holds.
enum class Again { kNo, kYes };

PieceRequest RequestFor(int64_t chat_id, const Piece& piece, const v1::DialogMessage& message,
                        Again again);

// Whether there is anything that Again::kYes leaves out.
bool MayGoAgain(const Piece& piece, const v1::DialogMessage& message);

// Telegram's name of the file in a message that was sent; empty: none.
std::string FileIdIn(const Json& message);

// The buttons as a reply_markup.
Json Keyboard(const v1::DialogMessage& message);

}  // namespace selfology::telegram_gateway
