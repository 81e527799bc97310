#include "services/coaching/coach/local_model.h"

#include "services/coaching/lib/local_model/local_model_service.h"

namespace selfology::coach {

using ai::v1::CompletionInput;

std::shared_ptr<rpc::Endpoints> MakeLocalModel(std::shared_ptr<const LocalCoach> coach) {
  const local_model::Task reply = {
      .write = [coach](const CompletionInput& input) { return coach->Reply(input); }};
  const local_model::Task insight = {
      .write = [coach](const CompletionInput& input) { return coach->TellInsight(input); }};
  return std::make_shared<local_model::LocalModelService>(
      local_model::Tasks{{ai::v1::TASK_UNSPECIFIED, reply},
                         {ai::v1::TASK_COACH_REPLY, reply},
                         {ai::v1::TASK_INSIGHT, insight}});
}

}  // namespace selfology::coach
