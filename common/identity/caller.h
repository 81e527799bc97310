// Who asks: what a verified token, or the channel that a call came by, says about the caller.
//
//   if (call.caller()->kind == identity::Caller::Kind::kPerson) ...
//   if (!identity::Allows(*call.caller(), "coaching.answers.write")) ...
//
// A permission is "<domain>.<things>.<verb>", such as "coaching.answers.write". What a caller may do
// are patterns: a permission, or the beginning of some with ".*" after it ("coaching.*",
// "coaching.answers.*"), or "*", which is everything.
//
// Threads: values and pure functions.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace selfology::identity {

struct Caller {
  enum class Kind {
    kAnonymous,
    kPerson,
    kMachine,  // By an API key.
    kService,
  };

  Kind kind = Kind::kAnonymous;
  int64_t user_id = 0;          // kPerson: who; kMachine: the key's owner.
  std::string service = {};     // kService: its name.
  std::string actor = {};       // The service that passed a person's token on.
  std::string session_id = {};  // Claim "sid".
  std::string token_id = {};    // Claim "jti", or the API key's id.
  std::string client_id = {};   // The third-party app that acts for the person.
  std::vector<std::string> roles = {};
  std::vector<std::string> permissions = {};  // Patterns, resolved from roles and scopes.
  absl::Time issued_at = absl::InfinitePast();
  absl::Time expires_at = absl::InfiniteFuture();
};

// Whether the pattern covers the permission, or all that another pattern covers. Malformed patterns
// ("coaching*", "") cover nothing.
bool Covers(std::string_view pattern, std::string_view permission);

// Whether one of the caller's patterns covers the permission. Says nothing about whose data it is
// for: see common/rpc/authorize.h.
bool Allows(const Caller& caller, std::string_view permission);

// Someone without a token. The same object each time.
const std::shared_ptr<const Caller>& Anonymous();

// A service of the mesh, which may do everything.
std::shared_ptr<const Caller> Service(std::string_view name);

}  // namespace selfology::identity
