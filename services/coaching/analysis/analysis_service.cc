#include "services/coaching/analysis/analysis_service.h"

#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/coaching/analysis/analysis_store.h"
#include "services/coaching/analysis/deep_phase.h"

namespace selfology::analysis {
namespace {

using postgres::Transaction;
using status::CheckUser;

constexpr paging::Limits kPage = {.default_size = 20, .max_size = 200};
constexpr int kMaxAnswerCharacters = 4096;
// Longer than an event can wait for its handling, dead letters aside.
constexpr absl::Duration kErasureMemory = absl::Hours(7 * 24);

template <typename Request>
absl::Status CheckUserAndAnswer(const Request& request) {
  status::FieldViolations bad = CheckUser(request);
  if (request.answer_id() <= 0) bad.Add("answer_id", "must be above 0");
  return bad.ToStatus();
}

absl::Status NotFound() {
  return status::Error(mesh::v1::ERROR_CODE_ANALYSIS_NOT_FOUND, "no analysis of that answer yet");
}

}  // namespace

AnalysisService::AnalysisService(postgres::Database& database, std::shared_ptr<Analyst> analyst,
                                 session::v1::SessionServiceClient sessions, Clock clock)
    : database_(database),
      analyst_(std::move(analyst)),
      sessions_(std::move(sessions)),
      clock_(std::move(clock)) {}

absl::StatusOr<v1::AnalyzeInstantResponse> AnalysisService::AnalyzeInstant(
    const Call& call, const v1::AnalyzeInstantRequest& request) {
  const int characters = text::Characters(request.answer_text());
  if (text::Trim(request.answer_text()).empty() || characters > kMaxAnswerCharacters) {
    return status::InvalidField("answer_text", "must be 1 to 4,096 characters");
  }
  v1::AnalyzeInstantResponse response;
  *response.mutable_analysis() =
      analyst_->Instant(call, {.question_text = request.question_text(),
                               .text = request.answer_text(),
                               .language = lexicon::LanguageOf(request.language())});
  return response;
}

absl::StatusOr<v1::AnalyzeAnswerResponse> AnalysisService::AnalyzeAnswer(
    const Call& call, const v1::AnalyzeAnswerRequest& request) {
  RETURN_IF_ERROR(CheckUserAndAnswer(request));
  v1::AnalyzeAnswerResponse response;
  const auto known = ReadAnalysis(call, request.user_id(), request.answer_id());
  if (known.ok() && known->status() == v1::ANALYSIS_STATUS_COMPLETE) {
    *response.mutable_analysis() = *known;
    return response;
  }
  if (!known.ok() && !absl::IsNotFound(known.status())) return known.status();

  ASSIGN_OR_RETURN(const Answer answer, FetchAnswer(call, request.user_id(), request.answer_id()));
  if (!known.ok()) {
    const v1::InstantAnalysis instant = analyst_->Instant(call, answer);
    RETURN_IF_ERROR(database_.Write(
        call, [&](Transaction& tx) { return RecordInstant(tx, answer, instant, clock_()); }));
  }
  ASSIGN_OR_RETURN(*response.mutable_analysis(), Deepen(call, answer, /*premium=*/false));
  return response;
}

absl::StatusOr<v1::ReanalyzeAnswerResponse> AnalysisService::ReanalyzeAnswer(
    const Call& call, const v1::ReanalyzeAnswerRequest& request) {
  RETURN_IF_ERROR(CheckUserAndAnswer(request));
  if (request.after_revision() < 0) {
    return status::InvalidField("after_revision", "must not be below 0");
  }
  v1::ReanalyzeAnswerResponse response;
  ASSIGN_OR_RETURN(*response.mutable_analysis(),
                   ReadAnalysis(call, request.user_id(), request.answer_id()));
  if (response.analysis().revision() > request.after_revision()) return response;
  ASSIGN_OR_RETURN(const Answer answer, FetchAnswer(call, request.user_id(), request.answer_id()));
  ASSIGN_OR_RETURN(*response.mutable_analysis(), Deepen(call, answer, request.premium()));
  return response;
}

absl::StatusOr<v1::Analysis> AnalysisService::Deepen(const Call& call, const Answer& answer,
                                                     bool premium) const {
  ASSIGN_OR_RETURN(const Before before, ReadBefore(call, database_, answer));
  ASSIGN_OR_RETURN(const Finding finding, Find(call, *analyst_, answer, before, premium));
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) {
    return RecordDeep(tx, *analyst_, answer, before.revision, finding, clock_());
  }));
  return ReadAnalysis(call, answer.user_id, answer.answer_id);
}

