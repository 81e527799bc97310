#include "common/http/sse.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace selfology::http {

std::vector<ServerEvent> EventReader::Feed(std::string_view data) {
  std::vector<ServerEvent> events;
  for (char c : data) {
    const bool is_second_half = after_cr_ && c == '\n';
    after_cr_ = c == '\r';
    if (is_second_half) continue;
    if (c == '\n' || c == '\r') {
      TakeLine(events);
    } else {
      line_.push_back(c);
    }
  }
  return events;
}

void EventReader::TakeLine(std::vector<ServerEvent>& events) {
  std::string line = std::exchange(line_, "");
  if (std::exchange(first_line_, false))
    line = std::string(absl::StripPrefix(line, "\xEF\xBB\xBF"));
  if (line.empty()) {
    if (has_data_) {
      events.push_back({type_.empty() ? "message" : type_, data_, id_});
    }
    has_data_ = false;
    type_.clear();
    data_.clear();
    return;
  }
  const std::pair<absl::string_view, absl::string_view> field =
      absl::StrSplit(line, absl::MaxSplits(':', 1));
  const absl::string_view value = absl::StripPrefix(field.second, " ");
  if (field.first == "data") {
    if (has_data_) data_.push_back('\n');
    has_data_ = true;
    absl::StrAppend(&data_, value);
  } else if (field.first == "event") {
    type_ = std::string(value);
  } else if (field.first == "id" && value.find('\0') == absl::string_view::npos) {
    id_ = std::string(value);
  }
}

std::string FormatEvent(const ServerEvent& event) {
  const auto one_line = [](const std::string& text) {
    return absl::StrReplaceAll(text, {{"\r", " "}, {"\n", " "}});
  };
  std::string text;
  if (event.type != "message") absl::StrAppend(&text, "event: ", one_line(event.type), "\n");
  if (!event.id.empty()) absl::StrAppend(&text, "id: ", one_line(event.id), "\n");
  const std::string data = absl::StrReplaceAll(event.data, {{"\r\n", "\n"}, {"\r", "\n"}});
  for (absl::string_view line : absl::StrSplit(data, '\n')) {
    absl::StrAppend(&text, "data: ", line, "\n");
  }
  return text + "\n";
}

}  // namespace selfology::http
