#include "services/edge/telegram_gateway/delivery/pieces.h"

#include <utility>

#include "common/text/text.h"
#include "services/edge/telegram_gateway/bot_api/telegram_text.h"

namespace selfology::telegram_gateway {
namespace {

constexpr int kMaxCaptionUnits = 1024;

std::vector<std::string> Split(const v1::DialogMessage& message, int max_units) {
  return message.text_format() == v1::TEXT_FORMAT_HTML
             ? SplitHtml(message.message_text(), max_units)
             : SplitPlain(message.message_text(), max_units);
}

std::vector<Piece> Albums(const std::vector<Attachment>& files) {
  std::vector<Piece> pieces;
  int64_t bytes = 0;
  for (const Attachment& file : files) {
    if (pieces.empty() || bytes + file.size > kMostSentBytes) {
      pieces.emplace_back();
      bytes = 0;
    }
    bytes += file.size;
    pieces.back().files.push_back(file);
  }
  return pieces;
}

// The text as the caption of the last files; false: it has to follow them.
bool AddCaption(const v1::DialogMessage& message, Piece& last) {
  const bool is_album = last.files.size() > 1;
  if (is_album && !message.button_rows().empty()) return false;
  if (!is_album && last.files.front().kind == v1::CONTENT_KIND_STICKER) return false;
  std::vector<std::string> caption = Split(message, kMaxCaptionUnits);
  if (caption.size() != 1) return false;
  last.text = std::move(caption.front());
  return true;
}

}  // namespace

bool GoesWith(const Attachment& first, const Attachment& other) {
  return first.kind == other.kind &&
         (first.kind == v1::CONTENT_KIND_PHOTO || first.kind == v1::CONTENT_KIND_DOCUMENT);
}

std::vector<Piece> PiecesOf(const v1::DialogMessage& message,
                            const std::vector<Attachment>& files) {
  std::vector<Piece> pieces = Albums(files);
  const bool has_text = !text::Trim(message.message_text()).empty();
  if (has_text && (pieces.empty() || !AddCaption(message, pieces.back()))) {
    for (std::string& text : Split(message, kMaxMessageUnits)) {
      pieces.push_back({.text = std::move(text)});
    }
  }
  if (pieces.empty()) return pieces;
  pieces.front().replies = true;
  pieces.back().has_buttons = pieces.back().files.size() < 2;
  return pieces;
}

}  // namespace selfology::telegram_gateway
