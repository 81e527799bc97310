// Security: tokens, sessions and keys; who may do what; the audit, and threats.
#include "services/platform/security/module.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/time/time.h"
#include "common/crypto/seal_key.h"
#include "common/observe/log.h"
#include "common/service/mesh.h"
#include "common/service/settings.h"
#include "common/status/status_macros.h"
#include "selfology/user/v1/account_service_client.h"
#include "selfology/user/v1/linking_service_client.h"
#include "services/platform/security/access_service.h"
#include "services/platform/security/api_key_service.h"
#include "services/platform/security/audit_service.h"
#include "services/platform/security/key_ring.h"
#include "services/platform/security/migrations.h"
#include "services/platform/security/oauth_service.h"
#include "services/platform/security/places.h"
#include "services/platform/security/security_events.h"
#include "services/platform/security/settings.h"
#include "services/platform/security/token_service.h"
#include "services/platform/security/token_store.h"
#include "services/platform/security/verification_service.h"

using selfology::security::KeyRules;
using selfology::security::SecuritySettings;
using selfology::security::SessionRules;
using selfology::security::ThreatLimits;
using selfology::service::Secret;

ABSL_FLAG(std::string, security_base_url, SecuritySettings().base_url,
          "Public base URL of the REST gateway; the issuer of OpenID Connect");
ABSL_FLAG(
    std::string, security_seal_key_file, "",
    "File with the keys that encrypt signing keys in the database, a line of 64 hexadecimal digits "
    "each, the newest first; empty: a key stored in the same database, for development only");
ABSL_FLAG(absl::Duration, security_access_life, SessionRules().access_life,
          "Lifetime of a person's access token");
ABSL_FLAG(absl::Duration, security_service_life, SessionRules().service_life,
          "Lifetime of a service's token");
ABSL_FLAG(absl::Duration, security_refresh_life, SessionRules().refresh_life,
          "Time without a refresh after which a session ends");
ABSL_FLAG(absl::Duration, security_session_life, SessionRules().session_life,
          "Maximum lifetime of a session, however often it is refreshed");
ABSL_FLAG(absl::Duration, security_refresh_grace, SessionRules().refresh_grace,
          "Time in which a used refresh token gives the same answer again; used later, it ends the "
          "session");
ABSL_FLAG(absl::Duration, security_key_life, KeyRules().life,
          "Time that a key signs tokens before the next one takes over");
ABSL_FLAG(absl::Duration, security_key_notice, KeyRules().notice,
          "Time that a key is published before it signs");
ABSL_FLAG(Secret, security_service_accounts, {},
          "External services that may get tokens: name:secret:scope, separated by commas; a scope "
          "is permission patterns separated by spaces");
ABSL_FLAG(Secret, security_telegram_bot_token, {},
          "Token of the Telegram bot whose mini apps may get tokens; empty: none");
ABSL_FLAG(std::string, security_telegram_scope, SecuritySettings().telegram_scope,
          "Scope of a mini app's token");
ABSL_FLAG(std::string, security_country_database, "",
          "MaxMind database (.mmdb) that maps network addresses to countries; empty: attempts to "
          "sign in have no country, and impossible travel is not detected");
ABSL_FLAG(int, security_audit_retention_days, SecuritySettings().audit_retention_days,
          "Days that audit records are kept");
ABSL_FLAG(int, security_brute_force_failures, ThreatLimits().brute_force_failures,
          "Failed logins to one account within --security_brute_force_window that are reported as "
          "brute force");
ABSL_FLAG(absl::Duration, security_brute_force_window, ThreatLimits().brute_force_window,
          "Window of --security_brute_force_failures");
ABSL_FLAG(int, security_stuffing_accounts, ThreatLimits().stuffing_accounts,
          "Accounts with failed logins from one address within --security_stuffing_window that are "
          "reported as credential stuffing");
ABSL_FLAG(absl::Duration, security_stuffing_window, ThreatLimits().stuffing_window,
          "Window of --security_stuffing_accounts");
ABSL_FLAG(double, security_stuffing_failed_share, ThreatLimits().stuffing_failed_share,
          "Minimum share of failed logins of an address, 0 to 1, for credential stuffing");
