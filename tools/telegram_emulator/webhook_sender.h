// Brings updates to the bot's webhook, one at a time and in their order, while one is set.
//
//   WebhookSender sender(&exchange, {});         // its thread runs until it is destroyed
//
// An update is sent again, with growing pauses, until the webhook answers with 2xx; those behind it
// wait. The answer may hold a call for the bot ({"method": "sendMessage", ...}), as with Telegram.
// Threads: owns one. Source: https://core.telegram.org/bots/api#setwebhook
#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "absl/time/time.h"
#include "common/http/client.h"
#include "tools/telegram_emulator/exchange.h"

namespace selfology::telegram_emulator {

class WebhookSender {
 public:
  struct Options {
    absl::Duration first_pause = absl::Seconds(1);  // After a failure; doubles up to max_pause.
    absl::Duration max_pause = absl::Seconds(60);
    absl::Duration timeout = absl::Seconds(60);  // For the webhook's answer.
  };

  // The exchange outlives it.
  WebhookSender(Exchange* exchange, Options options);
  ~WebhookSender();
  WebhookSender(const WebhookSender&) = delete;
  WebhookSender& operator=(const WebhookSender&) = delete;

 private:
  struct Delivery;
  void Run();
  // What went wrong; empty: delivered.
  std::string Deliver(const Delivery& delivery);

  Exchange& exchange_;
  const Options options_;
  http::Client client_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace selfology::telegram_emulator
