#include "services/platform/user/skills/skill_tree_service.h"

#include <string>

#include "selfology/user/v1/skill_tree_service_client.h"
#include "services/platform/user/user_fixture_test.h"

namespace selfology::user {
namespace {

using events::v1::SkillUnlocked;
using ::testing::SizeIs;

constexpr int64_t kAnn = 101;

class SkillTreeServiceTest : public UserTest {
 protected:
  void SetUp() override {
    UserTest::SetUp();
    skills_.emplace(Peer("user"));
  }
  template <typename Request>
  Request In(int64_t tree) {
    Request request;
    request.set_user_id(kAnn);
    request.set_tree_id(tree);
    return request;
  }
  absl::StatusOr<v1::SkillTree> Create(const std::string& key = "key") {
    v1::CreateSkillTreeRequest request;
    request.set_user_id(kAnn);
    request.set_title("Piano");
    request.set_idempotency_key(key);
    for (const char* id : {"scales", "notes"}) {
      v1::SkillNode& node = *request.add_nodes();
      node.set_node_id(id);
      node.set_title("A skill");
      node.set_cost(2);
    }
    request.mutable_nodes(0)->add_prerequisite_ids("notes");
    const auto response = skills_->CreateSkillTree(Deadline(), request);
    if (!response.ok()) return response.status();
    return response->tree();
  }
  absl::StatusOr<v1::SkillTree> Unlock(int64_t tree, const std::string& node) {
    auto request = In<v1::UnlockSkillRequest>(tree);
    request.set_node_id(node);
    const auto response = skills_->UnlockSkill(Deadline(), request);
    if (!response.ok()) return response.status();
    return response->tree();
  }

  std::optional<v1::SkillTreeServiceClient> skills_;
};

TEST_F(SkillTreeServiceTest, PointsUnlockWhatIsNext) {
  const auto tree = Create();
  ASSERT_TRUE(tree.ok()) << tree.status();
  EXPECT_EQ(Create()->tree_id(), tree->tree_id()) << "sent twice";
  EXPECT_EQ(ReasonOf(Unlock(tree->tree_id(), "notes")), "SKILL_LOCKED");
  auto grant = In<v1::GrantSkillPointsRequest>(tree->tree_id());
  grant.set_points(4);
  grant.set_idempotency_key("reward");
  EXPECT_EQ(skills_->GrantSkillPoints(Deadline(), grant)->points(), 4);
  EXPECT_EQ(skills_->GrantSkillPoints(Deadline(), grant)->points(), 4) << "sent twice";
  EXPECT_EQ(ReasonOf(Unlock(tree->tree_id(), "scales")), "SKILL_LOCKED");
  EXPECT_EQ(Unlock(tree->tree_id(), "notes")->points(), 2);
  EXPECT_EQ(Unlock(tree->tree_id(), "notes")->points(), 2);
  EXPECT_EQ(Unlock(tree->tree_id(), "scales")->points(), 0);
  EXPECT_EQ(ReasonOf(Unlock(tree->tree_id(), "chords")), "SKILL_NOT_FOUND");
  EXPECT_THAT(Published<SkillUnlocked>(), SizeIs(2));
  const auto read = skills_->GetSkillTree(Deadline(), In<v1::GetSkillTreeRequest>(tree->tree_id()));
  for (const v1::SkillNode& node : read->tree().nodes()) EXPECT_TRUE(node.has_unlocked_at());
}

TEST_F(SkillTreeServiceTest, NodesAreSetAndRemovedWithoutACycle) {
  const int64_t tree = Create()->tree_id();
  auto set = In<v1::SetSkillNodeRequest>(tree);
  set.mutable_node()->set_node_id("notes");
  set.mutable_node()->set_title("Notes");
  set.mutable_node()->add_prerequisite_ids("scales");
  EXPECT_EQ(ReasonOf(skills_->SetSkillNode(Deadline(), set)), "INVALID_ARGUMENT");
  set.mutable_node()->clear_prerequisite_ids();
  EXPECT_TRUE(skills_->SetSkillNode(Deadline(), set).ok());
  auto remove = In<v1::RemoveSkillNodeRequest>(tree);
  remove.set_node_id("scales");
  EXPECT_THAT(skills_->RemoveSkillNode(Deadline(), remove)->tree().nodes(), SizeIs(1));
  ASSERT_TRUE(Create("another").ok());
  v1::ListSkillTreesRequest list;
  list.set_user_id(kAnn);
  EXPECT_THAT(skills_->ListSkillTrees(Deadline(), list)->trees(), SizeIs(2));
  EXPECT_TRUE(skills_->DeleteSkillTree(Deadline(), In<v1::DeleteSkillTreeRequest>(tree)).ok());
  EXPECT_EQ(ReasonOf(skills_->DeleteSkillTree(Deadline(), In<v1::DeleteSkillTreeRequest>(tree))),
            "SKILL_NOT_FOUND");
}

}  // namespace
}  // namespace selfology::user
