// The Telegram bot: turns updates into calls on the dialogs that answer them, and what dialogs say
// into messages.
#include "services/edge/telegram_gateway/module.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/http/listen_address.h"
#include "common/http/url.h"
#include "common/observe/log.h"
#include "common/service/mesh.h"
#include "common/service/settings.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/bot_api/bot_api.h"
#include "services/edge/telegram_gateway/delivery/delivery.h"
#include "services/edge/telegram_gateway/delivery/typing.h"
#include "services/edge/telegram_gateway/dialogs_list.h"
#include "services/edge/telegram_gateway/gateway_events.h"
#include "services/edge/telegram_gateway/gateway_service.h"
#include "services/edge/telegram_gateway/gateway_store.h"
#include "services/edge/telegram_gateway/migrations.h"
#include "services/edge/telegram_gateway/receiving/held_updates.h"
#include "services/edge/telegram_gateway/receiving/intake.h"
#include "services/edge/telegram_gateway/receiving/poller_lease.h"
#include "services/edge/telegram_gateway/receiving/update_poller.h"
#include "services/edge/telegram_gateway/receiving/webhook.h"
#include "services/edge/telegram_gateway/routing/dialogs.h"
#include "services/edge/telegram_gateway/routing/frame_texts.h"
#include "services/edge/telegram_gateway/routing/update_handler.h"
#include "services/edge/telegram_gateway/settings.h"

using selfology::service::Secret;

ABSL_FLAG(Secret, telegram_bot_token, {},
          "Telegram bot token; empty: no messages are received or sent");
ABSL_FLAG(std::string, telegram_api_base, "https://api.telegram.org", "Base URL of the Bot API");
ABSL_FLAG(std::string, telegram_webhook_url, "",
          "Public URL that Telegram pushes updates to; empty: updates are polled");
ABSL_FLAG(std::string, telegram_webhook_listen, "127.0.0.1:8081",
          "Address that the webhook listens on, behind the ingress");
ABSL_FLAG(absl::Duration, telegram_poll_wait, absl::Seconds(25),
          "Long polling timeout, in whole seconds");
// https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this; Telegram grants
// some bots more.
ABSL_FLAG(double, telegram_messages_per_second, 30,
          "Maximum messages per second to all chats together");
ABSL_FLAG(double, telegram_chat_messages_per_second, 1,
          "Maximum messages per second to one chat, after a burst of 5");
ABSL_FLAG(std::vector<std::string>, telegram_dialogs, {},
          "Services of others that have a dialog, beyond the mesh's own; reached as peers");

namespace selfology::telegram_gateway {
namespace {

constexpr absl::Duration kSetUp = absl::Seconds(10);
constexpr absl::Duration kSetUpPause = absl::Seconds(5);
// How soon the menu of commands follows what a dialog says of itself.
constexpr absl::Duration kMenuLook = absl::Seconds(1);

absl::StatusOr<WebhookOptions> WebhookOptionsOf(const GatewaySettings& settings) {
  const auto listen = http::ParseListenAddress(settings.webhook_listen);
  if (!listen.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("telegram_webhook_listen: ", listen.status().message()));
  }
  ASSIGN_OR_RETURN(const http::Target target, http::ParseTarget(settings.webhook_url));
  return WebhookOptions{.address = listen->host,
                        .port = listen->port,
                        .path = target.path,
                        .secret = WebhookSecret(settings.token)};
}

absl::Status CheckDialogs(const std::vector<std::string>& dialogs) {
  if (dialogs.empty()) return absl::InvalidArgumentError("telegram_dialogs: there must be one");
  std::set<std::string_view> seen;
  for (const std::string& dialog : dialogs) {
    RETURN_IF_ERROR(
        status::Annotate(CheckName(dialog), absl::StrCat("telegram_dialogs: \"", dialog, "\"")));
    if (!seen.insert(dialog).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("telegram_dialogs: \"", dialog, "\" is there twice"));
    }
  }
  return absl::OkStatus();
}

std::vector<Dialogs::Peer> PeersOf(service::Mesh& mesh, const std::vector<std::string>& dialogs) {
  std::vector<Dialogs::Peer> peers;
  for (const std::string& dialog : dialogs) {
    peers.push_back({dialog, v1::DialogServiceClient(mesh.Peer(dialog))});
  }
  return peers;
}

