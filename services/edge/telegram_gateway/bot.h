// One bot of the gateway with everything that serves it. Bots share nothing, so none waits for
// another, and what people have with one is unknown to the others.
//
//   auto bot = std::make_shared<Bot>(Bot::Around{.mesh = mesh, ...}, bots[0]);
//   RunBot(mesh, bot);
//
// Threads: thread-safe as its parts are.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/service/mesh.h"
#include "services/edge/telegram_gateway/bot_api/bot_api.h"
#include "services/edge/telegram_gateway/bot_settings.h"
#include "services/edge/telegram_gateway/delivery/delivery.h"
#include "services/edge/telegram_gateway/delivery/typing.h"
#include "services/edge/telegram_gateway/media/media_store.h"
#include "services/edge/telegram_gateway/receiving/held_updates.h"
#include "services/edge/telegram_gateway/receiving/intake.h"
#include "services/edge/telegram_gateway/receiving/poller_lease.h"
#include "services/edge/telegram_gateway/receiving/update_poller.h"
#include "services/edge/telegram_gateway/receiving/webhook.h"
#include "services/edge/telegram_gateway/routing/dialogs.h"
#include "services/edge/telegram_gateway/routing/menus.h"
#include "services/edge/telegram_gateway/routing/update_handler.h"
#include "services/edge/telegram_gateway/settings.h"

namespace selfology::telegram_gateway {

// Its parts refer to each other, so they live and go together.
struct Bot {
  // What it works with. The telegram, its own, and the media, those of all bots, outlive it.
  struct Around {
    service::Mesh& mesh;
    const GatewaySettings& settings;
    const std::vector<BotSettings>& bots;  // All; the first is first.
    BotApi& telegram;
    MediaStore& media;
  };

  Bot(const Around& around, const BotSettings& own);

  int64_t id() const { return telegram.bot_id(); }

  // From what the traffic shows: a probe of its own every few seconds would be a burden to
  // Telegram.
  absl::Status Health() const;

  BotApi& telegram;
  // Where Telegram pushes its updates to; empty: they are polled.
  const std::string webhook_url;
  const std::string webhook_secret;
  Dialogs dialogs;
  Delivery delivery;
  Typing typing;
  PersonMenus menus;
  UpdateHandler handler;
  HeldUpdates held;
  Intake intake;
  PollerLease lease;
  UpdatePoller poller;
};

// Its loops, in threads of the mesh's. Where updates are pushed, the webhook is the caller's to
// serve, for all bots (StartWebhook).
void RunBot(service::Mesh& mesh, const std::shared_ptr<Bot>& bot);

// Where they are pushed to.
absl::StatusOr<WebhookOptions::Bot> WebhookOf(Bot& bot);

// Until it works or there is no more need.
void Insist(service::StopSignal& stop, std::string_view what,
            const std::function<absl::Status()>& attempt);

}  // namespace selfology::telegram_gateway
