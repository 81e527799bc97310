// Who gives out tokens and ends sessions: security, which alone signs. Behind an interface, so that
// what decides who may log in does not depend on how tokens look.
//
//   ASSIGN_OR_RETURN(*response.mutable_tokens(),
//                    issuer.OpenSession(call, {.user_id = id, .method = "password"}));
//
// Errors: security's. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/rpc/channel.h"
#include "selfology/user/v1/user.pb.h"

namespace selfology::user {

struct NewSession {
  int64_t user_id = 0;
  std::string device_name = {};      // As the person will know it again; may be empty.
  std::string method = {};           // How they proved who they are: "password", "oidc".
  std::string network_address = {};  // Empty: not known.
};

class TokenIssuer {
 public:
  virtual ~TokenIssuer() = default;

  virtual absl::StatusOr<v1::Tokens> OpenSession(const Call& call, const NewSession& session) = 0;

  // Ends all of a person's sessions but that one; empty: all.
  virtual absl::Status EndSessions(const Call& call, int64_t user_id,
                                   std::string_view kept_session_id) = 0;
};

// Asks security's TokenService.
std::unique_ptr<TokenIssuer> MakeTokenIssuer(std::shared_ptr<rpc::Channel> security);

}  // namespace selfology::user
