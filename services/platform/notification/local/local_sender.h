// Puts messages where who tries things out can read them, instead of sending them. See
// ../deliveries/sender.h. Threads: thread-safe.
#pragma once

#include <functional>
#include <utility>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "services/platform/notification/deliveries/sender.h"
#include "services/platform/notification/mail/mail_sender.h"

namespace selfology::notification {

class LocalSender final : public Sender {
 public:
  // The references outlive it.
  LocalSender(postgres::Database& database, const MailComposer& composer,
              std::function<absl::Time()> clock)
      : database_(database), composer_(composer), clock_(std::move(clock)) {}

  v1::Transport transport() const override { return v1::TRANSPORT_LOCAL; }
  Outcome Send(const Call& call, const OutgoingMessage& message) override;

 private:
  postgres::Database& database_;
  const MailComposer& composer_;
  const std::function<absl::Time()> clock_;
};

}  // namespace selfology::notification
