#include "services/coaching/analysis/analysis_store.h"

#include <map>
#include <tuple>
#include <utility>

#include "common/enums/word.h"
#include "common/json/json.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::analysis::store {
namespace {

using postgres::Json;
using postgres::Transaction;

constexpr std::string_view kAnalysisColumns =
    "SELECT answer_id, user_id, session_id, question_id, status, instant, deep, revision,"
    " failure_reason, created_at, updated_at FROM answer_analyses ";

struct AnalysisRow {
  int64_t answer_id = 0;
  int64_t user_id = 0;
  int64_t session_id = 0;
  std::string question_id;
  std::string status;
  Json instant;
  std::optional<Json> deep;
  int32_t revision = 0;
  std::string failure_reason;
  absl::Time created_at;
  absl::Time updated_at;
};

struct InsightRow {
  int64_t id = 0;
  std::string type;
  std::string content;
  std::string language;
  double confidence = 0;
  int64_t answer_id = 0;
  absl::Time created_at;
};

// Messages written by a later version may have fields that this one does not know.
constexpr json::ParseOptions kTolerant = {.ignore_unknown_fields = true};

absl::StatusOr<v1::Analysis> FromRow(const AnalysisRow& row) {
  v1::Analysis analysis;
  analysis.set_answer_id(row.answer_id);
  analysis.set_user_id(row.user_id);
  analysis.set_session_id(row.session_id);
  analysis.set_question_id(row.question_id);
  analysis.set_status(enums::FromWord<v1::AnalysisStatus>(row.status));
  RETURN_IF_ERROR(json::Parse(row.instant.value, *analysis.mutable_instant(), kTolerant));
  if (row.deep.has_value()) {
    RETURN_IF_ERROR(json::Parse(row.deep->value, *analysis.mutable_deep(), kTolerant));
  }
  analysis.set_revision(row.revision);
  analysis.set_failure_reason(row.failure_reason);
  *analysis.mutable_created_at() = timestamps::ToProto(row.created_at);
  *analysis.mutable_updated_at() = timestamps::ToProto(row.updated_at);
  return analysis;
}

template <typename... Parameters>
absl::StatusOr<std::vector<v1::Analysis>> QueryAnalyses(Transaction& tx, std::string_view where,
                                                        const Parameters&... parameters) {
  ASSIGN_OR_RETURN(const std::vector<AnalysisRow> rows,
                   tx.Query<AnalysisRow>(absl::StrCat(kAnalysisColumns, where), parameters...));
  std::vector<v1::Analysis> analyses;
  for (const AnalysisRow& row : rows) {
    ASSIGN_OR_RETURN(v1::Analysis analysis, FromRow(row));
    analyses.push_back(std::move(analysis));
  }
  return analyses;
}

}  // namespace

absl::StatusOr<bool> InsertInstant(Transaction& tx, const Answer& answer,
                                   const v1::InstantAnalysis& instant, absl::Time now) {
  ASSIGN_OR_RETURN(std::string encoded, json::Print(instant));
  ASSIGN_OR_RETURN(
      const int64_t inserted,
      tx.Execute("INSERT INTO answer_analyses (answer_id, user_id, session_id, question_id,"
                 " language, instant, created_at, updated_at) SELECT $1, $2, $3, $4, $5, $6, $7, $7"
                 " WHERE NOT EXISTS (SELECT FROM erasures WHERE user_id = $2 AND erased_at >= $8)"
                 " ON CONFLICT (answer_id) DO NOTHING",
                 answer.answer_id, answer.user_id, answer.session_id, answer.question_id,
                 lexicon::TagOf(answer.language), Json{std::move(encoded)}, now, answer.given_at));
  return inserted > 0;
}

absl::StatusOr<std::optional<v1::Analysis>> ReadAnalysis(Transaction& tx, int64_t user_id,
                                                         int64_t answer_id) {
  ASSIGN_OR_RETURN(std::vector<v1::Analysis> analyses,
                   QueryAnalyses(tx, "WHERE answer_id = $1 AND user_id = $2", answer_id, user_id));
  if (analyses.empty()) return std::nullopt;
  return std::move(analyses.front());
}

absl::Status SaveDeep(Transaction& tx, int64_t answer_id, const v1::DeepAnalysis& deep,
                      std::optional<absl::Time> retry_at, absl::Time now) {
  ASSIGN_OR_RETURN(std::string encoded, json::Print(deep));
  tx.Queue(
      "UPDATE answer_analyses SET deep = $2, revision = revision + 1, failure_reason = '',"
      " retry_at = $3, updated_at = $4 WHERE answer_id = $1",
      answer_id, Json{std::move(encoded)}, retry_at, now);
  return absl::OkStatus();
}

