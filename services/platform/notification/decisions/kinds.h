// The kinds of notifications that the service has words for, and what is usual for each.
//
//   const Kind& kind = KindOf("task.reminder");
//   RETURN_IF_ERROR(CheckParameters(kind, request.parameters()));
//
// A kind that is not listed is like "generic": its words are the parameters "title" and "text".
// Threads: constants and pure functions.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "common/status/status.h"
#include "selfology/notification/v1/notification.pb.h"

namespace selfology::notification {

// Templates of one language: {{name}} stands for a parameter.
struct KindWords {
  std::string_view title;
  std::string_view text;    // May be empty.
  std::string_view button;  // On what leads to the link.
};

struct Kind {
  std::string_view name;
  std::string_view topic;
  v1::Priority priority = v1::PRIORITY_NORMAL;
  int channels = 0;             // Bits of Bit(); besides the inbox, of who chose nothing.
  std::string_view parameters;  // Those that must be there, with commas between.
  bool is_reminder = false;     // One a day at most, and only to who wants them.
  bool in_inbox = true;
  bool is_secret =
      false;  // Its words are good for something, such as a code: kept until delivered.
  KindWords english;
  KindWords russian;
};

constexpr int Bit(v1::Channel channel) { return 1 << channel; }
std::vector<v1::Channel> ChannelsIn(int bits);

absl::Span<const Kind> Kinds();
const Kind& KindOf(std::string_view name);

// Words of [a-z0-9_] joined by dots, up to 64 characters.
bool IsKindName(std::string_view name);

void CheckParameters(const Kind& kind, const std::map<std::string, std::string>& parameters,
                     status::FieldViolations& bad);

}  // namespace selfology::notification
