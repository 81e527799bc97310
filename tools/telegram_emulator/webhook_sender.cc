#include "tools/telegram_emulator/webhook_sender.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/call/call.h"
#include "common/status/status.h"

namespace selfology::telegram_emulator {

struct WebhookSender::Delivery {
  Webhook webhook;
  int64_t update_id = 0;
  std::string body;
};

WebhookSender::WebhookSender(Exchange* exchange, Options options)
    : exchange_(*exchange),
      options_(options),
      client_(http::Client::Options()),
      thread_([this] { Run(); }) {}

WebhookSender::~WebhookSender() {
  stopping_ = true;
  thread_.join();
}

void WebhookSender::Run() {
  const auto gave_up = [this] { return stopping_.load(); };
  const auto has_work = [](const World& world) {
    return !world.webhook.url.empty() && !world.updates.empty();
  };
  absl::Duration pause = options_.first_pause;
  while (!stopping_) {
    if (!exchange_.Await(has_work, absl::InfiniteFuture(), gave_up)) return;
    const Delivery delivery = exchange_.Do([&](World& world, absl::Time now) -> Delivery {
      world.updates.DropExpired(now);
      if (!has_work(world)) return {};
      const Update& update = world.updates.front();
      return {.webhook = world.webhook, .update_id = update.id, .body = Dump(update.ToJson())};
    });
    if (delivery.update_id == 0) continue;
    const std::string failure = Deliver(delivery);
    if (stopping_) return;
    exchange_.Do([&](World& world, absl::Time now) {
      if (world.webhook.generation != delivery.webhook.generation) return false;
      if (failure.empty()) {
        world.updates.Confirm(delivery.update_id);
      } else {
        world.webhook.last_error_date = absl::ToUnixSeconds(now);
        world.webhook.last_error_message = failure;
      }
      return true;
    });
    if (failure.empty()) {
      pause = options_.first_pause;
      continue;
    }
    const bool changed = exchange_.Await(
        [&](const World& world) { return world.webhook.generation != delivery.webhook.generation; },
        absl::Now() + pause, gave_up);
    pause = changed ? options_.first_pause : std::min(pause * 2, options_.max_pause);
  }
}

std::string WebhookSender::Deliver(const Delivery& delivery) {
  http::ClientRequest request{.method = "POST",
                              .url = delivery.webhook.url,
                              .headers = {{"Content-Type", "application/json"}},
                              .body = delivery.body,
                              .target = "webhook"};
  if (!delivery.webhook.secret_token.empty()) {
    request.headers.Add("X-Telegram-Bot-Api-Secret-Token", delivery.webhook.secret_token);
  }
  const auto gave_up = [this] { return stopping_.load(); };
  const Call call(absl::Now() + options_.timeout, {}, gave_up);
  const absl::StatusOr<http::ClientResponse> response = client_.Send(call, request);
  if (!response.ok()) {
    if (absl::IsDeadlineExceeded(response.status())) return "Connection timed out";
    return status::Reason(response.status()) == "CONNECT_FAILED" ? "Connection refused"
                                                                 : "Webhook connection closed";
  }
  if (response->status < 200 || response->status > 299) {
    return absl::StrCat("Wrong response from the webhook: ", response->status);
  }
  if (const absl::StatusOr<Json> reply = ParseJson(response->body); reply.ok()) {
    const std::string method = StringOr(*reply, "method");
    // Questions would be answered to nobody.
    if (!method.empty() && !absl::StartsWithIgnoreCase(method, "get") &&
        !absl::EndsWithIgnoreCase(method, "webhook")) {
      exchange_.CallBot(method, Parameters::FromJson(*reply), gave_up);
    }
  }
  return "";
}

}  // namespace selfology::telegram_emulator
