// Mails, by a mail server.
//
//   MailSender sender(composer, {.url = "smtp://...", .from = "bot@example.org"}, &metrics);
//
// See ../deliveries/sender.h. Threads: thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/http/smtp_client.h"
#include "common/observe/metrics.h"
#include "services/platform/notification/decisions/texts.h"
#include "services/platform/notification/deliveries/keys.h"
#include "services/platform/notification/deliveries/sender.h"

namespace selfology::notification {

// Makes the mail of a message: words, links, unsubscribing.
class MailComposer {
 public:
  struct Options {
    std::string from = "selfology@localhost";  // An address.
    std::string from_name = "Selfology";
    std::string base_url = {};  // "https://example.org"; empty: mails have no links.
  };

  // The references outlive it.
  MailComposer(const Texts& texts, Keys& keys, std::function<absl::Time()> clock, Options options)
      : texts_(texts), keys_(keys), clock_(std::move(clock)), options_(std::move(options)) {}

  // RFC 5322. Errors: the database's.
  absl::StatusOr<std::string> Compose(const Call& call, const OutgoingMessage& message) const;
  const std::string& from() const { return options_.from; }

 private:
  const Texts& texts_;
  Keys& keys_;
  const std::function<absl::Time()> clock_;
  const Options options_;
};

class MailSender final : public Sender {
 public:
  // composer outlives it.
  MailSender(const MailComposer& composer, http::SmtpClient::Options options)
      : composer_(composer), client_(std::move(options)) {}

  v1::Transport transport() const override { return v1::TRANSPORT_SMTP; }
  Outcome Send(const Call& call, const OutgoingMessage& message) override;

 private:
  const MailComposer& composer_;
  http::SmtpClient client_;
};

// What a mail server's answer, or its absence, means. Pure.
Outcome JudgeSmtp(const absl::StatusOr<http::SmtpReply>& reply);

}  // namespace selfology::notification
