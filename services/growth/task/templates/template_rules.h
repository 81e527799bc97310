// What makes a template acceptable, and the tasks that a run of it is made of.
//
// Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "common/status/status.h"
#include "selfology/task/v1/template_service.pb.h"

namespace selfology::task {

inline constexpr int kMaxNodes = 200;

// Adds what is wrong, a cycle among the nodes with its way included.
void CheckTemplate(const v1::TaskTemplate& tmpl, status::FieldViolations& bad);

// The nodes in an order in which each comes behind those that it waits for, and behind its parent.
// Of a template that was checked.
std::vector<int> NodeOrder(const v1::TaskTemplate& tmpl);

// The task of a node in a run of that day, without its parent.
v1::Task TaskOf(const v1::TaskTemplate& tmpl, const v1::TemplateNode& node, absl::CivilDay day);

// The day of the run behind that of `day`, of a template that recurs; nullopt: there is none.
// `closed`: when the last task of that run was closed, for AFTER_COMPLETION.
absl::StatusOr<std::optional<absl::CivilDay>> NextRunDay(const v1::TaskTemplate& tmpl,
                                                         absl::CivilDay day, absl::Time closed);

}  // namespace selfology::task
