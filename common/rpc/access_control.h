// Who calls, by what came with an RPC; and whether that matters.
//
//   rpc::AccessControl access({.enforce = true, .authenticate = ...}, metrics);
//   ASSIGN_OR_RETURN(auto caller, access.Identify(call, {.authorization = "Bearer ..."}));
//   RETURN_IF_ERROR(access.Check(rule, *caller, ...));
//
// A caller is, in this order:
//   - who the token or API key in `authorization` stands for; one that is not good is refused, also
//     where none is needed, and so is a service's token with another service's certificate. The
//     service that passed it on, if it says who it is, is Caller::actor.
//   - the service that its certificate names (tls.h), if it says by x-selfology-service that it calls
//     for itself: a door that passes on who has no token does not;
//   - the service that x-selfology-service names, if it calls from within this process, or
//     x-selfology-service-secret is the secret that all processes of the mesh share;
//   - anonymous.
//
// Unless `enforce` is set, everybody may do everything: the network is trusted.
//
// Metrics: auth_attempts_total{result=ok|refused|unavailable}, permission_denied_total{method}.
// Threads: thread-safe.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/call/call.h"
#include "common/identity/caller.h"
#include "common/observe/metrics.h"
#include "common/rpc/authorize.h"

namespace selfology::rpc {

// Names of metadata.
inline constexpr char kAuthorization[] = "authorization";
inline constexpr char kServiceName[] = "x-selfology-service";
inline constexpr char kServiceSecret[] = "x-selfology-service-secret";

// "Bearer <token>" without the first word, whose case does not matter; UNAUTHENTICATED for anything
// else.
absl::StatusOr<std::string_view> BearerOf(std::string_view authorization);

class AccessControl {
 public:
  // For an `authorization` that is not empty. UNAUTHENTICATED: refused. SERVICE_UNAVAILABLE: it
  // cannot be known at the moment.
  using Authenticate = std::function<absl::StatusOr<std::shared_ptr<const identity::Caller>>(
      const Call&, std::string_view authorization)>;

  // What the audit has to know of a call, where access is enforced.
  struct Fact {
    int64_t actor_id = 0;      // 0: no person.
    std::string action = {};   // "data.read" or "data.changed" of another person, or "call.made".
    int64_t subject_id = 0;    // 0: nobody in particular, or who is erased by it.
    std::string outcome = {};  // "ok", "failed" or "refused".
    std::string method = {};   // "selfology.trait.v1.TraitService/ListTraitHistory"
    friend auto operator<=>(const Fact&, const Fact&) = default;
  };

  struct Options {
    bool enforce = false;
    std::string service_secret = {};  // Empty: no process is known by it.
    Authenticate authenticate = {};   // Null: every token is refused.
    // Whether a role in a team or a grant gives the person the permission for one of the things
    // ("team/9"); asked of calls that name such. Null: nobody was granted anything.
    std::function<absl::StatusOr<bool>(const Call&, int64_t user_id, const std::string& permission,
                                       absl::Span<const std::string> resources)>
        granted = {};
    // Told of staff who name another person, and of refused calls; quick. Null: nobody is.
    std::function<void(Fact)> note = {};
  };

  AccessControl(Options options, observe::Metrics& metrics);

  struct Credentials {
    std::string_view authorization = {};
    std::string_view service = {};
    std::string_view service_secret = {};
    bool in_process = false;  // The call came by gRPC's in-process channel.
    // The names in the certificate of the connection's other end; none without TLS.
    absl::Span<const std::string> certified = {};
  };
  absl::StatusOr<std::shared_ptr<const identity::Caller>> Identify(
      const Call& call, const Credentials& credentials) const;

  bool enforces() const { return options_.enforce; }
  // The two halves of Authorize, where access is enforced; counts refusals.
  absl::Status CheckCaller(const AccessRule& rule, const identity::Caller& caller,
                           const std::string& method) const;
  absl::Status CheckSubject(const Call& call, const AccessRule& rule,
                            const identity::Caller& caller,
                            const google::protobuf::Message& request,
                            const std::string& method) const;

  // What the audit has to know of a call that CheckSubject lets through: staff name another person.
  // It has no outcome yet.
  std::optional<Fact> FactOf(const AccessRule& rule, const identity::Caller& caller,
                             const google::protobuf::Message& request,
                             const std::string& method) const;
  // Tells of it, once it is known how the call ended.
  void Note(Fact fact, const absl::Status& ended) const;

 private:
  absl::StatusOr<std::shared_ptr<const identity::Caller>> ByToken(
      const Call& call, std::string_view authorization) const;
  absl::Status Count(absl::Status status, const identity::Caller& caller,
                     const std::string& method) const;

  const Options options_;
  observe::Metrics& metrics_;
  const observe::Counter accepted_;
  const observe::Counter refused_;
  const observe::Counter unavailable_;
};

}  // namespace selfology::rpc
