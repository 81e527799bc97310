#include "services/platform/user/skills/skill_tree_service.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/idempotency/once.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/user.pb.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/user/skills/skill_store.h"
#include "services/platform/user/teams/team_store.h"

namespace selfology::user {
namespace {

using postgres::Transaction;
using status::FieldViolations;
using store::KnownTree;

constexpr paging::Limits kPage = {.default_size = 10, .max_size = 20};
constexpr int kMaxTrees = 100;
constexpr int kMaxTitle = 100;

absl::Status TreeNotFound() {
  return status::Error(mesh::v1::ERROR_CODE_SKILL_NOT_FOUND, "no such tree of the person");
}

template <typename Request>
FieldViolations CheckTree(const Request& request) {
  FieldViolations bad = status::CheckUser(request);
  if (request.tree_id() < 1) bad.Add("tree_id", "must be above 0");
  return bad;
}

Node ToNode(const v1::SkillNode& proto) {
  const std::set<std::string> prerequisites(proto.prerequisite_ids().begin(),
                                            proto.prerequisite_ids().end());
  return {.title = std::string(text::Trim(proto.title())),
          .cost = proto.cost(),
          .prerequisites = {prerequisites.begin(), prerequisites.end()}};
}

v1::SkillTree ToProto(int64_t user_id, const KnownTree& known) {
  v1::SkillTree proto;
  proto.set_tree_id(known.tree_id);
  proto.set_user_id(user_id);
  proto.set_title(known.title);
  proto.set_points(known.tree.points);
  *proto.mutable_created_at() = timestamps::ToProto(known.created_at);
  for (const auto& [id, node] : known.tree.nodes) {
    v1::SkillNode& part = *proto.add_nodes();
    part.set_node_id(id);
    part.set_title(node.title);
    part.set_cost(node.cost);
    part.mutable_prerequisite_ids()->Assign(node.prerequisites.begin(), node.prerequisites.end());
    if (node.unlocked_at.has_value()) {
      *part.mutable_unlocked_at() = timestamps::ToProto(*node.unlocked_at);
    }
  }
  return proto;
}

}  // namespace

SkillTreeService::SkillTreeService(postgres::Database& database, Clock clock)
    : database_(database), clock_(std::move(clock)) {}

absl::Time SkillTreeService::Now() const { return timestamps::WholeMicroseconds(clock_()); }

absl::StatusOr<v1::SkillTree> SkillTreeService::Change(
    Transaction& tx, int64_t user_id, int64_t tree_id,
    absl::FunctionRef<absl::Status(Tree&)> rule) {
  store::LockSkills(tx, user_id);
  ASSIGN_OR_RETURN(std::optional<KnownTree> known, store::ReadTree(tx, user_id, tree_id));
  if (!known.has_value()) return TreeNotFound();
  const Tree before = known->tree;
  RETURN_IF_ERROR(rule(known->tree));
  store::SaveTree(tx, tree_id, before, known->tree);
  return ToProto(user_id, *known);
}

absl::StatusOr<v1::CreateSkillTreeResponse> SkillTreeService::CreateSkillTree(
    const Call& call, const v1::CreateSkillTreeRequest& request) {
  KnownTree known;
  known.title = std::string(text::Trim(request.title()));
  known.created_at = Now();
  FieldViolations bad = status::CheckUser(request);
  idempotency::CheckKey(request.idempotency_key(), bad);
  const int length = text::Characters(known.title);
  if (length < 1 || length > kMaxTitle || !text::IsStorable(known.title)) {
    bad.Add("title", "must be 1 to 100 characters");
  }
  for (int i = 0; i < request.nodes_size(); ++i) {
    const std::string field = absl::StrCat("nodes[", i, "]");
    Node node = ToNode(request.nodes(i));
    CheckNode(request.nodes(i).node_id(), node, field, bad);
    if (!known.tree.nodes.emplace(request.nodes(i).node_id(), std::move(node)).second) {
      bad.Add(absl::StrCat(field, ".node_id"), "must be unique in the tree");
    }
  }
  RETURN_IF_ERROR(bad.ToStatus());
  RETURN_IF_ERROR(Check(known.tree));
  const auto create = [&](Transaction& tx) -> absl::StatusOr<v1::CreateSkillTreeResponse> {
    ASSIGN_OR_RETURN(const int count, store::CountTrees(tx, request.user_id()));
    if (count >= kMaxTrees) return status::InvalidField("user_id", "must have less than 100 trees");
    ASSIGN_OR_RETURN(known.tree_id, store::InsertTree(tx, request.user_id(), known));
    v1::CreateSkillTreeResponse response;
    *response.mutable_tree() = ToProto(request.user_id(), known);
    return response;
  };
  return database_.Write(call, [&](Transaction& tx) {
    store::LockSkills(tx, request.user_id());
    return idempotency::Once<v1::CreateSkillTreeResponse>(
        tx,
        {store::kRequests, request.user_id(), "CreateSkillTree", request.idempotency_key(),
         known.created_at},
        [&] { return create(tx); });
  });
}

absl::StatusOr<v1::GetSkillTreeResponse> SkillTreeService::GetSkillTree(
    const Call& call, const v1::GetSkillTreeRequest& request) {
  RETURN_IF_ERROR(CheckTree(request).ToStatus());
  ASSIGN_OR_RETURN(const std::optional<KnownTree> known, database_.Read(call, [&](Transaction& tx) {
    return store::ReadTree(tx, request.user_id(), request.tree_id());
  }));
  if (!known.has_value()) return TreeNotFound();
  v1::GetSkillTreeResponse response;
  *response.mutable_tree() = ToProto(request.user_id(), *known);
  return response;
}

absl::StatusOr<v1::ListSkillTreesResponse> SkillTreeService::ListSkillTrees(
    const Call& call, const v1::ListSkillTreesRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const int64_t after, page.AfterId(0));
  ASSIGN_OR_RETURN(std::vector<KnownTree> trees, database_.Read(call, [&](Transaction& tx) {
    return store::ListTrees(tx, request.user_id(), after, page.limit());
  }));
  v1::ListSkillTreesResponse response;
  response.set_next_page_token(page.Cut(trees, &KnownTree::tree_id));
  for (const KnownTree& tree : trees) *response.add_trees() = ToProto(request.user_id(), tree);
  return response;
}

