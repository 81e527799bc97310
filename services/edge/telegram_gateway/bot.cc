#include "services/edge/telegram_gateway/bot.h"

#include <functional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/http/url.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/routing/channel_updates.h"

namespace selfology::telegram_gateway {
namespace {

constexpr absl::Duration kSetUp = absl::Seconds(10);
constexpr absl::Duration kSetUpPause = absl::Seconds(5);
// How soon the menu of commands, and what a webhook brings, follow what a dialog says of itself.
constexpr absl::Duration kDescriptionsLook = absl::Seconds(1);

bool IsFirst(const Bot::Around& around, const BotSettings& own) {
  return own.id == around.bots.front().id;
}

std::vector<Dialogs::Peer> PeersOf(const Bot::Around& around, const BotSettings& own) {
  std::vector<Dialogs::Peer> peers;
  for (const std::string& dialog : own.dialogs) {
    const bool of_several = IsOfSeveral(around.bots, dialog);
    peers.push_back({.name = dialog,
                     .client = v1::DialogServiceClient(around.mesh.Peer(dialog)),
                     .of_several_bots = of_several,
                     .gate = of_several ? absl::StrCat(dialog, "@", own.id) : dialog});
  }
  return peers;
}

std::string WebhookUrl(const Bot::Around& around, const BotSettings& own) {
  const std::string& url = around.settings.webhook_url;
  if (url.empty() || IsFirst(around, own)) return url;
  return absl::StrCat(absl::StripSuffix(url, "/"), "/", own.id);
}

void ShowMenu(BotApi& telegram, const Directory& dialogs, service::StopSignal& stop) {
  for (const auto& [language, commands] : CommonMenu(dialogs)) {
    Insist(stop, "setMyCommands", [&] {
      return telegram.SetMyCommands(Call::Background(kSetUp), /*chat_id=*/0, language, commands);
    });
  }
}

void Introduce(Bot& bot, service::StopSignal& stop) {
  Insist(stop, "getMe", [&] { return bot.telegram.GetMe(Call::Background(kSetUp)).status(); });
  std::shared_ptr<const Directory> shown;
  if (!bot.dialogs.AwaitFirst(stop)) return;
  do {
    std::shared_ptr<const Directory> dialogs = bot.dialogs.now();
    if (dialogs == shown) continue;
    ShowMenu(bot.telegram, *dialogs, stop);
    shown = std::move(dialogs);
  } while (!stop.WaitFor(kDescriptionsLook));
}

// Asks Telegram for what the dialogs take, now and whenever that changes.
void KeepWebhook(Bot& bot, service::StopSignal& stop) {
  std::vector<std::string> asked_for;
  do {
    std::vector<std::string> kinds = AllowedUpdates(*bot.dialogs.now());
    if (kinds == asked_for) continue;
    Insist(stop, "setWebhook", [&] {
      return bot.telegram.SetWebhook(Call::Background(kSetUp), bot.webhook_url, bot.webhook_secret,
                                     kinds);
    });
    asked_for = std::move(kinds);
  } while (!stop.WaitFor(kDescriptionsLook));
}

// The loop that brings updates also waits for those under way when it ends.
void Receive(Bot& bot, service::StopSignal& stop) {
  if (bot.dialogs.AwaitFirst(stop)) {
    if (bot.id() == 0) {
      stop.WaitFor(absl::InfiniteDuration());
    } else if (bot.webhook_url.empty()) {
      bot.poller.Run(stop);
    } else {
      KeepWebhook(bot, stop);
    }
  }
  bot.intake.Stop();
}

}  // namespace

Bot::Bot(const Around& around, const BotSettings& own)
    : telegram(around.telegram),
      webhook_url(WebhookUrl(around, own)),
      webhook_secret(WebhookSecret(own.token)),
      dialogs(PeersOf(around, own), around.mesh.database(), around.mesh.clock(),
              around.settings.patience.describe, around.settings.patience.calls,
              &around.mesh.metrics()),
      delivery(around.mesh.database(), telegram, around.media, around.mesh.clock(),
               around.mesh.metrics(), around.settings.pacing, around.mesh.tracer()),
      typing(telegram, around.mesh.database(), around.mesh.clock()),
      menus(telegram, around.mesh.database(), dialogs),
      handler({.database = around.mesh.database(),
               .redis = around.mesh.redis(),
               .metrics = around.mesh.metrics(),
               .dialogs = dialogs,
               .telegram = telegram,
               .delivery = delivery,
               .typing = typing,
               .media = around.media,
               .menus = menus,
               .clock = around.mesh.clock(),
               .patience = around.settings.patience,
               // The first's are those of before there were several.
               .update_keys = IsFirst(around, own) ? "tg:" : absl::StrCat("tg:", own.id, ":"),
               .one_of_several = around.bots.size() > 1,
               .tracer = around.mesh.tracer()}),
      held({.database = around.mesh.database(),
            .metrics = around.mesh.metrics(),
            .dialogs = dialogs,
            .telegram = telegram,
            .delivery = delivery,
            .clock = around.mesh.clock()}),
      intake(handler, held, telegram, around.mesh.metrics()),
      lease(&around.mesh.redis(), absl::StrCat("selfology:telegram_gateway:poller:", own.id),
            around.mesh.settings().replica),
      poller(around.settings.poll, telegram, intake, lease, dialogs) {}

absl::Status Bot::Health() const {
  if (id() == 0) return absl::FailedPreconditionError("no telegram_bot_token is set");
  if (telegram.breaker_state() == resilience::BreakerState::kOpen) {
    return absl::UnavailableError("Telegram fails, its circuit is open");
  }
  return poller.health();
}

void RunBot(service::Mesh& mesh, const std::shared_ptr<Bot>& bot) {
  mesh.Run("dialogs", [bot](service::StopSignal& stop) { bot->dialogs.Run(stop); });
  mesh.Run("deliver", [bot](service::StopSignal& stop) { bot->delivery.Run(stop); });
  mesh.Run("message_changes",
           [bot](service::StopSignal& stop) { bot->delivery.message_changes().Run(stop); });
  mesh.Run("typing", [bot](service::StopSignal& stop) { bot->typing.Run(stop); });
  mesh.Run("held_updates", [bot](service::StopSignal& stop) {
    if (bot->dialogs.AwaitFirst(stop)) bot->intake.RunHeld(stop);
  });
  mesh.Run("held_counts", [bot](service::StopSignal& stop) { bot->held.RunCounts(stop); });
  mesh.Run("updates", [bot](service::StopSignal& stop) { Receive(*bot, stop); });
  if (bot->id() == 0) {
    observe::Warning("telegram_bot_token is not set: no messages are received or sent");
    return;
  }
  mesh.Run("introduce", [bot](service::StopSignal& stop) { Introduce(*bot, stop); });
  if (!bot->webhook_url.empty()) return;
  mesh.Run("poller_lease", [bot](service::StopSignal& stop) { bot->lease.Run(stop); });
}

absl::StatusOr<WebhookOptions::Bot> WebhookOf(Bot& bot) {
  ASSIGN_OR_RETURN(const http::Target target, http::ParseTarget(bot.webhook_url));
  return WebhookOptions::Bot{
      .path = target.path, .secret = bot.webhook_secret, .intake = &bot.intake, .ready = [&bot] {
        return bot.dialogs.now() != nullptr;
      }};
}

void Insist(service::StopSignal& stop, std::string_view what,
            const std::function<absl::Status()>& attempt) {
  while (!stop.requested()) {
    const absl::Status status = attempt();
    if (status.ok()) return;
    observe::Warning("Telegram setup step failed; retrying", {{"step", what}, {"status", status}});
    stop.WaitFor(kSetUpPause);
  }
}

}  // namespace selfology::telegram_gateway
