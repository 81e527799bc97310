// Who carries messages to the outside: one implementation for each transport.
//
//   const Outcome outcome = sender.Send(call, message);     // may take long; never throws
//
// The attempt is written down before. An outcome that nobody knows (ATTEMPT_OUTCOME_UNKNOWN) is tried
// again under the same stable id. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/call/call.h"
#include "selfology/notification/v1/notification.pb.h"
#include "services/platform/notification/deliveries/outcome.h"
#include "services/platform/notification/push/push_message.h"

namespace selfology::notification {

struct OutgoingMessage {
  int64_t user_id = 0;
  v1::Channel channel = v1::CHANNEL_UNSPECIFIED;
  std::string kind = {};
  std::string language = {};  // BCP 47.
  std::string address = {};   // Of mail and SMS.
  v1::Device device = {};     // Of pushes.
  PushMessage push = {};      // Words and stable id of all of them; the link is a whole URL.
  // When an attempt began of which nobody knows whether it was taken; nullopt: there was none.
  std::optional<absl::Time> unknown_since = std::nullopt;
};

class Sender {
 public:
  virtual ~Sender() = default;
  virtual v1::Transport transport() const = 0;
  virtual Outcome Send(const Call& call, const OutgoingMessage& message) = 0;
};

}  // namespace selfology::notification
