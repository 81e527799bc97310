// Receives updates that Telegram pushes.
//
//   ASSIGN_OR_RETURN(
//       const auto webhook,
//       StartWebhook({.port = 8081, .secret = WebhookSecret(token)}, intake, metrics));
//
// Answers 200 once the update took effect or is held, so that Telegram brings it again otherwise.
// Requests without the right secret in X-Telegram-Bot-Api-Secret-Token get 401 and learn nothing;
// bodies over 1 MB get 413. TLS is the ingress's business. Threads: thread-safe. Source:
// https://core.telegram.org/bots/api#setwebhook
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

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
  std::string path = "/telegram/webhook";
  std::string secret = {};
};

// Stops when destroyed.
absl::StatusOr<std::unique_ptr<http::Server>> StartWebhook(const WebhookOptions& options,
                                                           Intake& intake,
                                                           observe::Metrics& metrics);

}  // namespace selfology::telegram_gateway
