// One post of a preview page as HTML.
#pragma once

#include <string>

#include "testing/telegram_channels/public_channel.h"

namespace selfology::telegram_channels {

// "1.5M" for 1,530,000; exact below a thousand.
std::string RoundedCount(int64_t count);
// Pure.
std::string PostHtml(const PublicChannel& channel, const PublicPost& post);

}  // namespace selfology::telegram_channels
