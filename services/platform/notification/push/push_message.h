// What a device is told.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "selfology/notification/v1/notification.pb.h"

namespace selfology::notification {

struct PushMessage {
  int64_t notification_id = 0;  // 0: only the badge.
  std::string title = {};
  std::string text = {};
  std::string link = {};
  std::string topic = {};
  v1::Priority priority = v1::PRIORITY_NORMAL;
  int64_t badge = 0;           // How many are unread.
  std::string stable_id = {};  // A UUID, the same in each attempt.
  absl::Duration time_to_live = absl::ZeroDuration();

  bool is_badge() const { return notification_id == 0; }
};

}  // namespace selfology::notification