void SaveFailure(Transaction& tx, int64_t answer_id, const std::string& reason,
                 std::optional<absl::Time> retry_at, absl::Time now) {
  tx.Queue(
      "UPDATE answer_analyses SET failure_reason = $2, retry_at = $3, updated_at = $4"
      " WHERE answer_id = $1",
      answer_id, reason, retry_at, now);
}

absl::StatusOr<Before> ReadBefore(Transaction& tx, const Answer& answer, int patterns_at_most) {
  auto asked_revision =
      tx.Ask<int32_t>("SELECT revision FROM answer_analyses WHERE answer_id = $1 AND user_id = $2",
                      answer.answer_id, answer.user_id);
  auto asked_names = tx.Ask<std::string>(
      "SELECT min(name) FROM answer_patterns WHERE user_id = $1"
      " GROUP BY pattern ORDER BY count(*) DESC, pattern LIMIT $2",
      answer.user_id, static_cast<int64_t>(patterns_at_most));
  Before before;
  ASSIGN_OR_RETURN(const auto revision, asked_revision.One());
  if (revision.has_value()) before.revision = std::get<0>(*revision);
  ASSIGN_OR_RETURN(const auto names, asked_names.All());
  for (const auto& [name] : names) before.known_patterns.push_back(name);
  return before;
}

absl::StatusOr<std::optional<Ground>> ReadGround(Transaction& tx, const Answer& answer,
                                                 const std::vector<Seen>& patterns) {
  std::vector<std::string_view> keys;
  for (const Seen& seen : patterns) keys.push_back(seen.key);
  auto asked_analysis = tx.Ask<int32_t, std::string>(
      "SELECT revision, coalesce(instant ->> 'sentiment', '') FROM answer_analyses"
      " WHERE answer_id = $1 AND user_id = $2",
      answer.answer_id, answer.user_id);
  auto asked_sightings = tx.Ask<std::string, std::string, double>(
      "SELECT pattern, quotation, confidence FROM answer_patterns"
      " WHERE user_id = $1 AND pattern = ANY($2) AND answer_id <> $3 ORDER BY answer_id",
      answer.user_id, keys, answer.answer_id);
  auto asked_told = tx.Ask<std::string, std::string>(
      "SELECT pattern, insight_type FROM insights WHERE user_id = $1 AND pattern = ANY($2)",
      answer.user_id, keys);
  ASSIGN_OR_RETURN(const auto analysis, asked_analysis.One());
  if (!analysis.has_value()) return std::nullopt;
  Ground ground;
  ground.revision = std::get<0>(*analysis);
  v1::Sentiment_Parse(std::get<1>(*analysis), &ground.tone);
  ASSIGN_OR_RETURN(const auto sightings, asked_sightings.All());
  for (const auto& [pattern, quotation, confidence] : sightings) {
    ground.elsewhere[pattern].sightings.push_back({quotation, confidence});
  }
  ASSIGN_OR_RETURN(const auto told, asked_told.All());
  for (const auto& [pattern, type] : told) {
    ground.elsewhere[pattern].told.insert(enums::FromWord<v1::InsightType>(type));
  }
  return ground;
}

void SavePatterns(Transaction& tx, const Answer& answer, const Ground& ground,
                  const std::vector<Seen>& patterns) {
  std::vector<std::string_view> keys, names, quotations;
  std::vector<double> confidences;
  for (const Seen& seen : patterns) {
    keys.push_back(seen.key);
    names.push_back(seen.pattern.name());
    confidences.push_back(seen.pattern.confidence());
    quotations.push_back(seen.quotation);
  }
  if (ground.revision > 0) {
    tx.Queue("DELETE FROM answer_patterns WHERE answer_id = $1", answer.answer_id);
  }
  if (patterns.empty()) return;
  tx.Queue(
      "INSERT INTO answer_patterns (answer_id, user_id, tone, pattern, name, confidence, quotation)"
      " SELECT $1, $2, $3, p.key, p.name, p.confidence, p.quotation"
      " FROM unnest($4, $5, $6, $7) AS p(key, name, confidence, quotation)",
      answer.answer_id, answer.user_id, enums::Word(ground.tone), keys, names, confidences,
      quotations);
}

