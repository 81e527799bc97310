#include "services/platform/user/teams/team_service.h"

#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "common/events/outbox.h"
#include "common/idempotency/once.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/user.pb.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/user/accounts/account_service.h"
#include "services/platform/user/accounts/profile_rules.h"
#include "services/platform/user/subscriptions/subscription_store.h"
#include "services/platform/user/teams/team_events.h"
#include "services/platform/user/teams/team_store.h"

namespace selfology::user {
namespace {

using postgres::Transaction;
using status::FieldViolations;

constexpr paging::Limits kPage = {.default_size = 50, .max_size = 100};
constexpr absl::Duration kInvitationLasts = absl::Hours(7 * 24);
constexpr int kMaxName = 64;

absl::Status TeamNotFound() {
  return status::Error(mesh::v1::ERROR_CODE_TEAM_NOT_FOUND, "no such team of the person");
}

absl::Status InvitationNotFound() {
  return status::Error(mesh::v1::ERROR_CODE_INVITATION_NOT_FOUND, "no such invitation");
}

template <typename Request>
FieldViolations CheckTeam(const Request& request) {
  FieldViolations bad = status::CheckUser(request);
  if (request.team_id() < 1) bad.Add("team_id", "must be above 0");
  return bad;
}

// For a member.
absl::StatusOr<v1::Team> ReadTeamOf(Transaction& tx, int64_t team_id) {
  ASSIGN_OR_RETURN(std::optional<v1::Team> team, store::ReadTeam(tx, team_id));
  if (!team.has_value()) return TeamNotFound();
  return *std::move(team);
}

}  // namespace

TeamService::TeamService(postgres::Database& database, Clock clock)
    : database_(database), clock_(std::move(clock)) {}

absl::Time TeamService::Now() const { return timestamps::WholeMicroseconds(clock_()); }

absl::StatusOr<int> TeamService::MemberLimit(Transaction& tx, int64_t team_id) {
  ASSIGN_OR_RETURN(const KnownSubscription subscription,
                   store::ReadSubscription(tx, store::Owner::kTeam, team_id));
  return LimitsOf(EffectivePlan(subscription, Now())).team_members();
}

absl::Status TeamService::Change(Transaction& tx, int64_t team_id,
                                 absl::FunctionRef<absl::Status(Members&)> rule) {
  store::LockTeam(tx, team_id);
  ASSIGN_OR_RETURN(const Members before, store::ReadMembers(tx, team_id));
  Members after = before;
  RETURN_IF_ERROR(rule(after));
  store::SaveMembers(tx, team_id, before, after, Now());
  return TellChanges(tx, team_id, before, after);
}

absl::StatusOr<v1::CreateTeamResponse> TeamService::CreateTeam(
    const Call& call, const v1::CreateTeamRequest& request) {
  const std::string name(text::Trim(request.name()));
  FieldViolations bad = status::CheckUser(request);
  const int length = text::Characters(name);
  if (length < 1 || length > kMaxName || !text::IsStorable(name)) {
    bad.Add("name", "must be 1 to 64 characters");
  }
  idempotency::CheckKey(request.idempotency_key(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = Now();
  const auto create = [&](Transaction& tx) -> absl::StatusOr<v1::CreateTeamResponse> {
    if (request.user_id() >= kFirstWebId) RETURN_IF_ERROR(ReadLiveAccount(tx, request.user_id()));
    ASSIGN_OR_RETURN(const int64_t team_id, store::InsertTeam(tx, name, now));
    store::SaveMembers(tx, team_id, {}, {{request.user_id(), v1::TEAM_ROLE_OWNER}}, now);
    RETURN_IF_ERROR(TellCreated(tx, team_id, request.user_id()));
    v1::CreateTeamResponse response;
    ASSIGN_OR_RETURN(*response.mutable_team(), ReadTeamOf(tx, team_id));
    return response;
  };
  return database_.Write(call, [&](Transaction& tx) {
    return idempotency::Once<v1::CreateTeamResponse>(
        tx, {store::kRequests, request.user_id(), "CreateTeam", request.idempotency_key(), now},
        [&] { return create(tx); });
  });
}

absl::StatusOr<v1::GetTeamResponse> TeamService::GetTeam(const Call& call,
                                                         const v1::GetTeamRequest& request) {
  RETURN_IF_ERROR(CheckTeam(request).ToStatus());
  return database_.Read(call, [&](Transaction& tx) -> absl::StatusOr<v1::GetTeamResponse> {
    ASSIGN_OR_RETURN(const Members members, store::ReadMembers(tx, request.team_id()));
    if (!members.contains(request.user_id())) return TeamNotFound();
    v1::GetTeamResponse response;
    ASSIGN_OR_RETURN(*response.mutable_team(), ReadTeamOf(tx, request.team_id()));
    ASSIGN_OR_RETURN(const auto list, store::ListMembers(tx, request.team_id()));
    response.mutable_members()->Assign(list.begin(), list.end());
    return response;
  });
}

absl::StatusOr<v1::ListTeamsResponse> TeamService::ListTeams(const Call& call,
                                                             const v1::ListTeamsRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(std::vector<v1::Team> teams, database_.Read(call, [&](Transaction& tx) {
    return store::ListTeams(tx, request.user_id(), before, page.limit());
  }));
  v1::ListTeamsResponse response;
  response.set_next_page_token(page.Cut(teams, &v1::Team::team_id));
  response.mutable_teams()->Assign(teams.begin(), teams.end());
  return response;
}

absl::StatusOr<v1::InviteToTeamResponse> TeamService::InviteToTeam(
    const Call& call, const v1::InviteToTeamRequest& request) {
  FieldViolations bad = CheckTeam(request);
  bad.CheckUserId(request.invited_user_id(), "invited_user_id");
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = Now();
  const v1::TeamRole role =
      request.role() == v1::TEAM_ROLE_UNSPECIFIED ? v1::TEAM_ROLE_MEMBER : request.role();
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::InviteToTeamResponse> {
    store::LockTeam(tx, request.team_id());
    ASSIGN_OR_RETURN(const Members members, store::ReadMembers(tx, request.team_id()));
    ASSIGN_OR_RETURN(const int invited, store::CountOtherInvitations(
                                            tx, request.team_id(), request.invited_user_id(), now));
    ASSIGN_OR_RETURN(const int limit, MemberLimit(tx, request.team_id()));
    RETURN_IF_ERROR(MayInvite(members, request.user_id(), request.invited_user_id(), role,
                              static_cast<int>(members.size()) + invited, limit));
    if (request.invited_user_id() >= kFirstWebId) {
      RETURN_IF_ERROR(ReadLiveAccount(tx, request.invited_user_id()));
    }
    v1::InviteToTeamResponse response;
    v1::TeamInvitation& invitation = *response.mutable_invitation();
    invitation.set_team_id(request.team_id());
    invitation.set_invited_user_id(request.invited_user_id());
    invitation.set_invited_by_user_id(request.user_id());
    invitation.set_role(role);
    *invitation.mutable_expires_at() = timestamps::ToProto(now + kInvitationLasts);
    ASSIGN_OR_RETURN(const v1::Team team, ReadTeamOf(tx, request.team_id()));
    invitation.set_team_name(team.name());
    ASSIGN_OR_RETURN(const int64_t id, store::SaveInvitation(tx, invitation));
    invitation.set_invitation_id(id);
    events::v1::TeamMemberInvited event;
    event.set_team_id(request.team_id());
    event.set_user_id(request.invited_user_id());
    event.set_invited_by_user_id(request.user_id());
    RETURN_IF_ERROR(events::Publish(tx, event));
    return response;
  });
}

absl::StatusOr<v1::ListTeamInvitationsResponse> TeamService::ListTeamInvitations(
    const Call& call, const v1::ListTeamInvitationsRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(
      std::vector<v1::TeamInvitation> invitations, database_.Read(call, [&](Transaction& tx) {
        return store::ListInvitations(tx, request.user_id(), Now(), before, page.limit());
      }));
  v1::ListTeamInvitationsResponse response;
  response.set_next_page_token(page.Cut(invitations, &v1::TeamInvitation::invitation_id));
  response.mutable_invitations()->Assign(invitations.begin(), invitations.end());
  return response;
}

absl::StatusOr<v1::AcceptTeamInvitationResponse> TeamService::AcceptTeamInvitation(
    const Call& call, const v1::AcceptTeamInvitationRequest& request) {
  RETURN_IF_ERROR(CheckTeam(request).ToStatus());
  return database_.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::AcceptTeamInvitationResponse> {
        store::LockTeam(tx, request.team_id());
        ASSIGN_OR_RETURN(const auto invitation,
                         store::TakeInvitation(tx, request.team_id(), request.user_id(), Now()));
        if (!invitation.has_value()) return InvitationNotFound();
        ASSIGN_OR_RETURN(const int limit, MemberLimit(tx, request.team_id()));
        RETURN_IF_ERROR(Change(tx, request.team_id(), [&](Members& members) {
          return Join(members, request.user_id(), invitation->role(), limit);
        }));
        v1::AcceptTeamInvitationResponse response;
        ASSIGN_OR_RETURN(*response.mutable_team(), ReadTeamOf(tx, request.team_id()));
        return response;
      });
}

absl::StatusOr<v1::DeclineTeamInvitationResponse> TeamService::DeclineTeamInvitation(
    const Call& call, const v1::DeclineTeamInvitationRequest& request) {
  RETURN_IF_ERROR(CheckTeam(request).ToStatus());
  return database_.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::DeclineTeamInvitationResponse> {
        ASSIGN_OR_RETURN(const auto invitation,
                         store::TakeInvitation(tx, request.team_id(), request.user_id(), Now()));
        if (!invitation.has_value()) return InvitationNotFound();
        return v1::DeclineTeamInvitationResponse();
      });
}

