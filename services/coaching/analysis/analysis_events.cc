#include "services/coaching/analysis/analysis_events.h"

#include <utility>

#include "common/status/status_macros.h"
#include "services/coaching/analysis/answer.h"
#include "services/coaching/analysis/deep_phase.h"

namespace selfology::analysis {

AnalysisEvents::AnalysisEvents(postgres::Database& database, std::shared_ptr<Analyst> analyst,
                               Clock clock)
    : database_(database), analyst_(std::move(analyst)), clock_(std::move(clock)) {}

absl::Status AnalysisEvents::AnalyzeInstantly(const events::v1::UserAnswerSubmitted& event,
                                              events::Handling& handling) const {
  const Answer answer = FromEvent(event, handling.envelope().occurred_at);
  const v1::InstantAnalysis instant = analyst_->Instant(handling.call(), answer);
  return RecordInstant(handling.tx(), answer, instant, clock_());
}

absl::Status AnalysisEvents::AnalyzeDeeply(const events::v1::UserAnswerSubmitted& event,
                                           events::Handling& handling) const {
  const Answer answer = FromEvent(event, handling.envelope().occurred_at);
  ASSIGN_OR_RETURN(const Before before, ReadBefore(handling.call(), database_, answer));
  if (before.revision > 0) return absl::OkStatus();
  const Finding finding = FindOrFallBack(handling.call(), *analyst_, answer, before);
  return RecordDeep(handling.tx(), *analyst_, answer, before.revision, finding, clock_());
}

}  // namespace selfology::analysis
