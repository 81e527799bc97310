// What the mesh is told of an attempt to sign in (login.attempted): hashes in place of names and
// addresses, and the country of the address.
//
//   const CountryOf country_of = AskForCountries(mesh.Peer("security"));
//   LoginAttempted attempt = NewAttempt(pseudonym_key, email, user_id,
//                                       {.network_address = address,
//                                        .country = country_of(call, address)});
//   attempt.set_outcome(...);
//
// Threads: thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/rpc/channel.h"
#include "selfology/events/v1/security.pb.h"

namespace selfology::user {

// ISO 3166-1; empty for an empty address, and where it is not known, also because nobody can be asked.
using CountryOf = std::function<std::string(const Call& call, const std::string& network_address)>;

// Asks security's AuditService, and no longer than kCountryPatience.
inline constexpr absl::Duration kCountryPatience = absl::Milliseconds(300);
CountryOf AskForCountries(std::shared_ptr<rpc::Channel> security);

struct AttemptFrom {
  std::string_view network_address = {};  // Empty: not known.
  std::string_view country = {};
  std::string_view device_name = {};
};

// account_name: what names the account, the same each time.
events::v1::LoginAttempted NewAttempt(std::string_view pseudonym_key, std::string_view account_name,
                                      int64_t user_id, const AttemptFrom& from);

}  // namespace selfology::user
