// All SQL of templates and their runs. As task_store.h.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/postgres/transaction.h"
#include "selfology/task/v1/template_service.pb.h"

namespace selfology::task::store {

inline constexpr int64_t kMaxTemplates = 200;

absl::StatusOr<int64_t> CountTemplates(postgres::Transaction& tx, int64_t owner);
absl::StatusOr<int64_t> InsertTemplate(postgres::Transaction& tx, const v1::TaskTemplate& tmpl);
// nullopt: no such template of the owner.
absl::StatusOr<std::optional<v1::TaskTemplate>> ReadTemplate(postgres::Transaction& tx,
                                                             int64_t owner, int64_t template_id);
// Oldest first, of higher ids than `after`.
absl::StatusOr<std::vector<v1::TaskTemplate>> ListTemplates(postgres::Transaction& tx,
                                                            int64_t owner, int64_t after,
                                                            int64_t limit);
absl::StatusOr<bool> DeleteTemplate(postgres::Transaction& tx, int64_t owner, int64_t template_id);

// When the next run is; nullopt: none is planned. `waits`: it will be when the last one has ended.
void Plan(postgres::Transaction& tx, int64_t template_id, std::optional<absl::Time> next_run,
          bool waits);

absl::StatusOr<int64_t> InsertRun(postgres::Transaction& tx, const v1::TaskTemplate& tmpl,
                                  absl::Time day);
void SetRunTasks(postgres::Transaction& tx, int64_t template_id, int64_t run_id,
                 absl::Span<const int64_t> task_ids);
struct Run {
  absl::Time day;
  std::vector<int64_t> task_ids = {};  // Of the nodes, in their order.
};
absl::StatusOr<std::optional<Run>> ReadRun(postgres::Transaction& tx, int64_t run_id);

// Whose run is due, or whose last run has ended; a few at a time.
struct DueTemplate {
  int64_t template_id = 0;
  int64_t owner = 0;
};
absl::StatusOr<std::vector<DueTemplate>> DueTemplates(postgres::Transaction& tx, absl::Time now);
// When the last task of the run was closed; nullopt: one is open. Without any task: `otherwise`.
absl::StatusOr<std::optional<absl::Time>> RunClosedAt(postgres::Transaction& tx, int64_t run_id,
                                                      absl::Time otherwise);
// Whether the template waits for its last run to end.
absl::StatusOr<bool> Waits(postgres::Transaction& tx, int64_t template_id);

}  // namespace selfology::task::store
