// The RPCs of skill trees; see proto/selfology/user/v1/skill_tree_service.proto for what each does.
#pragma once

#include <functional>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/user/v1/skill_tree_service_endpoints.h"
#include "services/platform/user/skills/skill_tree.h"

namespace selfology::user {

class SkillTreeService final : public v1::SkillTreeServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  SkillTreeService(postgres::Database& database, Clock clock);

  absl::StatusOr<v1::CreateSkillTreeResponse> CreateSkillTree(
      const Call& call, const v1::CreateSkillTreeRequest& request) override;
  absl::StatusOr<v1::GetSkillTreeResponse> GetSkillTree(
      const Call& call, const v1::GetSkillTreeRequest& request) override;
  absl::StatusOr<v1::ListSkillTreesResponse> ListSkillTrees(
      const Call& call, const v1::ListSkillTreesRequest& request) override;
  absl::StatusOr<v1::SetSkillNodeResponse> SetSkillNode(
      const Call& call, const v1::SetSkillNodeRequest& request) override;
  absl::StatusOr<v1::RemoveSkillNodeResponse> RemoveSkillNode(
      const Call& call, const v1::RemoveSkillNodeRequest& request) override;
  absl::StatusOr<v1::GrantSkillPointsResponse> GrantSkillPoints(
      const Call& call, const v1::GrantSkillPointsRequest& request) override;
  absl::StatusOr<v1::UnlockSkillResponse> UnlockSkill(
      const Call& call, const v1::UnlockSkillRequest& request) override;
  absl::StatusOr<v1::DeleteSkillTreeResponse> DeleteSkillTree(
      const Call& call, const v1::DeleteSkillTreeRequest& request) override;

 private:
  // Changes a person's tree by a rule; gives it as it is then.
  absl::StatusOr<v1::SkillTree> Change(postgres::Transaction& tx, int64_t user_id, int64_t tree_id,
                                       absl::FunctionRef<absl::Status(Tree&)> rule);
  absl::Time Now() const;

  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::user
