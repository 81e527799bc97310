// All SQL of lists and of comments. As task_store.h.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/task/v1/task.pb.h"

namespace selfology::task::store {

inline constexpr int64_t kMaxLists = 500;

absl::StatusOr<int64_t> CountLists(postgres::Transaction& tx, int64_t owner);
// nullopt: the owner has one of that name.
absl::StatusOr<std::optional<v1::TaskList>> InsertList(postgres::Transaction& tx,
                                                       const v1::TaskList& list, absl::Time now);
// nullopt: no such list of the owner.
absl::StatusOr<std::optional<v1::TaskList>> ReadList(postgres::Transaction& tx, int64_t owner,
                                                     int64_t list_id);
// Oldest first, of higher ids than `after`.
absl::StatusOr<std::vector<v1::TaskList>> ListLists(postgres::Transaction& tx, int64_t owner,
                                                    bool without_archived, int64_t after,
                                                    int64_t limit);
// Names of all, by id.
absl::StatusOr<std::map<int64_t, std::string>> ListNames(postgres::Transaction& tx, int64_t owner);
// False: there is another of that name, and nothing was changed.
absl::StatusOr<bool> UpdateList(postgres::Transaction& tx, const v1::TaskList& list);
absl::StatusOr<bool> DeleteList(postgres::Transaction& tx, int64_t owner, int64_t list_id);
// The tasks in it.
absl::StatusOr<std::vector<int64_t>> TasksOfList(postgres::Transaction& tx, int64_t owner,
                                                 int64_t list_id);

absl::StatusOr<int64_t> InsertComment(postgres::Transaction& tx, int64_t task_id, int64_t author,
                                      std::string_view text, absl::Time now);
// Oldest first, of higher ids than `after`.
absl::StatusOr<std::vector<v1::TaskComment>> ListComments(postgres::Transaction& tx,
                                                          int64_t task_id, int64_t after,
                                                          int64_t limit);
// Newest first, of lower ids than `before`.
absl::StatusOr<std::vector<v1::TaskComment>> ListCommentsOf(postgres::Transaction& tx,
                                                            int64_t author, int64_t before,
                                                            int64_t limit);
absl::StatusOr<bool> DeleteComment(postgres::Transaction& tx, int64_t task_id, int64_t author,
                                   int64_t comment_id);

// Everything about a person, also what is of templates and dependencies; the number of rows.
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::task::store
