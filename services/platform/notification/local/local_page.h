// What would have been sent, as a page to look at in a browser.
//
//   LocalPage({.heading = "Local mailbox", .empty = "No mail yet."}, messages)
//
// A whole HTML document without scripts, for light and dark screens and narrow ones. Everything that
// people wrote is escaped. Threads: pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "selfology/notification/v1/local_message_service.pb.h"

namespace selfology::notification {

struct LocalPageWords {
  std::string_view heading;
  std::string_view empty;       // Where there is no message.
  std::string_view other_name;  // The other page, which is linked.
  std::string_view other_path;
};

// Newest first, as they come.
std::string LocalPage(const LocalPageWords& words, const std::vector<v1::LocalMessage>& messages);

}  // namespace selfology::notification
