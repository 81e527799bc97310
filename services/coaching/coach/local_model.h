// The coach room's local model: replies and insights in the words of local_coach.h.
//
//   ASSIGN_OR_RETURN(LocalCoach coach, LocalCoach::Load());
//   mesh.Serve(MakeLocalModel(std::make_shared<const LocalCoach>(std::move(coach))));
//
// Serves TASK_COACH_REPLY, TASK_INSIGHT and what has no task (services/services.bzl).
#pragma once

#include <memory>

#include "common/rpc/endpoints.h"
#include "services/coaching/coach/local_coach.h"

namespace selfology::coach {

std::shared_ptr<rpc::Endpoints> MakeLocalModel(std::shared_ptr<const LocalCoach> coach);

}  // namespace selfology::coach
