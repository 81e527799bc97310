#include "services/edge/telegram_gateway/outgoing.h"

#include <algorithm>
#include <array>
#include <utility>

#include "services/edge/telegram_gateway/telegram_text.h"

namespace selfology::telegram_gateway {
namespace {

constexpr std::array<std::pair<Kind, std::string_view>, 8> kKinds = {{
    {Kind::kReply, "reply"},
    {Kind::kQuestion, "question"},
    {Kind::kFeedback, "feedback"},
    {Kind::kCompletion, "completion"},
    {Kind::kCoach, "coach"},
    {Kind::kInsight, "insight"},
    {Kind::kNotice, "notice"},
    {Kind::kRequested, "requested"},
}};

}  // namespace

std::string_view WordOf(Kind kind) {
  return std::find_if(kKinds.begin(), kKinds.end(),
                      [kind](const auto& entry) { return entry.first == kind; })
      ->second;
}

Kind KindOf(std::string_view word) {
  const auto* const found = std::find_if(
      kKinds.begin(), kKinds.end(), [word](const auto& entry) { return entry.second == word; });
  return found == kKinds.end() ? Kind::kRequested : found->first;
}

bool IsEssential(Kind kind) {
  return kind != Kind::kFeedback && kind != Kind::kInsight && kind != Kind::kNotice;
}

absl::Duration ShelfLife(Kind kind) {
  switch (kind) {
    case Kind::kNotice:
    case Kind::kFeedback:
      return absl::Minutes(10);
    default:
      // Telegram itself keeps what waits for a bot no longer.
      return absl::Hours(24);
  }
}

v1::ButtonRow Row(const ButtonLabels& buttons) {
  v1::ButtonRow row;
  for (const auto& [label, data] : buttons) {
    v1::Button& button = *row.add_buttons();
    button.set_text(std::string(label));
    button.set_callback_data(data);
  }
  return row;
}

v1::SendMessageRequest Html(std::string text, std::vector<v1::ButtonRow> rows) {
  v1::SendMessageRequest body = Plain(std::move(text));
  body.set_text_format(v1::TEXT_FORMAT_HTML);
  for (v1::ButtonRow& row : rows) *body.add_button_rows() = std::move(row);
  return body;
}

v1::SendMessageRequest Plain(std::string text) {
  v1::SendMessageRequest body;
  body.set_message_text(std::move(text));
  return body;
}

std::vector<std::string> PiecesOf(const v1::SendMessageRequest& body) {
  return body.text_format() == v1::TEXT_FORMAT_HTML ? SplitHtml(body.message_text())
                                                    : SplitPlain(body.message_text());
}

}  // namespace selfology::telegram_gateway
