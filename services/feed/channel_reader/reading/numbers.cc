#include "services/feed/channel_reader/reading/numbers.h"

#include <cmath>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace selfology::channel_reader {
namespace {

// The digits and the point at the front, spaces between digits left out; what follows stays.
std::string TakeNumber(std::string_view& text) {
  std::string number;
  while (!text.empty()) {
    const char c = text.front();
    const bool is_space = c == ' ' || c == ',' || c == '\'';
    if (absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '.') {
      number += c;
    } else if (absl::StartsWith(text, "\xC2\xA0")) {  // U+00A0 between thousands.
      text.remove_prefix(1);
    } else if (!is_space || number.empty()) {
      break;
    }
    text.remove_prefix(1);
    if (number.size() > 20) return "";
  }
  return number;
}

double Scaled(std::string_view text, double thousand) {
  text = absl::StripAsciiWhitespace(text);
  const std::string number = TakeNumber(text);
  double value = 0;
  if (number.empty() || !absl::SimpleAtod(number, &value)) return 0;
  text = absl::StripAsciiWhitespace(text);
  const char unit = text.empty() ? ' ' : absl::ascii_toupper(static_cast<unsigned char>(text[0]));
  if (unit == 'K') value *= thousand;
  if (unit == 'M') value *= thousand * thousand;
  if (unit == 'B' && thousand == 1000) value *= thousand * thousand * thousand;
  if (unit == 'G') value *= thousand * thousand * thousand;
  return value < 1e15 ? value : 0;
}

bool IsPlausible(absl::Time time) {
  return time >= absl::UnixEpoch() && time < absl::FromUnixSeconds(7'258'118'400);
}

}  // namespace

int64_t ReadCount(std::string_view text) { return std::llround(Scaled(text, 1000)); }

int64_t ReadSize(std::string_view text) { return std::llround(Scaled(text, 1024)); }

std::optional<absl::Time> ReadTime(std::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (text.size() > 64) return std::nullopt;
  // Zones by name, which feeds write in spite of RFC 2822.
  const std::string numeric = absl::StrReplaceAll(text, {{" GMT", " +0000"},
                                                         {" UTC", " +0000"},
                                                         {" UT", " +0000"},
                                                         {" Z", " +0000"},
                                                         {" EST", " -0500"},
                                                         {" EDT", " -0400"},
                                                         {" CST", " -0600"},
                                                         {" CDT", " -0500"},
                                                         {" MST", " -0700"},
                                                         {" MDT", " -0600"},
                                                         {" PST", " -0800"},
                                                         {" PDT", " -0700"},
                                                         {" MSK", " +0300"},
                                                         {" CET", " +0100"},
                                                         {" CEST", " +0200"}});
  // The day's name may be wrong, or in another language.
  std::string_view without_day = numeric;
  if (const size_t comma = without_day.find(','); comma != std::string_view::npos) {
    without_day.remove_prefix(comma + 1);
  }
  without_day = absl::StripAsciiWhitespace(without_day);
  absl::Time time;
  std::string error;
  for (const char* format :
       {"%Y-%m-%dT%H:%M:%E*S%Ez", "%Y-%m-%d %H:%M:%E*S%Ez", "%Y-%m-%dT%H:%M%Ez",
        "%Y-%m-%dT%H:%M:%E*S", "%Y-%m-%d %H:%M:%E*S", "%Y-%m-%d"}) {
    if (absl::ParseTime(format, text, &time, &error)) {
      return IsPlausible(time) ? std::optional(time) : std::nullopt;
    }
  }
  for (const char* format : {"%d %b %Y %H:%M:%S %z", "%d %b %Y %H:%M %z", "%d %b %Y %H:%M:%S",
                             "%d %b %y %H:%M:%S %z", "%d %b %Y"}) {
    if (absl::ParseTime(format, without_day, &time, &error)) {
      return IsPlausible(time) ? std::optional(time) : std::nullopt;
    }
  }
  return std::nullopt;
}

std::optional<absl::Duration> ReadDuration(std::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (text.empty() || text.size() > 16) return std::nullopt;
  int64_t seconds = 0;
  for (const std::string_view part : absl::StrSplit(text, ':')) {
    int64_t value = 0;
    if (!absl::SimpleAtoi(part, &value) || value < 0 || value > 1'000'000) return std::nullopt;
    seconds = seconds * 60 + value;
    if (seconds > 10'000'000) return std::nullopt;
  }
  return absl::Seconds(seconds);
}

int64_t ReadTelegramId(std::string_view data_view) {
  std::string json;
  if (data_view.size() > 4096 ||
      (!absl::WebSafeBase64Unescape(data_view, &json) && !absl::Base64Unescape(data_view, &json))) {
    return 0;
  }
  const size_t at = json.find("\"c\":");
  if (at == std::string::npos) return 0;
  std::string_view rest = std::string_view(json).substr(at + 4);
  const size_t end = rest.find_first_of(",}");
  int64_t id = 0;
  if (end == std::string_view::npos ||
      !absl::SimpleAtoi(absl::StripAsciiWhitespace(rest.substr(0, end)), &id) || id == 0) {
    return 0;
  }
  // Pages write the channel's own number with a minus, or with the -100 of the Bot API.
  if (id > 0) id = -id;
  if (id < -1'000'000'000'000) return id;
  return -1'000'000'000'000 + id;
}

}  // namespace selfology::channel_reader
