#include "services/platform/user/accounts/login_attempt.h"

#include <utility>

#include "selfology/security/v1/audit_service_client.h"
#include "services/platform/user/secrets.h"

namespace selfology::user {

CountryOf AskForCountries(std::shared_ptr<rpc::Channel> security) {
  const security::v1::AuditServiceClient audit(std::move(security));
  return [audit](const Call& call, const std::string& network_address) -> std::string {
    if (network_address.empty()) return "";
    security::v1::LocateAddressRequest request;
    request.set_network_address(network_address);
    const auto response =
        audit.LocateAddress(call.WithTimeout(kCountryPatience).InOwnName(), request);
    // Nobody is kept out for it.
    return response.ok() ? response->country() : "";
  };
}

events::v1::LoginAttempted NewAttempt(std::string_view pseudonym_key, std::string_view account_name,
                                      int64_t user_id, const AttemptFrom& from) {
  events::v1::LoginAttempted attempt;
  attempt.set_user_id(user_id);
  attempt.set_account_hash(KeyedHash(pseudonym_key, account_name));
  if (!from.device_name.empty()) attempt.set_device(KeyedHash(pseudonym_key, from.device_name));
  if (!from.network_address.empty()) {
    attempt.set_address_hash(KeyedHash(pseudonym_key, from.network_address));
  }
  attempt.set_country(std::string(from.country));
  return attempt;
}

}  // namespace selfology::user