ABSL_FLAG(double, security_travel_km_per_hour, ThreatLimits().travel_km_per_hour,
          "Speed between two logins above which impossible travel is reported, in km/h");
ABSL_FLAG(absl::Duration, security_travel_window, ThreatLimits().travel_window,
          "Where only countries are known: logins from two countries within this time are reported "
          "as impossible travel");
ABSL_FLAG(int64_t, security_refused_calls, ThreatLimits().refused_calls,
          "Calls of one caller refused by rate limits within --security_refused_window that are "
          "reported as abuse");
ABSL_FLAG(absl::Duration, security_refused_window, ThreatLimits().refused_window,
          "Window of --security_refused_calls");
ABSL_FLAG(absl::Duration, security_threat_quiet, ThreatLimits().quiet,
          "Time in which the same threat is not reported again");

namespace selfology::security {
namespace {

constexpr absl::Duration kKeyCheck = absl::Minutes(10);
constexpr absl::Duration kForget = absl::Minutes(5);
constexpr absl::Duration kReseal = absl::Minutes(10);
constexpr absl::Duration kSign = absl::Hours(24);

class SecurityModule final : public service::Module {
 public:
  explicit SecurityModule(absl::StatusOr<SecuritySettings> settings)
      : settings_(std::move(settings)) {}

