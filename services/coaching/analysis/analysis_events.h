// What analysis does when it hears of an answer: the instant phase at once, the deep one in
// a consumer group of its own, so that nobody's feedback waits for somebody's deep analysis.
//
// Both are idempotent by answer. Neither fails for the AI: rules stand in, and the AI is asked
// again later (catch_up.h). Threads: thread-safe.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/events/handling.h"
#include "common/postgres/database.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "services/coaching/analysis/analyst.h"

namespace selfology::analysis {

class AnalysisEvents {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive this.
  AnalysisEvents(postgres::Database& database, std::shared_ptr<Analyst> analyst, Clock clock);

  absl::Status AnalyzeInstantly(const events::v1::UserAnswerSubmitted& event,
                                events::Handling& handling) const;
  absl::Status AnalyzeDeeply(const events::v1::UserAnswerSubmitted& event,
                             events::Handling& handling) const;

 private:
  postgres::Database& database_;
  const std::shared_ptr<Analyst> analyst_;
  const Clock clock_;
};

}  // namespace selfology::analysis