absl::StatusOr<Answer> AnalysisService::FetchAnswer(const Call& call, int64_t user_id,
                                                    int64_t answer_id) const {
  session::v1::GetAnswerRequest request;
  request.set_user_id(user_id);
  request.set_answer_id(answer_id);
  ASSIGN_OR_RETURN(const session::v1::GetAnswerResponse response,
                   sessions_.GetAnswer(call, request));
  return FromSession(response.answer());
}

absl::StatusOr<v1::Analysis> AnalysisService::ReadAnalysis(const Call& call, int64_t user_id,
                                                           int64_t answer_id) const {
  ASSIGN_OR_RETURN(
      std::optional<v1::Analysis> analysis,
      database_.Read(call,
                     [&](Transaction& tx) { return store::ReadAnalysis(tx, user_id, answer_id); },
                     {.newest = true}));
  if (!analysis.has_value()) return NotFound();
  return *std::move(analysis);
}

absl::StatusOr<v1::GetAnalysisResponse> AnalysisService::GetAnalysis(
    const Call& call, const v1::GetAnalysisRequest& request) {
  RETURN_IF_ERROR(CheckUserAndAnswer(request));
  v1::GetAnalysisResponse response;
  ASSIGN_OR_RETURN(*response.mutable_analysis(),
                   ReadAnalysis(call, request.user_id(), request.answer_id()));
  return response;
}

absl::StatusOr<v1::ListAnalysesResponse> AnalysisService::ListAnalyses(
    const Call& call, const v1::ListAnalysesRequest& request) {
  RETURN_IF_ERROR(CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  store::AnalysisFilter filter = {.user_id = request.user_id(),
                                  .session_id = request.session_id(),
                                  .status = request.status(),
                                  .limit = page.limit()};
  ASSIGN_OR_RETURN(filter.before_id, page.AfterId(std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(std::vector<v1::Analysis> analyses, database_.Read(call, [&](Transaction& tx) {
    return store::ListAnalyses(tx, filter);
  }));
  v1::ListAnalysesResponse response;
  response.set_next_page_token(page.Cut(analyses, &v1::Analysis::answer_id));
  for (v1::Analysis& analysis : analyses) *response.add_analyses() = std::move(analysis);
  return response;
}

absl::StatusOr<v1::ListInsightsResponse> AnalysisService::ListInsights(
    const Call& call, const v1::ListInsightsRequest& request) {
  RETURN_IF_ERROR(CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  store::InsightFilter filter = {
      .user_id = request.user_id(), .type = request.insight_type(), .limit = page.limit()};
  ASSIGN_OR_RETURN(filter.before_id, page.AfterId(std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(std::vector<v1::Insight> insights, database_.Read(call, [&](Transaction& tx) {
    return store::ListInsights(tx, filter);
  }));
  v1::ListInsightsResponse response;
  response.set_next_page_token(page.Cut(insights, &v1::Insight::insight_id));
  for (v1::Insight& insight : insights) *response.add_insights() = std::move(insight);
  return response;
}

absl::Status AnalysisService::ForgetErasures(const Call& call) {
  return database_.Write(
      call, [&](Transaction& tx) { return store::ForgetErasures(tx, clock_() - kErasureMemory); });
}

}  // namespace selfology::analysis
