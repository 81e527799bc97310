#include "common/rpc/access_control.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "openssl/crypto.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::rpc {
namespace {

using identity::Caller;

// ErasureService.EraseUser's.
constexpr char kEraseEverywhere[] = "mesh.data.erase";
constexpr char kAttempts[] = "auth_attempts_total";
constexpr char kAttemptsHelp[] = "Tokens, API keys and service secrets that callers showed";

absl::Status Refused(std::string_view why) {
  return status::Error(mesh::v1::ERROR_CODE_UNAUTHENTICATED, why);
}

bool Contains(absl::Span<const std::string> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// In a time that says nothing about how much of it is right.
bool Equal(std::string_view one, std::string_view other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace

absl::StatusOr<std::string_view> BearerOf(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (!absl::StartsWithIgnoreCase(authorization, kScheme)) {
    return Refused("authorization must be \"Bearer <token>\"");
  }
  const std::string_view token = absl::StripAsciiWhitespace(authorization.substr(kScheme.size()));
  if (token.empty()) return Refused("authorization has no token");
  return token;
}

AccessControl::AccessControl(Options options, observe::Metrics& metrics)
    : options_(std::move(options)),
      metrics_(metrics),
      accepted_(metrics.Counter(kAttempts, kAttemptsHelp, {{"result", "ok"}})),
      refused_(metrics.Counter(kAttempts, kAttemptsHelp, {{"result", "refused"}})),
      unavailable_(metrics.Counter(kAttempts, kAttemptsHelp, {{"result", "unavailable"}})) {}

absl::StatusOr<std::shared_ptr<const Caller>> AccessControl::Identify(
    const Call& call, const Credentials& credentials) const {
  const absl::Span<const std::string> certified = credentials.certified;
  std::string_view service = credentials.service;
  bool is_service = credentials.in_process && !service.empty();
  if (!certified.empty()) {
    is_service = !service.empty();
    // The kernel's calls have a name of their own; the certificate's is the process's.
    if (!Contains(certified, service)) service = certified.front();
  } else if (!is_service && !credentials.service_secret.empty() &&
             !options_.service_secret.empty()) {
    if (credentials.service.empty() ||
        !Equal(credentials.service_secret, options_.service_secret)) {
      refused_.Increment();
      return Refused("the service's secret is wrong, or it has no name");
    }
    is_service = true;
  }
  if (credentials.authorization.empty()) {
    return is_service ? identity::Service(service) : identity::Anonymous();
  }
  ASSIGN_OR_RETURN(std::shared_ptr<const Caller> caller, ByToken(call, credentials.authorization));
  if (!certified.empty() && caller->kind == Caller::Kind::kService &&
      !Contains(certified, caller->service)) {
    return Refused("the token is another service's than the certificate");
  }
  if (!is_service) return caller;
  Caller passed_on = *caller;
  passed_on.actor = service;
  return std::make_shared<const Caller>(std::move(passed_on));
}

absl::StatusOr<std::shared_ptr<const Caller>> AccessControl::ByToken(
    const Call& call, std::string_view authorization) const {
  absl::StatusOr<std::shared_ptr<const Caller>> caller =
      options_.authenticate == nullptr ? Refused("tokens are not accepted here")
                                       : options_.authenticate(call, authorization);
  const bool refused = absl::IsUnauthenticated(caller.status());
  (caller.ok() ? accepted_ : refused ? refused_ : unavailable_).Increment();
  return caller;
}

absl::Status AccessControl::CheckCaller(const AccessRule& rule, const Caller& caller,
                                        const std::string& method) const {
  if (!options_.enforce) return absl::OkStatus();
  return Count(rule.CheckCaller(caller), caller, method);
}

absl::Status AccessControl::CheckSubject(const Call& call, const AccessRule& rule,
                                         const Caller& caller,
                                         const google::protobuf::Message& request,
                                         const std::string& method) const {
  if (!options_.enforce) return absl::OkStatus();
  const auto granted = [&](absl::Span<const std::string> resources) -> absl::StatusOr<bool> {
    if (options_.granted == nullptr) return false;
    return options_.granted(call, caller.user_id, rule.permission(), resources);
  };
  return Count(rule.CheckSubject(caller, request, granted), caller, method);
}

std::optional<AccessControl::Fact> AccessControl::FactOf(const AccessRule& rule,
                                                         const Caller& caller,
                                                         const google::protobuf::Message& request,
                                                         const std::string& method) const {
  if (!options_.enforce || options_.note == nullptr || caller.kind != Caller::Kind::kPerson) {
    return std::nullopt;
  }
  int64_t subject = rule.SubjectOf(request);
  if (subject == 0 || subject == caller.user_id) return std::nullopt;
  // The audit hears of it when they are gone: it would make them a new pseudonym.
  if (rule.permission() == kEraseEverywhere) subject = 0;
  return Fact{.actor_id = caller.user_id,
              .action = rule.reads() ? "data.read" : "data.changed",
              .subject_id = subject,
              .method = method};
}

void AccessControl::Note(Fact fact, const absl::Status& ended) const {
  if (options_.note == nullptr) return;
  fact.outcome = ended.ok() ? "ok" : "failed";
  options_.note(std::move(fact));
}

absl::Status AccessControl::Count(absl::Status status, const Caller& caller,
                                  const std::string& method) const {
  if (!absl::IsPermissionDenied(status)) return status;
  metrics_
      .Counter("permission_denied_total", "Calls refused for lack of a permission",
               {{"method", method}})
      .Increment();
  if (options_.note != nullptr) {
    options_.note({.actor_id = caller.user_id,
                   .action = "call.made",
                   .outcome = "refused",
                   .method = method});
  }
  return status;
}

}  // namespace selfology::rpc
