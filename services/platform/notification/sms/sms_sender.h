// Text messages, by an API in the manner of Twilio's. See ../deliveries/sender.h. Threads:
// thread-safe.
#pragma once

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/http/client.h"
#include "services/platform/notification/deliveries/sender.h"
#include "services/platform/notification/sms/sms_request.h"

namespace selfology::notification {

class SmsSender final : public Sender {
 public:
  // from: our number, or a name. The client outlives it.
  SmsSender(http::Client& client, SmsAccount account, std::string from)
      : client_(client), account_(std::move(account)), from_(std::move(from)) {}

  v1::Transport transport() const override { return v1::TRANSPORT_SMS; }
  Outcome Send(const Call& call, const OutgoingMessage& message) override;

 private:
  // Whether an earlier attempt was taken after all.
  absl::StatusOr<bool> WasTaken(const Call& call, const OutgoingMessage& message,
                                const std::string& text);

  http::Client& client_;
  const SmsAccount account_;
  const std::string from_;
};

}  // namespace selfology::notification
