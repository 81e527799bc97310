// What an operator can set, as values, so that tests can make them without flags.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "services/platform/security/key_plan.h"
#include "services/platform/security/session_rules.h"
#include "services/platform/security/threats.h"

namespace selfology::security {

// A service that may have tokens although it is no process of the mesh.
struct ServiceAccount {
  std::string secret_hash = {};  // SHA-256.
  std::string scope = {};
};
using ServiceAccounts = std::map<std::string, ServiceAccount>;

// "name:secret:pattern pattern", with commas between. INVALID_ARGUMENT says which is wrong, without
// its secret.
absl::StatusOr<ServiceAccounts> ReadServiceAccounts(const std::string& text);

struct SecuritySettings {
  std::string issuer = {};  // Claim "iss"; base_url, if the mesh has no other name for it.
  // Where the world reaches us: the issuer of OpenID Connect, and the start of its pages' addresses.
  std::string base_url = "http://localhost:8080";
  std::string seal_key_file = {};  // Empty: the key is kept in the database.
  SessionRules sessions = {};
  KeyRules keys = {};
  ThreatLimits threats = {};
  ServiceAccounts service_accounts = {};
  std::string telegram_bot_token = {};  // Empty: no mini apps.
  std::string telegram_scope = "coaching.* feed.* growth.*";
  std::string country_database = {};  // A .mmdb file; empty: no address is looked up.
  int audit_retention_days = 90;
};

}  // namespace selfology::security
