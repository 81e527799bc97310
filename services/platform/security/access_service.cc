#include "services/platform/security/access_service.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/identity/roles.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/security/access_rules.h"
#include "services/platform/security/access_store.h"
#include "services/platform/security/audit_store.h"
#include "services/platform/security/patterns.h"
#include "services/platform/security/sessions.h"

namespace selfology::security {
namespace {

using postgres::Transaction;
using status::CheckUser;
using status::FieldViolations;

constexpr paging::Limits kPage = {.default_size = 50, .max_size = 200};
constexpr size_t kMaxResource = 200;
constexpr int kMaxQuestions = 100;

// Everybody is a "user"; it is not granted.
void CheckRole(const std::string& role, FieldViolations& bad) {
  const auto rows = identity::RoleGrants();
  const bool known = std::any_of(rows.begin(), rows.end(),
                                 [&](const identity::RoleGrant& row) { return row.role == role; });
  if (!known || role == identity::kUserRole) {
    bad.Add("role", "must be admin, manager, editor, viewer or developer");
  }
}

void CheckResource(std::string_view field, std::string_view resource, FieldViolations& bad) {
  if (resource.size() > kMaxResource ||
      !std::all_of(resource.begin(), resource.end(), absl::ascii_isgraph)) {
    bad.Add(field, absl::StrCat("must be at most ", kMaxResource,
                                " printable ASCII characters without spaces"));
  }
}

// Who did it, as far as is known.
store::AuditFact By(const Call& call, std::string_view action, absl::Time now) {
  store::AuditFact fact = {.actor_id = call.caller()->user_id,
                           .service = call.caller()->service,
                           .action = std::string(action),
                           .at = now};
  return fact;
}

template <typename Response>
Response WithRoles(const std::vector<std::string>& roles) {
  Response response;
  for (const std::string& role : roles) response.add_roles(role);
  return response;
}

}  // namespace

AccessService::AccessService(postgres::Database& database, Clock clock,
                             const SecuritySettings& settings)
    : database_(database), clock_(std::move(clock)), settings_(settings) {}

absl::Time AccessService::Now() const { return timestamps::WholeMicroseconds(clock_()); }

absl::StatusOr<v1::GrantRoleResponse> AccessService::GrantRole(
    const Call& call, const v1::GrantRoleRequest& request) {
  FieldViolations bad = CheckUser(request);
  CheckRole(request.role(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = Now();
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::GrantRoleResponse> {
    ASSIGN_OR_RETURN(const bool added, store::AddRole(tx, request.user_id(), request.role(), now));
    if (added) {
      store::AuditFact fact = By(call, "role.granted", now);
      fact.subject_id = request.user_id();
      fact.method = request.role();
      RETURN_IF_ERROR(store::AppendAudit(tx, fact));
    }
    ASSIGN_OR_RETURN(const auto roles, store::ReadRoles(tx, request.user_id()));
    return WithRoles<v1::GrantRoleResponse>(roles);
  });
}

absl::StatusOr<v1::RevokeRoleResponse> AccessService::RevokeRole(
    const Call& call, const v1::RevokeRoleRequest& request) {
  FieldViolations bad = CheckUser(request);
  CheckRole(request.role(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = Now();
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::RevokeRoleResponse> {
    ASSIGN_OR_RETURN(const bool removed, store::RemoveRole(tx, request.user_id(), request.role()));
    if (removed) {
      RETURN_IF_ERROR(RevokeTokensOf(tx, settings_, request.user_id(), now));
      store::AuditFact fact = By(call, "role.revoked", now);
      fact.subject_id = request.user_id();
      fact.method = request.role();
      RETURN_IF_ERROR(store::AppendAudit(tx, fact));
    }
    ASSIGN_OR_RETURN(const auto roles, store::ReadRoles(tx, request.user_id()));
    return WithRoles<v1::RevokeRoleResponse>(roles);
  });
}

absl::StatusOr<v1::ListRolesResponse> AccessService::ListRoles(
    const Call& call, const v1::ListRolesRequest& request) {
  RETURN_IF_ERROR(CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(
      std::vector<std::string> roles,
      database_.Read(call, [&](Transaction& tx) { return store::ReadRoles(tx, request.user_id()); },
                     {.newest = true}));
  roles.insert(roles.begin(), std::string(identity::kUserRole));
  v1::ListRolesResponse response = WithRoles<v1::ListRolesResponse>(roles);
  for (const std::string& pattern : identity::PatternsOf(roles)) {
    response.add_permissions(pattern);
  }
  return response;
}

absl::StatusOr<v1::GrantAccessResponse> AccessService::GrantAccess(
    const Call& call, const v1::GrantAccessRequest& request) {
  const absl::Time now = Now();
  FieldViolations bad;
  const v1::Principal& principal = request.principal();
  if (principal.person_id() <= 0 && principal.team_id() <= 0) {
    bad.Add("principal", "must be a person or a team");
  }
  CheckGrantable("pattern", request.pattern(), bad);
  CheckResource("resource", request.resource(), bad);
  std::optional<absl::Time> expires_at;
  if (request.has_expires_at()) expires_at = timestamps::FromProto(request.expires_at());
  if (expires_at.has_value() && *expires_at <= now) bad.Add("expires_at", "must be in the future");
  RETURN_IF_ERROR(bad.ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::GrantAccessResponse> {
    v1::GrantAccessResponse response;
    ASSIGN_OR_RETURN(*response.mutable_grant(),
                     store::SaveGrant(tx,
                                      {.person_id = principal.person_id(),
                                       .team_id = principal.team_id(),
                                       .pattern = request.pattern(),
                                       .resource = request.resource()},
                                      expires_at, now));
    store::AuditFact fact = By(call, "access.granted", now);
    fact.subject_id = principal.person_id();
    fact.method = request.pattern();
    RETURN_IF_ERROR(store::AppendAudit(tx, fact));
    return response;
  });
}

absl::StatusOr<v1::RevokeAccessResponse> AccessService::RevokeAccess(
    const Call& call, const v1::RevokeAccessRequest& request) {
  if (request.grant_id() <= 0) return status::InvalidField("grant_id", "must be set");
  const absl::Time now = Now();
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::RevokeAccessResponse> {
    ASSIGN_OR_RETURN(const std::optional<v1::Grant> grant,
                     store::DeleteGrant(tx, request.grant_id()));
    if (!grant.has_value()) {
      return status::Error(mesh::v1::ERROR_CODE_GRANT_NOT_FOUND, "there is no such grant");
    }
    store::AuditFact fact = By(call, "access.revoked", now);
    fact.subject_id = grant->principal().person_id();
    fact.method = grant->pattern();
    RETURN_IF_ERROR(store::AppendAudit(tx, fact));
    return v1::RevokeAccessResponse();
  });
}

absl::StatusOr<v1::ListGrantsResponse> AccessService::ListGrants(
    const Call& call, const v1::ListGrantsRequest& request) {
  FieldViolations bad;
  if (request.person_id() <= 0 && request.team_id() <= 0 && request.resource().empty()) {
    bad.Add("person_id", "must be set, or team_id or resource");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(std::vector<v1::Grant> grants,
                   database_.Read(call,
                                  [&](Transaction& tx) {
                                    return store::ListGrants(tx, {.person_id = request.person_id(),
                                                                  .team_id = request.team_id(),
                                                                  .resource = request.resource(),
                                                                  .before_id = before,
                                                                  .limit = page.limit()});
                                  },
                                  {.newest = true}));
  v1::ListGrantsResponse response;
  response.set_next_page_token(page.Cut(grants, &v1::Grant::grant_id));
  for (v1::Grant& grant : grants) *response.add_grants() = std::move(grant);
  return response;
}

absl::StatusOr<v1::CheckPermissionResponse> AccessService::CheckPermission(
    const Call& call, const v1::CheckPermissionRequest& request) {
  FieldViolations bad = CheckUser(request);
  if (request.questions().empty() || request.questions_size() > kMaxQuestions) {
    bad.Add("questions", absl::StrCat("must be 1 to ", kMaxQuestions));
  }
  for (int i = 0; i < request.questions_size(); ++i) {
    const std::string& permission = request.questions(i).permission();
    if (!IsPattern(permission) || permission.ends_with('*')) {
      bad.Add(absl::StrCat("questions[", i, "].permission"), "must be a permission");
    }
    CheckResource(absl::StrCat("questions[", i, "].resource"), request.questions(i).resource(),
                  bad);
  }
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = Now();
  ASSIGN_OR_RETURN(
      const Standing standing,
      database_.Read(
          call, [&](Transaction& tx) { return store::ReadStanding(tx, request.user_id(), now); },
          {.newest = true}));
  v1::CheckPermissionResponse response;
  for (const v1::PermissionQuestion& question : request.questions()) {
    const Decision decision =
        Decide(standing, {question.permission(), question.resource(), question.of_others()}, now);
    v1::PermissionAnswer& answer = *response.add_answers();
    answer.set_allowed(decision.allowed);
    answer.set_granted_by(std::string(decision.granted_by));
  }
  return response;
}

}  // namespace selfology::security
