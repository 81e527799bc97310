#include "services/coaching/coaching_dialog/messages.h"

#include <cstdint>

namespace selfology::coaching_dialog {
google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration message;
  message.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &duration));
  message.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(duration)));
  return message;
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

v1::DialogMessage Html(std::string_view kind, std::string html, std::vector<v1::ButtonRow> rows) {
  v1::DialogMessage message = Plain(kind, std::move(html));
  message.set_text_format(v1::TEXT_FORMAT_HTML);
  for (v1::ButtonRow& row : rows) *message.add_button_rows() = std::move(row);
  return message;
}

v1::DialogMessage Card(std::string key, std::string html, std::vector<v1::ButtonRow> rows) {
  v1::DialogMessage message = Html(kind::kReply, std::move(html), std::move(rows));
  message.set_key(std::move(key));
  message.set_keep_buttons(true);
  return message;
}

v1::DialogMessage Plain(std::string_view kind, std::string text) {
  v1::DialogMessage message;
  message.set_kind(std::string(kind));
  message.set_message_text(std::move(text));
  return message;
}

void ExpireAfter(v1::DialogMessage& message, absl::Duration worth) {
  *message.mutable_worth() = ToProto(worth);
}

void WaitFor(v1::DialogMessage& message, std::string key, absl::Duration wait) {
  message.set_after_key(std::move(key));
  *message.mutable_wait() = ToProto(wait);
}

}  // namespace selfology::coaching_dialog
