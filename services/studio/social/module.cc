// Accounts at social platforms, and publishing to them once.
#include "services/studio/social/module.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/seal_key.h"
#include "common/http/client.h"
#include "common/http/public_address.h"
#include "common/observe/log.h"
#include "common/service/mesh.h"
#include "common/status/status_macros.h"
#include "services/studio/social/accounts.h"
#include "services/studio/social/comment_service.h"
#include "services/studio/social/hearing.h"
#include "services/studio/social/limits.h"
#include "services/studio/social/migrations.h"
#include "services/studio/social/pictures.h"
#include "services/studio/social/publishing.h"
#include "services/studio/social/settings.h"
#include "services/studio/social/social_events.h"
#include "services/studio/social/social_service.h"
#include "services/studio/social/social_store.h"
#include "services/studio/social/token_checks.h"

using selfology::social::SocialSettings;

ABSL_FLAG(
    std::string, social_seal_key_file, "",
    "File with the keys that encrypt tokens of accounts in the database, a line of 64 "
    "hexadecimal digits each, the newest first; empty: a key stored in the same database, for "
    "development only");
ABSL_FLAG(std::string, social_telegram_url, SocialSettings().addresses.telegram,
          "Server of Telegram's Bot API where an account names none");
ABSL_FLAG(std::string, social_telegram_web_url, SocialSettings().addresses.telegram_web,
          "Where public pages of Telegram's channels are");
ABSL_FLAG(std::string, social_bluesky_url, SocialSettings().addresses.bluesky,
          "Server of the AT protocol where an account names none");
ABSL_FLAG(bool, social_private_servers, false,
          "Allow accounts at servers in private networks, for development");
ABSL_FLAG(int, social_workers, SocialSettings().workers,
          "Posts that are published at once, per platform and replica");

namespace selfology::social {
namespace {

constexpr absl::Duration kWork = absl::Minutes(2);
constexpr absl::Duration kResealPeriod = absl::Minutes(10);

// What the module's parts share; they refer to each other, so they live and go together.
struct Parts {
  Parts(service::Mesh& mesh, const SocialSettings& settings, crypto::SealKeys seal_keys)
      : client({.may_connect = settings.private_servers ? nullptr : &http::IsPublicAddress,
                .metrics = &mesh.metrics()}),
        publishers(client, settings.addresses),
        pictures(mesh.Peer("file")),
        accounts(mesh.database(), std::move(seal_keys)),
        publishing({.database = mesh.database(),
                    .accounts = accounts,
                    .publishers = publishers,
                    .pictures = pictures,
                    .metrics = mesh.metrics(),
                    .clock = mesh.clock()}),
        checks({.database = mesh.database(),
                .accounts = accounts,
                .publishers = publishers,
                .clock = mesh.clock()}),
        ears({.database = mesh.database(),
              .accounts = accounts,
              .publishers = publishers,
              .clock = mesh.clock()}),
        events(mesh.clock()),
        comments(mesh.database(), mesh.clock()),
        service({.database = mesh.database(),
                 .accounts = accounts,
                 .publishers = publishers,
                 .publishing = publishing,
                 .addresses = settings.addresses,
                 .clock = mesh.clock()}) {}

  http::Client client;
  Publishers publishers;
  Pictures pictures;
  Accounts accounts;
  Publishing publishing;
  TokenChecks checks;
  Ears ears;
  SocialEvents events;
  CommentService comments;
  SocialService service;
};

// Does what is due until there is no more, again and again.
template <typename Work>
void WorkUntil(service::StopSignal& stop, absl::Duration idle, std::string_view what, Work work) {
  while (!stop.WaitFor(idle)) {
    for (bool more = true; more && !stop.requested();) {
      const Call call = Call::Background(kWork);
      const absl::StatusOr<bool> worked = work(call);
      if (!worked.ok()) observe::Warning(what, {{"error", worked.status().ToString()}});
      more = worked.value_or(false);
    }
  }
}

class SocialModule final : public service::Module {
 public:
  explicit SocialModule(SocialSettings settings) : settings_(std::move(settings)) {}

  service::ModuleInfo info() const override {
    return {.name = "social",
            .group = "social_publishing",
            .migrations = Migrations(),
            .requests_table = store::kRequests};
  }

  absl::Status Start(service::Mesh& mesh) override {
    ASSIGN_OR_RETURN(crypto::SealKeys seal_keys,
                     crypto::ReadSealKeys(settings_.seal_key_file, "social_seal_key_file"));
    if (settings_.workers < 1 || settings_.workers > 32) {
      return absl::InvalidArgumentError("social_workers: must be 1 to 32");
    }
    const auto parts = std::make_shared<Parts>(mesh, settings_, std::move(seal_keys));
    mesh.Serve(std::shared_ptr<SocialService>(parts, &parts->service));
    mesh.Serve(std::shared_ptr<CommentService>(parts, &parts->comments));
    const std::shared_ptr<SocialEvents> events(parts, &parts->events);
    mesh.On(events, &SocialEvents::TakePost);
    mesh.On(events, &SocialEvents::TakeWebhook);
    mesh.On(events, &SocialEvents::DisbandTeam);
    mesh.OnErase(&store::DeleteUser);
    mesh.Every(kResealPeriod, "reseal",
               [parts](const Call& call) { return parts->accounts.Reseal(call); });
    // Each platform has workers of its own: one that hangs holds up no other.
    for (const v1::PlatformLimits& limits : AllLimits()) {
      if (!limits.publishes()) continue;
      for (int i = 0; i < settings_.workers; ++i) {
        mesh.Run(
            absl::StrCat("soc_", absl::AsciiStrToLower(NameOf(limits.platform()).substr(0, 8)), i),
            [parts, platform = limits.platform(),
             idle = settings_.idle](service::StopSignal& stop) {
              WorkUntil(stop, idle, "publishing failed", [&](const Call& call) {
                return parts->publishing.WorkOnNext(call, platform);
              });
            });
      }
    }
    mesh.Run("soc_measure", [parts, idle = settings_.idle](service::StopSignal& stop) {
      WorkUntil(stop, idle * 4, "measuring failed",
                [&](const Call& call) { return parts->publishing.MeasureNext(call); });
    });
    mesh.Run("soc_check", [parts, idle = settings_.idle](service::StopSignal& stop) {
      WorkUntil(stop, idle * 4, "checking accounts failed",
                [&](const Call& call) { return parts->checks.CheckNext(call); });
    });
    mesh.Run("soc_hear", [parts, idle = settings_.idle](service::StopSignal& stop) {
      WorkUntil(stop, idle * 4, "asking for comments failed",
                [&](const Call& call) { return parts->ears.HearNext(call); });
    });
    return absl::OkStatus();
  }

 private:
  const SocialSettings settings_;
};

}  // namespace

std::unique_ptr<service::Module> MakeModule(SocialSettings settings) {
  return std::make_unique<SocialModule>(std::move(settings));
}

std::unique_ptr<service::Module> MakeModule() {
  return MakeModule({.seal_key_file = absl::GetFlag(FLAGS_social_seal_key_file),
                     .addresses = {.telegram = absl::GetFlag(FLAGS_social_telegram_url),
                                   .telegram_web = absl::GetFlag(FLAGS_social_telegram_web_url),
                                   .bluesky = absl::GetFlag(FLAGS_social_bluesky_url)},
                     .private_servers = absl::GetFlag(FLAGS_social_private_servers),
                     .workers = absl::GetFlag(FLAGS_social_workers)});
}

}  // namespace selfology::social