absl::StatusOr<v1::SetTeamRoleResponse> TeamService::SetTeamRole(
    const Call& call, const v1::SetTeamRoleRequest& request) {
  RETURN_IF_ERROR(CheckTeam(request).ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::SetTeamRoleResponse> {
    RETURN_IF_ERROR(Change(tx, request.team_id(), [&](Members& members) {
      return ChangeRole(members, request.user_id(), request.member_user_id(), request.role());
    }));
    ASSIGN_OR_RETURN(const auto members, store::ListMembers(tx, request.team_id()));
    v1::SetTeamRoleResponse response;
    for (const v1::TeamMember& member : members) {
      if (member.user_id() == request.member_user_id()) *response.mutable_member() = member;
    }
    return response;
  });
}

absl::StatusOr<v1::RemoveTeamMemberResponse> TeamService::RemoveTeamMember(
    const Call& call, const v1::RemoveTeamMemberRequest& request) {
  RETURN_IF_ERROR(CheckTeam(request).ToStatus());
  return database_.Write(call,
                         [&](Transaction& tx) -> absl::StatusOr<v1::RemoveTeamMemberResponse> {
                           RETURN_IF_ERROR(Change(tx, request.team_id(), [&](Members& members) {
                             return Remove(members, request.user_id(), request.member_user_id());
                           }));
                           return v1::RemoveTeamMemberResponse();
                         });
}

