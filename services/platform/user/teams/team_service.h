// The RPCs of teams; see proto/selfology/user/v1/team_service.proto for what each does.
#pragma once

#include <functional>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/user/v1/team_service_endpoints.h"
#include "services/platform/user/teams/team_rules.h"

namespace selfology::user {

class TeamService final : public v1::TeamServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  TeamService(postgres::Database& database, Clock clock);

  absl::StatusOr<v1::CreateTeamResponse> CreateTeam(const Call& call,
                                                    const v1::CreateTeamRequest& request) override;
  absl::StatusOr<v1::GetTeamResponse> GetTeam(const Call& call,
                                              const v1::GetTeamRequest& request) override;
  absl::StatusOr<v1::ListTeamsResponse> ListTeams(const Call& call,
                                                  const v1::ListTeamsRequest& request) override;
  absl::StatusOr<v1::InviteToTeamResponse> InviteToTeam(
      const Call& call, const v1::InviteToTeamRequest& request) override;
  absl::StatusOr<v1::ListTeamInvitationsResponse> ListTeamInvitations(
      const Call& call, const v1::ListTeamInvitationsRequest& request) override;
  absl::StatusOr<v1::AcceptTeamInvitationResponse> AcceptTeamInvitation(
      const Call& call, const v1::AcceptTeamInvitationRequest& request) override;
  absl::StatusOr<v1::DeclineTeamInvitationResponse> DeclineTeamInvitation(
      const Call& call, const v1::DeclineTeamInvitationRequest& request) override;
  absl::StatusOr<v1::SetTeamRoleResponse> SetTeamRole(
      const Call& call, const v1::SetTeamRoleRequest& request) override;
  absl::StatusOr<v1::RemoveTeamMemberResponse> RemoveTeamMember(
      const Call& call, const v1::RemoveTeamMemberRequest& request) override;
  absl::StatusOr<v1::LeaveTeamResponse> LeaveTeam(const Call& call,
                                                  const v1::LeaveTeamRequest& request) override;
  absl::StatusOr<v1::TransferTeamResponse> TransferTeam(
      const Call& call, const v1::TransferTeamRequest& request) override;
  absl::StatusOr<v1::DeleteTeamResponse> DeleteTeam(const Call& call,
                                                    const v1::DeleteTeamRequest& request) override;

 private:
  // Changes a team's members by a rule, and tells what came of it.
  absl::Status Change(postgres::Transaction& tx, int64_t team_id,
                      absl::FunctionRef<absl::Status(Members&)> rule);
  absl::StatusOr<int> MemberLimit(postgres::Transaction& tx, int64_t team_id);
  absl::Time Now() const;

  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::user