// What the module's parts share; they refer to each other, so they live and go together.
struct Parts {
  Parts(service::Mesh& mesh, const GatewaySettings& settings)
      : metrics(mesh.metrics()),
        telegram({.base = settings.api_base, .token = settings.token}, &mesh.http(),
                 &mesh.metrics()),
        dialogs(PeersOf(mesh, settings.dialogs), mesh.database(), mesh.clock(),
                settings.patience.describe),
        delivery(mesh.database(), telegram, mesh.clock(), mesh.metrics(), settings.pacing),
        typing(telegram, mesh.database(), mesh.clock()),
        handler({.database = mesh.database(),
                 .redis = mesh.redis(),
                 .metrics = mesh.metrics(),
                 .dialogs = dialogs,
                 .telegram = telegram,
                 .delivery = delivery,
                 .typing = typing,
                 .clock = mesh.clock(),
                 .patience = settings.patience}),
        held({.database = mesh.database(),
              .metrics = mesh.metrics(),
              .dialogs = dialogs,
              .telegram = telegram,
              .delivery = delivery,
              .clock = mesh.clock()}),
        intake(handler, held, telegram, mesh.metrics()),
        lease(&mesh.redis(), absl::StrCat("selfology:telegram_gateway:poller:", telegram.bot_id()),
              mesh.settings().replica),
        poller(settings.poll, telegram, intake, lease),
        events(dialogs, mesh.database(), delivery, typing, mesh.clock()),
        service({.database = mesh.database(),
                 .dialogs = dialogs,
                 .telegram = telegram,
                 .delivery = delivery,
                 .intake = intake,
                 .clock = mesh.clock(),
                 .uses_webhook = !settings.webhook_url.empty()}) {}

  observe::Metrics& metrics;
  BotApi telegram;
  Dialogs dialogs;
  Delivery delivery;
  Typing typing;
  UpdateHandler handler;
  HeldUpdates held;
  Intake intake;
  PollerLease lease;
  UpdatePoller poller;
  GatewayEvents events;
  GatewayService service;
};

// Until it works or there is no more need.
void Insist(service::StopSignal& stop, std::string_view what,
            const std::function<absl::Status()>& attempt) {
  while (!stop.requested()) {
    const absl::Status status = attempt();
    if (status.ok()) return;
    observe::Warning("Telegram set-up step failed; retrying", {{"step", what}, {"status", status}});
    stop.WaitFor(kSetUpPause);
  }
}

void ShowMenu(BotApi& telegram, const Directory& dialogs, service::StopSignal& stop) {
  std::set<std::string> languages = frame::MenuLanguages(dialogs);
  languages.insert("");  // English: what everybody else gets.
  for (const std::string& language : languages) {
    std::vector<BotApi::MenuCommand> menu;
    for (auto& [name, description] : frame::CommandMenu(dialogs, language)) {
      menu.push_back({std::move(name), std::move(description)});
    }
    Insist(stop, "setMyCommands",
           [&] { return telegram.SetMyCommands(Call::Background(kSetUp), language, menu); });
  }
}

void Introduce(Parts& parts, service::StopSignal& stop) {
  Insist(stop, "getMe", [&] { return parts.telegram.GetMe(Call::Background(kSetUp)).status(); });
  std::shared_ptr<const Directory> shown;
  if (!parts.dialogs.AwaitFirst(stop)) return;
  do {
    std::shared_ptr<const Directory> dialogs = parts.dialogs.now();
    if (dialogs == shown) continue;
    ShowMenu(parts.telegram, *dialogs, stop);
    shown = std::move(dialogs);
  } while (!stop.WaitFor(kMenuLook));
}

void ReceiveWebhook(Parts& parts, const GatewaySettings& settings, const WebhookOptions& options,
                    service::StopSignal& stop) {
  std::unique_ptr<http::Server> server;
  Insist(stop, "listen", [&]() -> absl::Status {
    ASSIGN_OR_RETURN(server, StartWebhook(options, parts.intake, parts.metrics));
    return absl::OkStatus();
  });
  Insist(stop, "setWebhook", [&] {
    return parts.telegram.SetWebhook(Call::Background(kSetUp), settings.webhook_url,
                                     options.secret);
  });
  stop.WaitFor(absl::InfiniteDuration());
  // Requests that wait for their update give it back to Telegram.
  parts.intake.Stop();
  if (server != nullptr) server->Stop();
}

class GatewayModule final : public service::Module {
 public:
  explicit GatewayModule(GatewaySettings settings) : settings_(std::move(settings)) {}

