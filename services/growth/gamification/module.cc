// Rewards: a ledger of currencies, levels, streaks, badges, leaderboards and ratings.
#include "services/growth/gamification/module.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/escaping.h"
#include "absl/time/time.h"
#include "common/crypto/seal_key.h"
#include "common/service/mesh.h"
#include "common/service/settings.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/gamification.pb.h"
#include "services/growth/gamification/badges/badge_service.h"
#include "services/growth/gamification/boards/leaderboard_service.h"
#include "services/growth/gamification/gamification_events.h"
#include "services/growth/gamification/gamification_store.h"
#include "services/growth/gamification/ledger/ledger_service.h"
#include "services/growth/gamification/migrations.h"
#include "services/growth/gamification/progress/progress_service.h"
#include "services/growth/gamification/ratings/rating_service.h"
#include "services/growth/gamification/rules/default_rules.h"
#include "services/growth/gamification/rules/live_rules.h"
#include "services/growth/gamification/rules/rule_service.h"
#include "services/growth/gamification/rules/rule_store.h"

ABSL_FLAG(std::string, gamification_issuer_url, "http://localhost:8000",
          "Public base URL of the REST gateway; the issuer of badges' credentials");
ABSL_FLAG(selfology::service::Secret, gamification_badge_key, {},
          "Key that signs badges' credentials (Ed25519): its seed, 64 hexadecimal digits; empty: a "
          "key stored in the database, for development only");

ABSL_FLAG(
    std::string, gamification_seal_key_file, "",
    "File with the keys that encrypt the key that signs badges in the database, a line of 64 "
    "hexadecimal digits each, the newest first; empty: a key stored in the same database, for "
    "development only");

namespace selfology::gamification {
namespace {

constexpr absl::Duration kTick = absl::Seconds(1);
constexpr absl::Duration kReseal = absl::Minutes(10);

class GamificationModule final : public service::Module {
 public:
  GamificationModule(BadgeService::Options badges, std::string seal_key_file)
      : badges_(std::move(badges)), seal_key_file_(std::move(seal_key_file)) {}

  service::ModuleInfo info() const override {
    return {.name = "gamification", .group = "gamification_rules", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    postgres::Database& database = mesh.database();
    const auto clock = mesh.clock();
    if (!badges_.seed.empty()) RETURN_IF_ERROR(CredentialSigner::Of(badges_.seed).status());
    BadgeService::Options badge_options = badges_;
    ASSIGN_OR_RETURN(badge_options.seal_keys,
                     crypto::ReadSealKeys(seal_key_file_, "gamification_seal_key_file"));
    const auto badges = std::make_shared<BadgeService>(database, std::move(badge_options));
    const auto rules = std::make_shared<LiveRules>();
    const auto ledger = std::make_shared<LedgerService>(database, clock, rules);
    const auto rule_service = std::make_shared<RuleService>(database, clock, rules);
    const auto boards =
        std::make_shared<LeaderboardService>(database, mesh.redis(), mesh.Peer("user"), clock);
    mesh.Serve(ledger);
    mesh.Serve(std::make_shared<ProgressService>(database, clock));
    mesh.Serve(rule_service);
    mesh.Serve(badges);
    mesh.Serve(boards);
    mesh.Serve(std::make_shared<RatingService>(database, clock));
    mesh.OnErase([clock](postgres::Transaction& tx, int64_t user_id) {
      return store::DeleteUser(tx, user_id, clock());
    });
    mesh.OnErased(
        [boards](const Call& call, int64_t user_id) { return boards->Forget(call, user_id); });

    RETURN_IF_ERROR(database.Write(
        Call::Background(absl::Seconds(30)),
        [&](postgres::Transaction& tx) { return store::Seed(tx, DefaultRules(), clock()); }));
    const auto events = std::make_shared<GamificationEvents>(rules, clock);
    mesh.On(events, &GamificationEvents::NoteTimeZone);
    mesh.OnTypes(
        [events] { return events->types(); },
        [events](std::string_view type, const std::string& payload, events::Handling& handling) {
          return events->Take(type, payload, handling);
        });
    mesh.OnEverywhere<events::v1::GamificationRuleChanged>(
        [rules](const events::v1::GamificationRuleChanged&) { rules->Forget(); },
        [rules] { rules->Forget(); });
    mesh.Every(kTick, "pending", [ledger](const Call& call) { return ledger->Expire(call); });
    mesh.Every(kTick, "backfill",
               [rule_service](const Call& call) { return rule_service->Backfill(call); });
    mesh.Every(kReseal, "reseal", [badges](const Call& call) { return badges->Reseal(call); });
    mesh.Every(kTick, "boards", [boards](const Call& call) { return boards->Refresh(call); });
    return absl::OkStatus();
  }

 private:
  const BadgeService::Options badges_;
  const std::string seal_key_file_;
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() {
  return std::make_unique<GamificationModule>(
      BadgeService::Options{
          .issuer_id = absl::GetFlag(FLAGS_gamification_issuer_url),
          .seed = absl::HexStringToBytes(absl::GetFlag(FLAGS_gamification_badge_key).value)},
      absl::GetFlag(FLAGS_gamification_seal_key_file));
}

}  // namespace selfology::gamification
