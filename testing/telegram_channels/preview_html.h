// The pages of t.me, written anew by what is known of their classes and attributes: of a channel
// (/s/NAME) and of a name (/NAME).
//
//   PreviewPageHtml(channel, {.before = 120})
//   NamePageHtml(&channel), NamePageHtml(nullptr)     // a name that nobody has
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "testing/telegram_channels/public_channel.h"

namespace selfology::telegram_channels {

struct PreviewQuery {
  int64_t before = 0;
  int64_t after = 0;
  std::string words = {};
  // What goes wrong on purpose.
  bool without_more = false;  // The link to older posts is missing.
  bool repeats = false;       // Whatever is asked for, the newest page comes.
  bool other_markup = false;  // Its classes were renamed.
};

std::string PreviewPageHtml(const PublicChannel& channel, const PreviewQuery& query);
// Null: there is nobody by that name.
std::string NamePageHtml(const PublicChannel* channel, std::string_view name);
// A page of Telegram's without any of its usual parts, which comes with status 200.
std::string ShellHtml();

}  // namespace selfology::telegram_channels
