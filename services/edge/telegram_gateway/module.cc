// The Telegram bot: turns updates into calls on the dialogs that answer them, and what dialogs say
// into messages.
#include "services/edge/telegram_gateway/module.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/http/listen_address.h"
#include "common/service/mesh.h"
#include "common/service/settings.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/bot.h"
#include "services/edge/telegram_gateway/bot_settings.h"
#include "services/edge/telegram_gateway/bots.h"
#include "services/edge/telegram_gateway/dialogs_list.h"
#include "services/edge/telegram_gateway/focus_store.h"
#include "services/edge/telegram_gateway/gateway_events.h"
#include "services/edge/telegram_gateway/gateway_service.h"
#include "services/edge/telegram_gateway/gateway_store.h"
#include "services/edge/telegram_gateway/media/media_store.h"
#include "services/edge/telegram_gateway/migrations.h"
#include "services/edge/telegram_gateway/person_store.h"
#include "services/edge/telegram_gateway/settings.h"

using selfology::service::Secret;

ABSL_FLAG(Secret, telegram_bot_token, {},
          "Telegram bot token; empty: no messages are received or sent");
ABSL_FLAG(Secret, telegram_more_bots, {},
          "Additional bots with the dialogs of each: TOKEN=dialog+dialog,TOKEN=...; the bot of "
          "--telegram_bot_token has all other dialogs");
ABSL_FLAG(std::string, telegram_api_base, "https://api.telegram.org", "Base URL of the Bot API");
ABSL_FLAG(
    std::string, telegram_webhook_url, "",
    "Public URL that Telegram sends updates to (webhook); each additional bot uses URL/<bot ID>; "
    "empty: updates are polled");
ABSL_FLAG(std::string, telegram_webhook_listen, "127.0.0.1:8081",
          "Address (host:port) that the webhook server listens on, usually behind a reverse proxy");
ABSL_FLAG(
    std::string, telegram_media_folder, ".selfology/telegram_media",
    "Folder for files that people and bots send; created when needed, shared by all replicas");
ABSL_FLAG(
    int64_t, telegram_media_bytes, 2'000'000'000,
    "Maximum total size of --telegram_media_folder in bytes; when full, new files are rejected");
ABSL_FLAG(absl::Duration, telegram_poll_wait, absl::Seconds(25),
          "Long polling timeout of Telegram's getUpdates, in whole seconds");
// https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this; Telegram grants
// some bots more.
ABSL_FLAG(double, telegram_messages_per_second, 30,
          "Maximum messages per second that one bot sends to all chats together");
ABSL_FLAG(double, telegram_chat_messages_per_second, 1,
          "Maximum messages per second that one bot sends to one chat, after a burst of 5");
ABSL_FLAG(std::vector<std::string>, telegram_dialogs, {},
          "External services that implement DialogService, in addition to the built-in dialogs; "
          "--peers gives their addresses");

namespace selfology::telegram_gateway {
namespace {

// Between two looks for what a gateway of before has left while it is being replaced.
constexpr absl::Duration kAdopt = absl::Seconds(10);
// The first time there may be a day's messages.
constexpr absl::Duration kFirstAdoption = absl::Minutes(5);

absl::StatusOr<WebhookOptions> WebhookOptionsOf(const GatewaySettings& settings, const Bots& bots) {
  const auto listen = http::ParseListenAddress(settings.webhook_listen);
  if (!listen.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("telegram_webhook_listen: ", listen.status().message()));
  }
  WebhookOptions options{.address = listen->host, .port = listen->port};
  for (const std::shared_ptr<Bot>& bot : bots.all()) {
    ASSIGN_OR_RETURN(options.bots.emplace_back(), WebhookOf(*bot));
  }
  return options;
}

void ServeWebhook(Bots& bots, const WebhookOptions& options, service::Mesh& mesh,
                  service::StopSignal& stop) {
  std::unique_ptr<http::Server> server;
  Insist(stop, "listen", [&]() -> absl::Status {
    ASSIGN_OR_RETURN(server, StartWebhook(options, mesh.metrics(), mesh.tracer()));
    return absl::OkStatus();
  });
  stop.WaitFor(absl::InfiniteDuration());
  // Requests that wait for their update give it back to Telegram.
  for (const std::shared_ptr<Bot>& bot : bots.all()) bot->intake.Stop();
  if (server != nullptr) server->Stop();
}

// What the module's parts share; they refer to each other, so they live and go together.
struct Parts {
  Parts(service::Mesh& mesh, const GatewaySettings& settings, const std::vector<BotSettings>& own)
      : telegrams(TelegramsOf(mesh, settings, own)),
        media(mesh.database(), PointersOf(telegrams), settings.media_folder, mesh.clock(),
              settings.media_bytes),
        bots(mesh.database(), MakeBots(mesh, settings, own)),
        events(bots, mesh.database(), mesh.clock()),
        service(
            {.database = mesh.database(), .bots = bots, .media = media, .clock = mesh.clock()}) {}

