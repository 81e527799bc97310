// SQL of skill trees; see migrations/0004_skills_and_social.sql. Errors: the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/advisory_lock.h"
#include "common/postgres/transaction.h"
#include "services/platform/user/skills/skill_tree.h"

namespace selfology::user::store {

// Waits for other changes of the same person's trees; held until the transaction ends.
inline constexpr postgres::AdvisoryLock LockSkills("user.skills");

struct KnownTree {
  int64_t tree_id = 0;
  std::string title = {};
  absl::Time created_at = absl::InfinitePast();
  Tree tree = {};
};

absl::StatusOr<int64_t> InsertTree(postgres::Transaction& tx, int64_t user_id,
                                   const KnownTree& tree);
absl::StatusOr<int> CountTrees(postgres::Transaction& tx, int64_t user_id);
absl::StatusOr<std::optional<KnownTree>> ReadTree(postgres::Transaction& tx, int64_t user_id,
                                                  int64_t tree_id);
// Of higher ids than after_id, oldest first.
absl::StatusOr<std::vector<KnownTree>> ListTrees(postgres::Transaction& tx, int64_t user_id,
                                                 int64_t after_id, int limit);
// Writes what differs.
void SaveTree(postgres::Transaction& tx, int64_t tree_id, const Tree& before, const Tree& after);
absl::StatusOr<bool> DeleteTree(postgres::Transaction& tx, int64_t user_id, int64_t tree_id);

absl::StatusOr<int64_t> DeleteSkills(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::user::store