absl::StatusOr<v1::SetSkillNodeResponse> SkillTreeService::SetSkillNode(
    const Call& call, const v1::SetSkillNodeRequest& request) {
  const Node node = ToNode(request.node());
  FieldViolations bad = CheckTree(request);
  CheckNode(request.node().node_id(), node, "node", bad);
  RETURN_IF_ERROR(bad.ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::SetSkillNodeResponse> {
    v1::SetSkillNodeResponse response;
    ASSIGN_OR_RETURN(*response.mutable_tree(),
                     Change(tx, request.user_id(), request.tree_id(), [&](Tree& tree) {
                       return SetNode(tree, request.node().node_id(), node);
                     }));
    return response;
  });
}

absl::StatusOr<v1::RemoveSkillNodeResponse> SkillTreeService::RemoveSkillNode(
    const Call& call, const v1::RemoveSkillNodeRequest& request) {
  RETURN_IF_ERROR(CheckTree(request).ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::RemoveSkillNodeResponse> {
    v1::RemoveSkillNodeResponse response;
    ASSIGN_OR_RETURN(*response.mutable_tree(),
                     Change(tx, request.user_id(), request.tree_id(),
                            [&](Tree& tree) { return RemoveNode(tree, request.node_id()); }));
    return response;
  });
}

absl::StatusOr<v1::GrantSkillPointsResponse> SkillTreeService::GrantSkillPoints(
    const Call& call, const v1::GrantSkillPointsRequest& request) {
  FieldViolations bad = CheckTree(request);
  idempotency::CheckKey(request.idempotency_key(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  const auto grant = [&](Transaction& tx) -> absl::StatusOr<v1::GrantSkillPointsResponse> {
    ASSIGN_OR_RETURN(const v1::SkillTree tree,
                     Change(tx, request.user_id(), request.tree_id(),
                            [&](Tree& changed) { return GrantPoints(changed, request.points()); }));
    v1::GrantSkillPointsResponse response;
    response.set_points(tree.points());
    return response;
  };
  return database_.Write(call, [&](Transaction& tx) {
    store::LockSkills(tx, request.user_id());
    return idempotency::Once<v1::GrantSkillPointsResponse>(
        tx,
        {store::kRequests, request.user_id(), "GrantSkillPoints", request.idempotency_key(), Now()},
        [&] { return grant(tx); });
  });
}

absl::StatusOr<v1::UnlockSkillResponse> SkillTreeService::UnlockSkill(
    const Call& call, const v1::UnlockSkillRequest& request) {
  RETURN_IF_ERROR(CheckTree(request).ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::UnlockSkillResponse> {
    v1::UnlockSkillResponse response;
    bool is_new = false;
    events::v1::SkillUnlocked event;
    ASSIGN_OR_RETURN(
        *response.mutable_tree(),
        Change(tx, request.user_id(), request.tree_id(), [&](Tree& tree) -> absl::Status {
          ASSIGN_OR_RETURN(is_new, Unlock(tree, request.node_id(), Now()));
          event.set_cost(tree.nodes.at(request.node_id()).cost);
          return absl::OkStatus();
        }));
    if (!is_new) return response;
    event.set_user_id(request.user_id());
    event.set_tree_id(request.tree_id());
    event.set_node_id(request.node_id());
    RETURN_IF_ERROR(events::Publish(tx, event));
    return response;
  });
}

absl::StatusOr<v1::DeleteSkillTreeResponse> SkillTreeService::DeleteSkillTree(
    const Call& call, const v1::DeleteSkillTreeRequest& request) {
  RETURN_IF_ERROR(CheckTree(request).ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::DeleteSkillTreeResponse> {
    store::LockSkills(tx, request.user_id());
    ASSIGN_OR_RETURN(const bool deleted,
                     store::DeleteTree(tx, request.user_id(), request.tree_id()));
    if (!deleted) return TreeNotFound();
    return v1::DeleteSkillTreeResponse();
  });
}

}  // namespace selfology::user