absl::StatusOr<v1::LeaveTeamResponse> TeamService::LeaveTeam(const Call& call,
                                                             const v1::LeaveTeamRequest& request) {
  RETURN_IF_ERROR(CheckTeam(request).ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::LeaveTeamResponse> {
    RETURN_IF_ERROR(Change(tx, request.team_id(),
                           [&](Members& members) { return Leave(members, request.user_id()); }));
    return v1::LeaveTeamResponse();
  });
}

absl::StatusOr<v1::TransferTeamResponse> TeamService::TransferTeam(
    const Call& call, const v1::TransferTeamRequest& request) {
  RETURN_IF_ERROR(CheckTeam(request).ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::TransferTeamResponse> {
    RETURN_IF_ERROR(Change(tx, request.team_id(), [&](Members& members) {
      return Transfer(members, request.user_id(), request.new_owner_user_id());
    }));
    v1::TransferTeamResponse response;
    ASSIGN_OR_RETURN(*response.mutable_team(), ReadTeamOf(tx, request.team_id()));
    return response;
  });
}

absl::StatusOr<v1::DeleteTeamResponse> TeamService::DeleteTeam(
    const Call& call, const v1::DeleteTeamRequest& request) {
  RETURN_IF_ERROR(CheckTeam(request).ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::DeleteTeamResponse> {
    store::LockTeam(tx, request.team_id());
    ASSIGN_OR_RETURN(const Members members, store::ReadMembers(tx, request.team_id()));
    RETURN_IF_ERROR(MayDelete(members, request.user_id()));
    store::DeleteTeam(tx, request.team_id());
    RETURN_IF_ERROR(TellDeleted(tx, request.team_id()));
    return v1::DeleteTeamResponse();
  });
}

}  // namespace selfology::user