  service::ModuleInfo info() const override {
    return {.name = "security", .group = "security_monitoring", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    RETURN_IF_ERROR(settings_.status());
    SecuritySettings& settings = *settings_;
    // One name for who signs and who verifies: that of the provider's metadata (RFC 8414, 9068).
    settings.issuer =
        mesh.settings().token_issuer.empty() ? settings.base_url : mesh.settings().token_issuer;
    if (settings.issuer != settings.base_url) {
      observe::Warning("tokens are issued by another name than the metadata's",
                       {{"token_issuer", settings.issuer}});
    }
    ASSIGN_OR_RETURN(crypto::SealKeys seal_keys,
                     crypto::ReadSealKeys(settings.seal_key_file, "security_seal_key_file"));
    if (settings.country_database.empty()) {
      observe::Info("no security_country_database: addresses are not looked up");
    } else {
      ASSIGN_OR_RETURN(places_, Places::Open(settings.country_database));
    }
    keys_ = std::make_unique<KeyRing>(mesh.database(), mesh.clock(), std::move(seal_keys),
                                      settings.keys);
    KeyRing& keys = *keys_;
    const user::v1::LinkingServiceClient links(mesh.Peer("user"));
    const auto person_of = [links](const Call& call,
                                   int64_t telegram_id) -> absl::StatusOr<int64_t> {
      user::v1::ResolveTelegramIdRequest request;
      request.set_telegram_id(telegram_id);
      ASSIGN_OR_RETURN(const auto response, links.ResolveTelegramId(call.InOwnName(), request));
      return response.kept_user_id();
    };
    auto tokens = std::make_shared<TokenService>(mesh.database(), mesh.clock(), keys, settings,
                                                 places_.get(), person_of, mesh.metrics());
    auto audit = std::make_shared<AuditService>(mesh.database(), mesh.clock(), keys, settings,
                                                places_.get());
    mesh.Serve(tokens);
    mesh.Serve(audit);
    mesh.Serve(std::make_shared<VerificationService>(mesh.database(), mesh.clock(), keys,
                                                     settings.issuer));
    mesh.Serve(std::make_shared<ApiKeyService>(mesh.database(), mesh.clock(), keys));
    mesh.Serve(std::make_shared<AccessService>(mesh.database(), mesh.clock(), settings));
    const user::v1::AccountServiceClient accounts(mesh.Peer("user"));
    const auto about = [accounts](const Call& call,
                                  int64_t user_id) -> absl::StatusOr<user::v1::User> {
      user::v1::GetUserRequest request;
      request.set_user_id(user_id);
      ASSIGN_OR_RETURN(auto response, accounts.GetUser(call.InOwnName(), request));
      return std::move(*response.mutable_user());
    };
    mesh.Serve(std::make_shared<OAuthService>(mesh.database(), mesh.clock(), keys, settings, about,
                                              mesh.metrics()));
    auto events = std::make_shared<SecurityEvents>(settings, mesh.metrics());
    mesh.On(events, &SecurityEvents::NoteLogin);
    mesh.On(events, &SecurityEvents::NoteRefusedCalls);
    mesh.On(&NoteFact);
    mesh.On(&NoteMalware);
    mesh.On(&NoteTeam);
    mesh.On(&NoteMember);
    mesh.On(&NoteTeamRole);
    mesh.On(&ForgetMember);
    mesh.On(&ForgetTeam);
    mesh.OnErase([settings, clock = mesh.clock()](postgres::Transaction& tx, int64_t user_id) {
      return ErasePerson(tx, settings, user_id, clock());
    });
    mesh.Every(kKeyCheck, "keys", [&keys](const Call& call) { return keys.Rotate(call); });
    mesh.Every(kReseal, "reseal", [&keys](const Call& call) { return keys.Reseal(call); });
    mesh.Every(kForget, "forget", [tokens](const Call& call) { return tokens->ForgetOld(call); });
    mesh.Every(kSign, "audit", [audit](const Call& call) { return audit->SignAndForget(call); });
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<SecuritySettings> settings_;
  std::unique_ptr<Places> places_;
  std::unique_ptr<KeyRing> keys_;
};

absl::StatusOr<SecuritySettings> ReadSettings() {
  ASSIGN_OR_RETURN(ServiceAccounts accounts,
                   ReadServiceAccounts(absl::GetFlag(FLAGS_security_service_accounts).value));
  SecuritySettings settings = {
      .base_url = absl::GetFlag(FLAGS_security_base_url),
      .seal_key_file = absl::GetFlag(FLAGS_security_seal_key_file),
      .sessions = {.access_life = absl::GetFlag(FLAGS_security_access_life),
                   .service_life = absl::GetFlag(FLAGS_security_service_life),
                   .refresh_life = absl::GetFlag(FLAGS_security_refresh_life),
                   .session_life = absl::GetFlag(FLAGS_security_session_life),
                   .refresh_grace = absl::GetFlag(FLAGS_security_refresh_grace)},
      .keys = {.life = absl::GetFlag(FLAGS_security_key_life),
               .notice = absl::GetFlag(FLAGS_security_key_notice)},
      .threats = {.brute_force_failures = absl::GetFlag(FLAGS_security_brute_force_failures),
                  .brute_force_window = absl::GetFlag(FLAGS_security_brute_force_window),
                  .stuffing_accounts = absl::GetFlag(FLAGS_security_stuffing_accounts),
                  .stuffing_window = absl::GetFlag(FLAGS_security_stuffing_window),
                  .stuffing_failed_share = absl::GetFlag(FLAGS_security_stuffing_failed_share),
                  .travel_km_per_hour = absl::GetFlag(FLAGS_security_travel_km_per_hour),
                  .travel_window = absl::GetFlag(FLAGS_security_travel_window),
                  .refused_calls = absl::GetFlag(FLAGS_security_refused_calls),
                  .refused_window = absl::GetFlag(FLAGS_security_refused_window),
                  .quiet = absl::GetFlag(FLAGS_security_threat_quiet)},
      .service_accounts = std::move(accounts),
      .telegram_bot_token = absl::GetFlag(FLAGS_security_telegram_bot_token).value,
      .telegram_scope = absl::GetFlag(FLAGS_security_telegram_scope),
      .country_database = absl::GetFlag(FLAGS_security_country_database),
      .audit_retention_days = absl::GetFlag(FLAGS_security_audit_retention_days)};
  settings.keys.longest_token =
      std::max(settings.sessions.access_life, settings.sessions.service_life);
  if (settings.audit_retention_days < 1 || settings.keys.notice >= settings.keys.life ||
      settings.sessions.access_life <= absl::ZeroDuration() ||
      settings.sessions.service_life <= absl::ZeroDuration() ||
      settings.sessions.refresh_grace < absl::ZeroDuration()) {
    return absl::InvalidArgumentError(
        "security_access_life and security_service_life must be above 0, "
        "security_key_notice below security_key_life, security_audit_retention_days 1 or more");
  }
  return settings;
}

}  // namespace

std::unique_ptr<service::Module> MakeModule() {
  return std::make_unique<SecurityModule>(ReadSettings());
}

}  // namespace selfology::security
