#include "services/edge/telegram_gateway/delivery/sending.h"

#include <algorithm>

#include "absl/status/status.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"

namespace selfology::telegram_gateway {
namespace {

// What a line to Telegram is good for at the least.
constexpr int64_t kBytesPerSecond = 512 << 10;

}  // namespace

absl::StatusOr<std::vector<Piece>> Plan(int64_t chat_id, const v1::DialogMessage& message,
                                        MediaStore& media, int64_t bot_id, const Call& call) {
  ASSIGN_OR_RETURN(const MediaStore::Found found,
                   media.ForMessage(call, bot_id, chat_id,
                                    {message.media_ids().begin(), message.media_ids().end()}));
  if (!found.problem.empty()) {
    observe::Error("file omitted from message",
                   {{"kind", message.kind()}, {"problem", found.problem}});
  }
  return PiecesOf(message, found.files);
}

absl::Duration PatienceFor(const Piece& piece) {
  int64_t bytes = 0;
  for (const Attachment& file : piece.files) {
    // Also of those that Telegram has: it may have forgotten them.
    if (!file.path.empty()) bytes += file.size;
  }
  return kRequest + absl::Seconds(bytes / kBytesPerSecond);
}

absl::StatusOr<PieceSent> SendPiece(BotApi& telegram, const Call& call, int64_t chat_id,
                                    const Piece& piece, const v1::DialogMessage& message) {
  absl::StatusOr<std::vector<Json>> messages =
      telegram.Send(call, RequestFor(chat_id, piece, message, Again::kNo));
  if (absl::IsInvalidArgument(messages.status()) && MayGoAgain(piece, message)) {
    observe::Warning("message rejected by Telegram; resending without quote and file names",
                     {{"kind", message.kind()}, {"status", messages.status()}});
    messages = telegram.Send(call, RequestFor(chat_id, piece, message, Again::kYes));
  }
  RETURN_IF_ERROR(messages);
  PieceSent sent;
  for (size_t i = 0; i < messages->size(); ++i) {
    const Json& json = (*messages)[i];
    sent.message_ids.push_back(IntegerIn(json, "message_id"));
    if (i >= piece.files.size()) continue;
    const Attachment& file = piece.files[i];
    std::string file_id = FileIdIn(json);
    const bool is_new = !file.path.empty() && !file_id.empty() && file_id != file.file_id;
    if (is_new) sent.file_ids.emplace_back(file.media_id, std::move(file_id));
  }
  return sent;
}

absl::StatusOr<PieceSent> SendWithoutFiles(BotApi& telegram, const Call& call, int64_t chat_id,
                                           const Piece& piece, const v1::DialogMessage& message,
                                           const absl::Status& why, bool is_last) {
  observe::Error(
      "file omitted from message",
      {{"kind", message.kind()}, {"problem", "Telegram does not take them"}, {"status", why}});
  if (piece.text.empty()) {
    if (is_last) return absl::InvalidArgumentError("nothing but media that cannot be sent");
    return PieceSent{};
  }
  Piece text = piece;
  text.files.clear();
  return SendPiece(telegram, call, chat_id, text, message);
}

}  // namespace selfology::telegram_gateway
