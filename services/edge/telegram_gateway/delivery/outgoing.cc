#include "services/edge/telegram_gateway/delivery/outgoing.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "common/status/status.h"
#include "common/text/text.h"
#include "services/edge/telegram_gateway/bot_api/telegram_text.h"

namespace selfology::telegram_gateway {
namespace {

constexpr size_t kLongestKind = 32;
constexpr size_t kLongestKey = 128;
constexpr int64_t kNoticeSeconds = 600;

bool IsKind(std::string_view kind) {
  return !kind.empty() && kind.size() <= kLongestKind &&
         std::all_of(kind.begin(), kind.end(), [](char c) {
           return absl::ascii_islower(static_cast<unsigned char>(c)) || c == '_';
         });
}

bool IsKey(std::string_view key) {
  return key.size() <= kLongestKey && std::all_of(key.begin(), key.end(), [](char c) {
           return absl::ascii_isprint(static_cast<unsigned char>(c));
         });
}

absl::Duration DurationOf(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

}  // namespace

absl::Duration WorthOf(const v1::DialogMessage& message) {
  if (!message.has_worth()) return kLongestWorth;
  return std::clamp(DurationOf(message.worth()), absl::ZeroDuration(), kLongestWorth);
}

absl::Duration WaitOf(const v1::DialogMessage& message) {
  return std::clamp(DurationOf(message.wait()), absl::ZeroDuration(), kLongestWait);
}

absl::Status CheckMessage(const v1::DialogMessage& message) {
  status::FieldViolations bad;
  if (text::Trim(message.message_text()).empty()) bad.Add("message_text", "must not be empty");
  if (!IsKind(message.kind())) bad.Add("kind", "must be 1 to 32 of a to z and _");
  if (!IsKey(message.key())) bad.Add("key", "must be up to 128 printable ASCII characters");
  if (!IsKey(message.mark())) bad.Add("mark", "must be up to 128 printable ASCII characters");
  if (!IsKey(message.after_key())) {
    bad.Add("after_key", "must be up to 128 printable ASCII characters");
  }
  return bad.ToStatus();
}

v1::DialogMessage Html(std::string_view kind, std::string html,
                       const std::vector<Choice>& choices) {
  v1::DialogMessage message;
  message.set_kind(std::string(kind));
  message.set_message_text(std::move(html));
  message.set_text_format(v1::TEXT_FORMAT_HTML);
  for (const Choice& choice : choices) {
    v1::Button& button = *message.add_button_rows()->add_buttons();
    button.set_text(choice.label);
    button.set_callback_data(choice.data);
  }
  return message;
}

v1::DialogMessage Notice(std::string html) {
  v1::DialogMessage message = Html(kNotice, std::move(html));
  message.set_expendable(true);
  message.mutable_worth()->set_seconds(kNoticeSeconds);
  return message;
}

std::vector<std::string> PiecesOf(const v1::DialogMessage& message) {
  return message.text_format() == v1::TEXT_FORMAT_HTML ? SplitHtml(message.message_text())
                                                       : SplitPlain(message.message_text());
}

}  // namespace selfology::telegram_gateway
