// The coach room's local model: replies and insights in the words of local_coach.h.
//
//   ASSIGN_OR_RETURN(std::shared_ptr<rpc::Endpoints> local_model, MakeLocalModel());
//   mesh.Serve(local_model);
//
// Serves TASK_COACH_REPLY, TASK_INSIGHT and what has no task (services/services.bzl). Errors:
// INTERNAL for word lists that are malformed.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "common/rpc/endpoints.h"

namespace selfology::coach {

absl::StatusOr<std::shared_ptr<rpc::Endpoints>> MakeLocalModel();

}  // namespace selfology::coach