absl::StatusOr<std::vector<v1::Insight>> InsertInsights(Transaction& tx, const Answer& answer,
                                                        const std::vector<InsightDraft>& drafts,
                                                        absl::Time now) {
  std::vector<Transaction::Asked<int64_t>> ids;
  for (const InsightDraft& draft : drafts) {
    ids.push_back(tx.Ask<int64_t>(
        "INSERT INTO insights (user_id, insight_type, content, created_at, language, confidence,"
        " answer_id, pattern) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
        answer.user_id, enums::Word(draft.type), draft.content, now,
        lexicon::TagOf(answer.language), draft.confidence, answer.answer_id, draft.pattern));
  }
  std::vector<v1::Insight> insights;
  for (size_t i = 0; i < drafts.size(); ++i) {
    ASSIGN_OR_RETURN(const auto row, ids[i].One());
    v1::Insight& insight = insights.emplace_back();
    insight.set_insight_id(std::get<0>(row.value()));
    insight.set_user_id(answer.user_id);
    insight.set_insight_type(drafts[i].type);
    insight.set_content(drafts[i].content);
    insight.set_language(std::string(lexicon::TagOf(answer.language)));
    insight.set_confidence(drafts[i].confidence);
    insight.set_answer_id(answer.answer_id);
    *insight.mutable_created_at() = timestamps::ToProto(now);
  }
  return insights;
}

absl::StatusOr<std::vector<v1::Analysis>> ListAnalyses(Transaction& tx,
                                                       const AnalysisFilter& filter) {
  return QueryAnalyses(tx,
                       "WHERE user_id = $1 AND ($2 = 0 OR session_id = $2)"
                       " AND ($3 = '' OR status = $3) AND answer_id < $4"
                       " ORDER BY answer_id DESC LIMIT $5",
                       filter.user_id, filter.session_id, enums::Word(filter.status),
                       filter.before_id, static_cast<int64_t>(filter.limit));
}

absl::StatusOr<std::vector<v1::Insight>> ListInsights(Transaction& tx,
                                                      const InsightFilter& filter) {
  ASSIGN_OR_RETURN(
      const std::vector<InsightRow> rows,
      tx.Query<InsightRow>(
          "SELECT id, insight_type, content, language, confidence, answer_id, created_at"
          " FROM insights WHERE user_id = $1 AND ($2 = '' OR insight_type = $2) AND id < $3"
          " ORDER BY id DESC LIMIT $4",
          filter.user_id, enums::Word(filter.type), filter.before_id,
          static_cast<int64_t>(filter.limit)));
  std::vector<v1::Insight> insights;
  for (const InsightRow& row : rows) {
    v1::Insight& insight = insights.emplace_back();
    insight.set_insight_id(row.id);
    insight.set_user_id(filter.user_id);
    insight.set_insight_type(enums::FromWord<v1::InsightType>(row.type));
    insight.set_content(row.content);
    insight.set_language(row.language);
    insight.set_confidence(row.confidence);
    insight.set_answer_id(row.answer_id);
    *insight.mutable_created_at() = timestamps::ToProto(row.created_at);
  }
  return insights;
}

absl::StatusOr<std::vector<Retry>> DueRetries(Transaction& tx, absl::Time now, int limit) {
  return tx.Query<Retry>(
      "SELECT user_id, answer_id, revision, retries FROM answer_analyses"
      " WHERE retry_at <= $1 ORDER BY retry_at LIMIT $2",
      now, static_cast<int64_t>(limit));
}

void Postpone(Transaction& tx, int64_t answer_id, std::optional<absl::Time> retry_at) {
  tx.Queue("UPDATE answer_analyses SET retries = retries + 1, retry_at = $2 WHERE answer_id = $1",
           answer_id, retry_at);
}

absl::StatusOr<int64_t> EraseUser(Transaction& tx, int64_t user_id, absl::Time now) {
  LockUser(tx, user_id);
  tx.Queue(
      "INSERT INTO erasures (user_id, erased_at) VALUES ($1, $2)"
      " ON CONFLICT (user_id) DO UPDATE SET erased_at = EXCLUDED.erased_at",
      user_id, now);
  ASSIGN_OR_RETURN(const int64_t patterns,
                   tx.Execute("DELETE FROM answer_patterns WHERE user_id = $1", user_id));
  ASSIGN_OR_RETURN(const int64_t analyses,
                   tx.Execute("DELETE FROM answer_analyses WHERE user_id = $1", user_id));
  ASSIGN_OR_RETURN(const int64_t insights,
                   tx.Execute("DELETE FROM insights WHERE user_id = $1", user_id));
  return patterns + analyses + insights;
}

absl::Status ForgetErasures(Transaction& tx, absl::Time before) {
  return tx.Execute("DELETE FROM erasures WHERE erased_at < $1", before).status();
}

}  // namespace selfology::analysis::store