  std::vector<std::unique_ptr<BotApi>> telegrams;
  MediaStore media;
  Bots bots;
  GatewayEvents events;
  GatewayService service;

 private:
  using Telegrams = std::vector<std::unique_ptr<BotApi>>;

  static Telegrams TelegramsOf(service::Mesh& mesh, const GatewaySettings& settings,
                               const std::vector<BotSettings>& own) {
    Telegrams telegrams;
    for (const BotSettings& bot : own) {
      telegrams.push_back(
          std::make_unique<BotApi>(BotApi::Options{.base = settings.api_base, .token = bot.token},
                                   &mesh.http(), &mesh.metrics()));
    }
    return telegrams;
  }
  static std::vector<BotApi*> PointersOf(const Telegrams& telegrams) {
    std::vector<BotApi*> pointers;
    for (const std::unique_ptr<BotApi>& telegram : telegrams) pointers.push_back(telegram.get());
    return pointers;
  }
  std::vector<std::shared_ptr<Bot>> MakeBots(service::Mesh& mesh, const GatewaySettings& settings,
                                             const std::vector<BotSettings>& own) {
    std::vector<std::shared_ptr<Bot>> made;
    for (size_t i = 0; i < own.size(); ++i) {
      made.push_back(std::make_shared<Bot>(Bot::Around{.mesh = mesh,
                                                       .settings = settings,
                                                       .bots = own,
                                                       .telegram = *telegrams[i],
                                                       .media = media},
                                           own[i]));
    }
    return made;
  }
};

// The first that something is wrong with; `check` is one bot's.
absl::Status CheckBots(const Parts& parts, const std::function<absl::Status(const Bot&)>& check) {
  const std::vector<std::shared_ptr<Bot>>& bots = parts.bots.all();
  for (const std::shared_ptr<Bot>& bot : bots) {
    const absl::Status status = check(*bot);
    if (status.ok()) continue;
    return bots.size() == 1 ? status : status::Annotate(status, absl::StrCat("bot ", bot->id()));
  }
  return absl::OkStatus();
}

double SumOf(const Parts& parts, const std::function<double(const Bot&)>& value) {
  double sum = 0;
  for (const std::shared_ptr<Bot>& bot : parts.bots.all()) sum += value(*bot);
  return sum;
}

class GatewayModule final : public service::Module {
 public:
  explicit GatewayModule(GatewaySettings settings) : settings_(std::move(settings)) {}