  service::ModuleInfo info() const override {
    return {.name = "telegram_gateway", .group = "telegram_gateway", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    for (const Rate& rate : {settings_.pacing.chat, settings_.pacing.all}) {
      if (!(rate.per_second > 0)) {
        return absl::InvalidArgumentError("telegram_messages_per_second: must be above 0");
      }
    }
    if (settings_.poll.wait < absl::ZeroDuration() || settings_.poll.wait > absl::Seconds(50)) {
      return absl::InvalidArgumentError("telegram_poll_wait: must be 0 to 50 s");
    }
    RETURN_IF_ERROR(CheckDialogs(settings_.dialogs));
    auto parts = std::make_shared<Parts>(mesh, settings_);
    mesh.Serve(std::shared_ptr<GatewayService>(parts, &parts->service));
    mesh.OnErase(&store::DeleteUser);
    Listen(mesh, parts);
    mesh.Run("dialogs", [parts](service::StopSignal& stop) { parts->dialogs.Run(stop); });
    mesh.Run("deliver", [parts](service::StopSignal& stop) { parts->delivery.Run(stop); });
    mesh.Run("typing", [parts](service::StopSignal& stop) { parts->typing.Run(stop); });
    mesh.Run("held_updates", [parts](service::StopSignal& stop) {
      if (parts->dialogs.AwaitFirst(stop)) parts->intake.RunHeld(stop);
    });
    RETURN_IF_ERROR(Receive(mesh, parts));
    mesh.Every(absl::Hours(1), "forget_old",
               [parts](const Call& call) { return parts->service.ForgetOld(call); });
    mesh.Check("telegram", service::Dependency::kOptional,
               [parts](const Call&) { return Health(*parts); });
    mesh.Check("dialogs", service::Dependency::kRequired,
               [parts](const Call&) { return parts->dialogs.blocked(); });
    mesh.Check("each_dialog", service::Dependency::kOptional,
               [parts](const Call&) { return parts->dialogs.impaired(); });
    mesh.Report("unsent_messages", [parts] { return parts->delivery.unsent(); });
    mesh.Report("held_updates", [parts] { return parts->held.waiting(); });
    mesh.Report("parked_updates", [parts] { return parts->held.parked(); });
    return absl::OkStatus();
  }

 private:
  static void Listen(service::Mesh& mesh, const std::shared_ptr<Parts>& parts) {
    const std::shared_ptr<GatewayEvents> events(parts, &parts->events);
    mesh.On(events, &GatewayEvents::Send);
    mesh.On(events, &GatewayEvents::ChangeState);
    mesh.OnTypes(
        [parts] { return parts->dialogs.event_types(); },
        [events](std::string_view type, const std::string& payload, events::Handling& handling) {
          return events->Render(type, payload, handling);
        });
  }

  // How updates come in, once it is known whose they are. The loop that brings them also waits for
  // those under way when it ends.
  absl::Status Receive(service::Mesh& mesh, const std::shared_ptr<Parts>& parts) {
    std::function<void(service::StopSignal&)> receive;
    if (parts->telegram.bot_id() == 0) {
      observe::Warning("telegram_bot_token is not set: no messages are received or sent");
      receive = [](service::StopSignal& stop) { stop.WaitFor(absl::InfiniteDuration()); };
    } else if (!settings_.webhook_url.empty()) {
      ASSIGN_OR_RETURN(const WebhookOptions options, WebhookOptionsOf(settings_));
      receive = [parts, options, settings = settings_](service::StopSignal& stop) {
        ReceiveWebhook(*parts, settings, options, stop);
      };
      mesh.Run("introduce", [parts](service::StopSignal& stop) { Introduce(*parts, stop); });
    } else {
      receive = [parts](service::StopSignal& stop) { parts->poller.Run(stop); };
      mesh.Run("poller_lease", [parts](service::StopSignal& stop) { parts->lease.Run(stop); });
      mesh.Run("introduce", [parts](service::StopSignal& stop) { Introduce(*parts, stop); });
    }
    mesh.Run("updates", [parts, receive = std::move(receive)](service::StopSignal& stop) {
      if (parts->dialogs.AwaitFirst(stop)) receive(stop);
      parts->intake.Stop();
    });
    return absl::OkStatus();
  }

  // From what the traffic shows: a probe of its own every few seconds would be a burden to
  // Telegram.
  static absl::Status Health(const Parts& parts) {
    if (parts.telegram.bot_id() == 0)
      return absl::FailedPreconditionError("no telegram_bot_token is set");
    if (parts.telegram.breaker_state() == resilience::BreakerState::kOpen) {
      return absl::UnavailableError("Telegram fails, its circuit is open");
    }
    return parts.poller.health();
  }

  const GatewaySettings settings_;
};

}  // namespace

std::unique_ptr<service::Module> MakeModule(GatewaySettings settings) {
  settings.api_base = std::string(absl::StripSuffix(settings.api_base, "/"));
  return std::make_unique<GatewayModule>(std::move(settings));
}

std::unique_ptr<service::Module> MakeModule() {
  PacingLimits pacing;
  pacing.chat.per_second = absl::GetFlag(FLAGS_telegram_chat_messages_per_second);
  pacing.all.per_second = absl::GetFlag(FLAGS_telegram_messages_per_second);
  pacing.all.burst = std::max(1, static_cast<int>(pacing.all.per_second));
  std::vector<std::string> dialogs(std::begin(kDialogs), std::end(kDialogs));
  for (std::string& other : absl::GetFlag(FLAGS_telegram_dialogs)) {
    dialogs.push_back(std::move(other));
  }
  return MakeModule({.token = absl::GetFlag(FLAGS_telegram_bot_token).value,
                     .api_base = absl::GetFlag(FLAGS_telegram_api_base),
                     .webhook_url = absl::GetFlag(FLAGS_telegram_webhook_url),
                     .webhook_listen = absl::GetFlag(FLAGS_telegram_webhook_listen),
                     .poll = {.wait = absl::GetFlag(FLAGS_telegram_poll_wait)},
                     .pacing = pacing,
                     .dialogs = std::move(dialogs)});
}

}  // namespace selfology::telegram_gateway
