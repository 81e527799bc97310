// All SQL of analysis. What the tables mean: migrations/.
//
// Everything that belongs to one person is written under LockUser, so that their events leave in
// the order of what they tell, and nothing is stored for them after they were erased. Errors: those
// of common/postgres/error.h. Threads: as the transaction.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/advisory_lock.h"
#include "common/postgres/transaction.h"
#include "selfology/analysis/v1/analysis.pb.h"
#include "services/coaching/analysis/answer.h"
#include "services/coaching/analysis/insights.h"

namespace selfology::analysis::store {

inline constexpr postgres::AdvisoryLock LockUser("analysis");

// False when the answer has an analysis already, or the person's data were erased since it was
// given.
absl::StatusOr<bool> InsertInstant(postgres::Transaction& tx, const Answer& answer,
                                   const v1::InstantAnalysis& instant, absl::Time now);

absl::StatusOr<std::optional<v1::Analysis>> ReadAnalysis(postgres::Transaction& tx, int64_t user_id,
                                                         int64_t answer_id);

// The next revision. retry_at: when to ask the AI again, if rules stood in for it.
absl::Status SaveDeep(postgres::Transaction& tx, int64_t answer_id, const v1::DeepAnalysis& deep,
                      std::optional<absl::Time> retry_at, absl::Time now);
void SaveFailure(postgres::Transaction& tx, int64_t answer_id, const std::string& reason,
                 std::optional<absl::Time> retry_at, absl::Time now);

struct Before {
  int32_t revision = 0;                     // Of the answer's analysis; 0: it has no deep one.
  std::vector<std::string> known_patterns;  // Names, of those in most of the person's answers.
};
absl::StatusOr<Before> ReadBefore(postgres::Transaction& tx, const Answer& answer,
                                  int patterns_at_most);

// A pattern seen in an answer, under its key (PatternKey). A list of them has each key once.
struct Seen {
  std::string key;
  v1::AnswerPattern pattern;
  std::string quotation = {};  // Where it shows; empty: in no clause that may be quoted.
};

// What a deep analysis is recorded upon.
struct Ground {
  int32_t revision = 0;                            // As in Before.
  v1::Sentiment tone = v1::SENTIMENT_UNSPECIFIED;  // Of the answer.
  // By key: how these patterns recur in the person's other answers.
  std::map<std::string, Recurrence> elsewhere = {};
};
// nullopt: the answer has no analysis.
absl::StatusOr<std::optional<Ground>> ReadGround(postgres::Transaction& tx, const Answer& answer,
                                                 const std::vector<Seen>& patterns);

// `ground.revision` above 0: in place of what was seen in this answer before.
void SavePatterns(postgres::Transaction& tx, const Answer& answer, const Ground& ground,
                  const std::vector<Seen>& patterns);

// With their ids.
absl::StatusOr<std::vector<v1::Insight>> InsertInsights(postgres::Transaction& tx,
                                                        const Answer& answer,
                                                        const std::vector<InsightDraft>& drafts,
                                                        absl::Time now);

struct AnalysisFilter {
  int64_t user_id = 0;
  int64_t session_id = 0;  // 0: any.
  v1::AnalysisStatus status = v1::ANALYSIS_STATUS_UNSPECIFIED;
  int64_t before_id = 0;
  int limit = 0;
};
// By answer, newest first.
absl::StatusOr<std::vector<v1::Analysis>> ListAnalyses(postgres::Transaction& tx,
                                                       const AnalysisFilter& filter);

struct InsightFilter {
  int64_t user_id = 0;
  v1::InsightType type = v1::INSIGHT_TYPE_UNSPECIFIED;
  int64_t before_id = 0;
  int limit = 0;
};
absl::StatusOr<std::vector<v1::Insight>> ListInsights(postgres::Transaction& tx,
                                                      const InsightFilter& filter);

// An analysis that waits for the AI to be asked again.
struct Retry {
  int64_t user_id = 0;
  int64_t answer_id = 0;
  int32_t revision = 0;
  int32_t retries = 0;
};
absl::StatusOr<std::vector<Retry>> DueRetries(postgres::Transaction& tx, absl::Time now, int limit);
void Postpone(postgres::Transaction& tx, int64_t answer_id, std::optional<absl::Time> retry_at);

// Removes everything and notes when. Rows erased.
absl::StatusOr<int64_t> EraseUser(postgres::Transaction& tx, int64_t user_id, absl::Time now);
absl::Status ForgetErasures(postgres::Transaction& tx, absl::Time before);

}  // namespace selfology::analysis::store
