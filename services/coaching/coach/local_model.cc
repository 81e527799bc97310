#include "services/coaching/coach/local_model.h"

#include <utility>

#include "common/status/status_macros.h"
#include "services/coaching/coach/local_coach.h"
#include "services/coaching/lib/lexicon/lexicon.h"
#include "services/coaching/lib/local_model/local_model_service.h"

namespace selfology::coach {

using ai::v1::CompletionInput;

absl::StatusOr<std::shared_ptr<rpc::Endpoints>> MakeLocalModel() {
  ASSIGN_OR_RETURN(lexicon::Lexicon lexicon, lexicon::Lexicon::BuiltIn());
  ASSIGN_OR_RETURN(LocalCoach loaded,
                   LocalCoach::Load(std::make_shared<const lexicon::Lexicon>(std::move(lexicon))));
  const auto coach = std::make_shared<const LocalCoach>(std::move(loaded));
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
