#include "services/edge/telegram_gateway/receiving/webhook.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/time/time.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"

namespace selfology::telegram_gateway {
namespace {

constexpr size_t kMaxBody = 1 << 20;
constexpr absl::Duration kUpdate = absl::Seconds(15);

}  // namespace

std::string WebhookSecret(std::string_view token) {
  constexpr std::string_view kPurpose = "selfology telegram webhook";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), token.data(), static_cast<int>(token.size()),
       reinterpret_cast<const unsigned char*>(kPurpose.data()), kPurpose.size(), digest, &size);
  return absl::BytesToHexString(
      std::string_view(reinterpret_cast<const char*>(digest), static_cast<size_t>(size)));
}

bool SameSecret(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

absl::StatusOr<std::unique_ptr<http::Server>> StartWebhook(const WebhookOptions& options,
                                                           observe::Metrics& metrics,
                                                           const observe::Tracer* tracer) {
  std::vector<http::Route> routes;
  for (const WebhookOptions::Bot& bot : options.bots) {
    const auto receive = [bot](const http::Request& request) -> absl::StatusOr<http::Response> {
      const std::string_view shown =
          request.headers.Get("X-Telegram-Bot-Api-Secret-Token").value_or("");
      if (!SameSecret(shown, bot.secret)) return absl::UnauthenticatedError("not Telegram");
      if (!bot.ready()) return absl::UnavailableError("the bot's dialogs are not known yet");
      RETURN_IF_ERROR(bot.intake->HandleSurely(request.call, request.body));
      return http::Response::Text("");
    };
    routes.push_back({.method = "POST", .path = bot.path, .handler = receive, .timeout = kUpdate});
  }
  return http::Server::Start({.address = options.address,
                              .port = options.port,
                              .max_body_bytes = kMaxBody,
                              .metrics = &metrics,
                              .tracer = tracer},
                             std::move(routes));
}

}  // namespace selfology::telegram_gateway
