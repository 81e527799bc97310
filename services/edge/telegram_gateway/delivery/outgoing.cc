#include "services/edge/telegram_gateway/delivery/outgoing.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "common/enums/word.h"
#include "common/status/status.h"
#include "common/text/text.h"
#include "services/edge/telegram_gateway/delivery/pieces.h"
#include "services/edge/telegram_gateway/media/media_files.h"

namespace selfology::telegram_gateway {
namespace {

constexpr size_t kLongestKind = 32;
constexpr size_t kLongestKey = 128;
constexpr size_t kLongestTag = 64;
constexpr int64_t kNoticeSeconds = 600;
constexpr int kMostMedia = 10;
constexpr int kLongestQuote = 1024;

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

bool IsTag(std::string_view tag) {
  return tag.size() <= kLongestTag && std::all_of(tag.begin(), tag.end(), [](unsigned char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_' || c == '-';
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

absl::Duration LifetimeOf(const v1::DialogMessage& message) {
  if (!message.has_lifetime()) return kUsualLifetime;
  return std::clamp(DurationOf(message.lifetime()), kShortestLifetime, kLongestLifetime);
}

std::string LifecycleOf(const v1::DialogMessage& message) {
  const std::string word = enums::LowerWord(message.lifecycle());
  return word.empty() ? enums::LowerWord(v1::MESSAGE_LIFECYCLE_ONETIME) : word;
}

bool FitsIntoOther(const v1::DialogMessage& message) {
  return message.media_ids().empty() && message.reply_to_message_id() == 0 &&
         PiecesOf(message, {}).size() == 1;
}

void CheckContent(const v1::DialogMessage& message, status::FieldViolations& bad) {
  const bool has_text = !text::Trim(message.message_text()).empty();
  const int media = message.media_ids_size();
  if (!has_text && media == 0) bad.Add("message_text", "must not be empty");
  if (!has_text && media > 1 && !message.button_rows().empty()) {
    bad.Add("button_rows", "must have a text, for an album has no buttons");
  }
  if (media > kMostMedia) bad.Add("media_ids", "must be at most 10");
  if (!std::all_of(message.media_ids().begin(), message.media_ids().end(), IsMediaId)) {
    bad.Add("media_ids", "must be 1 to 64 of a to z, 0 to 9 and _");
  }
  if (message.reply_to_message_id() < 0) {
    bad.Add("reply_to_message_id", "must be above 0, or 0 for none");
  }
  if (text::Characters(message.quote()) > kLongestQuote) {
    bad.Add("quote", "must be up to 1024 characters");
  }
}

absl::Status CheckMessage(const v1::DialogMessage& message) {
  status::FieldViolations bad;
  CheckContent(message, bad);
  if (!IsKind(message.kind())) bad.Add("kind", "must be 1 to 32 of a to z and _");
  if (!IsKey(message.key())) bad.Add("key", "must be up to 128 printable ASCII characters");
  if (!IsKey(message.mark())) bad.Add("mark", "must be up to 128 printable ASCII characters");
  if (!IsKey(message.after_key())) {
    bad.Add("after_key", "must be up to 128 printable ASCII characters");
  }
  if (!IsTag(message.tag())) bad.Add("tag", "must be up to 64 of a to z, 0 to 9, _ and -");
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

}  // namespace selfology::telegram_gateway
