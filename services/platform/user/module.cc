// Persons' accounts, logins, teams, plans, skills, and whom they follow.
#include "services/platform/user/module.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/time/time.h"
#include "common/crypto/reseal.h"
#include "common/crypto/seal_key.h"
#include "common/service/mesh.h"
#include "common/service/settings.h"
#include "common/status/status_macros.h"
#include "services/platform/user/accounts/account_service.h"
#include "services/platform/user/accounts/login_attempt.h"
#include "services/platform/user/accounts/second_factor_service.h"
#include "services/platform/user/accounts/totp.h"
#include "services/platform/user/foreign/foreign_login_service.h"
#include "services/platform/user/jobs/job_runner.h"
#include "services/platform/user/linking/linking_service.h"
#include "services/platform/user/migrations.h"
#include "services/platform/user/skills/skill_tree_service.h"
#include "services/platform/user/social/social_service.h"
#include "services/platform/user/subscriptions/subscription_service.h"
#include "services/platform/user/teams/team_service.h"
#include "services/platform/user/teams/team_store.h"
#include "services/platform/user/user_events.h"
#include "services/platform/user/user_store.h"

ABSL_FLAG(int, user_password_threads, 2, "Threads that hash passwords");
ABSL_FLAG(int, user_password_queue, 32,
          "Maximum number of passwords that wait to be hashed; more are refused (RATE_LIMITED)");
ABSL_FLAG(int, user_argon2_memory_kib, 19456, "Memory of Argon2id for one password, in KiB");
ABSL_FLAG(int, user_argon2_passes, 2, "Passes of Argon2id over its memory");
ABSL_FLAG(selfology::service::Secret, user_pseudonym_key, {},
          "Key of the hashes that replace e-mail addresses in login.attempted events");
ABSL_FLAG(
    std::string, user_seal_key_file, "",
    "File with the keys that encrypt second factors' secrets in the database, a line of 64 "
    "hexadecimal digits each, the newest first; empty: a key stored in the same database, for "
    "development only");
ABSL_FLAG(selfology::service::Secret, user_oidc_providers, {},
          "OpenID Connect providers to log in with, as JSON; format: "
          "services/platform/user/foreign/providers.h");

namespace selfology::user {
namespace {

constexpr absl::Duration kJobs = absl::Seconds(1);
constexpr absl::Duration kTidy = absl::Minutes(10);
constexpr absl::Duration kReseal = absl::Minutes(10);
constexpr absl::Duration kJobsLast = absl::Hours(30 * 24);

constexpr crypto::SealedColumn kSealed[] = {{.table = "user_second_factors",
                                             .column = "secret",
                                             .purpose = "'totp secret'",
                                             .plain_bytes = kTotpSecretBytes}};

struct Settings {
  PasswordWorkers::Options passwords = {};
  std::string seal_key_file = {};
  std::string pseudonym_key = {};
  std::string providers = {};
};

class UserModule final : public service::Module {
 public:
  explicit UserModule(Settings settings) : settings_(std::move(settings)) {}

  service::ModuleInfo info() const override {
    return {.name = "user",
            .group = "user_accounts",
            .migrations = Migrations(),
            .requests_table = store::kRequests};
  }

  absl::Status Start(service::Mesh& mesh) override {
    postgres::Database& database = mesh.database();
    const auto clock = mesh.clock();
    ASSIGN_OR_RETURN(Providers providers, ParseProviders(settings_.providers));
    ASSIGN_OR_RETURN(crypto::SealKeys seal_keys,
                     crypto::ReadSealKeys(settings_.seal_key_file, "user_seal_key_file"));
    const auto seal_key =
        std::make_shared<crypto::SealKey>(database, "user_seal_key", std::move(seal_keys));
    const auto workers = std::make_shared<PasswordWorkers>(settings_.passwords);
    const std::shared_ptr<TokenIssuer> tokens = MakeTokenIssuer(mesh.Peer("security"));
    const CountryOf country_of = AskForCountries(mesh.Peer("security"));
    const auto export_user = [&mesh](const Call& call, int64_t user_id,
                                     service::ModuleExport::Take take) {
      return mesh.ExportUser(call, user_id, take);
    };
    mesh.Serve(std::make_shared<AccountService>(AccountService::Parts{
        database, clock, workers, tokens, settings_.pseudonym_key, seal_key, country_of}));
    mesh.Serve(
        std::make_shared<SecondFactorService>(database, clock, seal_key, settings_.pseudonym_key));
    mesh.Serve(std::make_shared<ForeignLoginService>(
        ForeignLoginService::Parts{database, mesh.http(), clock, std::move(providers), tokens,
                                   settings_.pseudonym_key, seal_key, country_of}));
    mesh.Serve(std::make_shared<LinkingService>(database, clock, export_user));
    mesh.Serve(std::make_shared<TeamService>(database, clock));
    mesh.Serve(std::make_shared<SubscriptionService>(database, clock));
    mesh.Serve(std::make_shared<SkillTreeService>(database, clock));
    mesh.Serve(std::make_shared<SocialService>(database, clock));
    mesh.OnErase(&store::DeleteUser);

    mesh.On(std::make_shared<UserEvents>(tokens), &UserEvents::EndSessions);
    mesh.On(&BeginTrial);
    mesh.On(&TakePayment);
    mesh.On(&MissPayment);
    mesh.On(&EndPayments);

    const auto jobs = std::make_shared<JobRunner>(
        database, clock,
        JobRunner::Work{.export_user = export_user,
                        .erase_user = [&mesh](const Call& call, int64_t user_id) {
                          return mesh.EraseUser(call, user_id).status();
                        }});
    mesh.Every(kJobs, "jobs", [jobs](const Call& call) { return jobs->RunDue(call); });
    mesh.Every(kReseal, "reseal", [&database, seal_key](const Call& call) {
      return crypto::Reseal(call, database, *seal_key, kSealed).status();
    });
    mesh.Every(kTidy, "tidy", [&database, clock](const Call& call) {
      return database.Write(call, [&](postgres::Transaction& tx) -> absl::Status {
        const absl::Time now = clock();
        RETURN_IF_ERROR(store::ForgetExpired(tx, now));
        return store::ForgetJobs(tx, now, now - kJobsLast).status();
      });
    });
    return absl::OkStatus();
  }

 private:
  const Settings settings_;
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() {
  return std::make_unique<UserModule>(
      Settings{.passwords = {.threads = absl::GetFlag(FLAGS_user_password_threads),
                             .max_waiting = absl::GetFlag(FLAGS_user_password_queue),
                             .parameters = {.memory_kib = static_cast<uint32_t>(
                                                absl::GetFlag(FLAGS_user_argon2_memory_kib)),
                                            .passes = static_cast<uint32_t>(
                                                absl::GetFlag(FLAGS_user_argon2_passes))}},
               .seal_key_file = absl::GetFlag(FLAGS_user_seal_key_file),
               .pseudonym_key = absl::GetFlag(FLAGS_user_pseudonym_key).value,
               .providers = absl::GetFlag(FLAGS_user_oidc_providers).value});
}

}  // namespace selfology::user
