// The dialog's messages in the form that the gateway accepts.
//
//   v1::DialogMessage message = Html(kind::kQuestion, text, {Row({{"Skip", "skip:q_1"}})});
//   message.set_mark("q_1");
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "selfology/telegram/v1/dialog.pb.h"
#include "selfology/telegram/v1/telegram.pb.h"

namespace selfology::coaching_dialog {

namespace v1 = ::selfology::telegram::v1;

// DialogMessage.kind.
namespace kind {
inline constexpr std::string_view kReply = "reply";  // To a command, a button, an error.
inline constexpr std::string_view kQuestion = "question";
inline constexpr std::string_view kFeedback = "feedback";      // The quick look at an answer.
inline constexpr std::string_view kCompletion = "completion";  // Of a session.
inline constexpr std::string_view kCoach = "coach";
inline constexpr std::string_view kInsight = "insight";
}  // namespace kind

google::protobuf::Duration ToProto(absl::Duration duration);

// Buttons side by side, each a label with its callback_data.
using ButtonLabels = std::vector<std::pair<std::string_view, std::string>>;
v1::ButtonRow Row(const ButtonLabels& buttons);

v1::DialogMessage Html(std::string_view kind, std::string html,
                       std::vector<v1::ButtonRow> rows = {});
// Whose buttons stay until what they are for is done, as a press may fail: then they go by
// DialogReaction.remove_buttons, or by spent_keys with this key.
v1::DialogMessage Card(std::string key, std::string html, std::vector<v1::ButtonRow> rows);
v1::DialogMessage Plain(std::string_view kind, std::string text);

// It is not worth sending after that.
void ExpireAfter(v1::DialogMessage& message, absl::Duration worth);

// It goes out after the message with that key, or when `wait` is over.
void WaitFor(v1::DialogMessage& message, std::string key, absl::Duration wait);

}  // namespace selfology::coaching_dialog
