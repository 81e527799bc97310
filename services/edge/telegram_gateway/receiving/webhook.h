// Receives updates that Telegram pushes, those of all bots at one address; the path tells the bot.
//
//   ASSIGN_OR_RETURN(
//       const auto webhook,
//       StartWebhook({.port = 8081, .bots = {{.path = "/telegram/webhook",
//                                             .secret = WebhookSecret(token), .intake = &intake,
//                                             .ready = [&] { return dialogs.now() != nullptr; }}}},
//                    metrics));
//
// Answers 200 once the update took effect or is held, so that Telegram brings it again otherwise.
// Requests without the right secret in X-Telegram-Bot-Api-Secret-Token get 401 and learn nothing;
// bodies over 1 MB get 413. TLS is the ingress's business. Threads: thread-safe. Source:
// https://core.telegram.org/bots/api#setwebhook
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/http/server.h"
#include "common/observe/metrics.h"
#include "services/edge/telegram_gateway/receiving/intake.h"

namespace selfology::telegram_gateway {

// What Telegram shows to prove itself: derived from the token, so that all replicas agree without a
// setting.
std::string WebhookSecret(std::string_view token);

// Constant-time comparison.
bool SameSecret(std::string_view left, std::string_view right);

struct WebhookOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 0;  // 0: a free one.
  struct Bot {
    std::string path = {};
    std::string secret = {};
    Intake* intake = nullptr;          // Outlives the webhook.
    std::function<bool()> ready = {};  // False: Telegram is to come again.
  };
  std::vector<Bot> bots = {};  // Each of another path.
};

// Stops when destroyed. tracer: may be null.
absl::StatusOr<std::unique_ptr<http::Server>> StartWebhook(const WebhookOptions& options,
                                                           observe::Metrics& metrics,
                                                           const observe::Tracer* tracer);

}  // namespace selfology::telegram_gateway
