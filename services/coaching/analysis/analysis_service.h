// The gRPC endpoints of analysis. What happens to an answer is in deep_phase.h; who reads it, in
// analyst.h.
//
// Errors: as analysis_service.proto says. Threads: thread-safe.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/analysis/v1/analysis_service_endpoints.h"
#include "selfology/session/v1/session_service_client.h"
#include "services/coaching/analysis/analyst.h"
#include "services/coaching/analysis/answer.h"

namespace selfology::analysis {

class AnalysisService : public v1::AnalysisServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive the service.
  AnalysisService(postgres::Database& database, std::shared_ptr<Analyst> analyst,
                  session::v1::SessionServiceClient sessions, Clock clock);

  absl::StatusOr<v1::AnalyzeInstantResponse> AnalyzeInstant(
      const Call& call, const v1::AnalyzeInstantRequest& request) override;
  absl::StatusOr<v1::AnalyzeAnswerResponse> AnalyzeAnswer(
      const Call& call, const v1::AnalyzeAnswerRequest& request) override;
  absl::StatusOr<v1::ReanalyzeAnswerResponse> ReanalyzeAnswer(
      const Call& call, const v1::ReanalyzeAnswerRequest& request) override;
  absl::StatusOr<v1::GetAnalysisResponse> GetAnalysis(
      const Call& call, const v1::GetAnalysisRequest& request) override;
  absl::StatusOr<v1::ListAnalysesResponse> ListAnalyses(
      const Call& call, const v1::ListAnalysesRequest& request) override;
  absl::StatusOr<v1::ListInsightsResponse> ListInsights(
      const Call& call, const v1::ListInsightsRequest& request) override;

  // A timer: forgets who was erased so long ago that nothing of theirs can be under way.
  absl::Status ForgetErasures(const Call& call);

 private:
  absl::StatusOr<Answer> FetchAnswer(const Call& call, int64_t user_id, int64_t answer_id) const;
  // ANALYSIS_NOT_FOUND when there is none.
  absl::StatusOr<v1::Analysis> ReadAnalysis(const Call& call, int64_t user_id,
                                            int64_t answer_id) const;
  absl::StatusOr<v1::Analysis> Deepen(const Call& call, const Answer& answer, bool premium) const;

  postgres::Database& database_;
  const std::shared_ptr<Analyst> analyst_;
  const session::v1::SessionServiceClient sessions_;
  const Clock clock_;
};

}  // namespace selfology::analysis