  service::ModuleInfo info() const override {
    return {.name = "telegram_gateway", .group = "telegram_gateway", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    for (const Rate& rate : {settings_.pacing.chat, settings_.pacing.all, settings_.pacing.group}) {
      if (!(rate.per_second > 0)) {
        return absl::InvalidArgumentError("telegram_messages_per_second: must be above 0");
      }
    }
    if (settings_.poll.wait < absl::ZeroDuration() || settings_.poll.wait > absl::Seconds(50)) {
      return absl::InvalidArgumentError("telegram_poll_wait: must be 0 to 50 s");
    }
    if (settings_.media_folder.empty()) {
      return absl::InvalidArgumentError("telegram_media_folder: must not be empty");
    }
    if (settings_.media_bytes <= 0) {
      return absl::InvalidArgumentError("telegram_media_bytes: must be above 0");
    }
    ASSIGN_OR_RETURN(const std::vector<BotSettings> bots, BotsOf(settings_));
    auto parts = std::make_shared<Parts>(mesh, settings_, bots);
    // Before anything is said or looked up.
    RETURN_IF_ERROR(Adopt(mesh.database(), bots.front().id, Call::Background(kFirstAdoption)));
    mesh.Serve(std::shared_ptr<GatewayService>(parts, &parts->service));
    mesh.OnErase(&store::DeleteUser);
    // The person's rows are gone, so their files are nobody's.
    mesh.OnErased([parts](const Call& call, int64_t) { return parts->media.RemoveOrphans(call); });
    Listen(mesh, parts);
    for (const std::shared_ptr<Bot>& bot : parts->bots.all()) {
      RunBot(mesh, std::shared_ptr<Bot>(parts, bot.get()));
    }
    if (bots.front().id != 0 && !settings_.webhook_url.empty()) {
      ASSIGN_OR_RETURN(const WebhookOptions options, WebhookOptionsOf(settings_, parts->bots));
      mesh.Run("webhook", [parts, options, &mesh](service::StopSignal& stop) {
        ServeWebhook(parts->bots, options, mesh, stop);
      });
    }
    mesh.Run("media", [parts](service::StopSignal& stop) { parts->media.Run(stop); });
    mesh.Every(absl::Hours(1), "forget_old",
               [parts](const Call& call) { return parts->service.ForgetOld(call); });
    mesh.Every(kAdopt, "adopt",
               [&database = mesh.database(), first = bots.front().id](const Call& call) {
                 return Adopt(database, first, call);
               });
    Report(mesh, parts);
    return absl::OkStatus();
  }

 private:
  static absl::Status Adopt(postgres::Database& database, int64_t first_bot, const Call& call) {
    if (first_bot == 0) return absl::OkStatus();
    return database
        .Write(call, [&](postgres::Transaction& tx) { return store::Adopt(tx, first_bot); })
        .status();
  }

  static void Listen(service::Mesh& mesh, const std::shared_ptr<Parts>& parts) {
    const std::shared_ptr<GatewayEvents> events(parts, &parts->events);
    mesh.On(events, &GatewayEvents::Send);
    mesh.On(events, &GatewayEvents::ChangeState);
    mesh.On(events, &GatewayEvents::Link);
    mesh.OnTypes(
        [parts] { return parts->bots.event_types(); },
        [events](std::string_view type, const std::string& payload, events::Handling& handling) {
          return events->Render(type, payload, handling);
        });
  }

  static void Report(service::Mesh& mesh, const std::shared_ptr<Parts>& parts) {
    mesh.Check("telegram", service::Dependency::kOptional, [parts](const Call&) {
      return CheckBots(*parts, [](const Bot& bot) { return bot.Health(); });
    });
    mesh.Check("dialogs", service::Dependency::kRequired, [parts](const Call&) {
      return CheckBots(*parts, [](const Bot& bot) { return bot.dialogs.blocked(); });
    });
    mesh.Check("each_dialog", service::Dependency::kOptional, [parts](const Call&) {
      return CheckBots(*parts, [](const Bot& bot) { return bot.dialogs.impaired(); });
    });
    mesh.ReportQueue("unsent_messages", [parts] {
      return SumOf(*parts, [](const Bot& bot) { return bot.delivery.unsent(); });
    });
    mesh.ReportQueue("held_updates", [parts] {
      return SumOf(*parts, [](const Bot& bot) { return bot.held.waiting(); });
    });
    mesh.Report("parked_updates", [parts] {
      return SumOf(*parts, [](const Bot& bot) { return bot.held.parked(); });
    });
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
                     .more_bots = absl::GetFlag(FLAGS_telegram_more_bots).value,
                     .api_base = absl::GetFlag(FLAGS_telegram_api_base),
                     .webhook_url = absl::GetFlag(FLAGS_telegram_webhook_url),
                     .webhook_listen = absl::GetFlag(FLAGS_telegram_webhook_listen),
                     .media_folder = absl::GetFlag(FLAGS_telegram_media_folder),
                     .media_bytes = absl::GetFlag(FLAGS_telegram_media_bytes),
                     .poll = {.wait = absl::GetFlag(FLAGS_telegram_poll_wait)},
                     .pacing = pacing,
                     .dialogs = std::move(dialogs)});
}

}  // namespace selfology::telegram_gateway
