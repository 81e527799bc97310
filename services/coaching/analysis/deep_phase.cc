#include "services/coaching/analysis/deep_phase.h"

#include <iterator>
#include <set>
#include <utility>

#include "common/events/outbox.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "google/protobuf/util/message_differencer.h"
#include "selfology/events/v1/analysis.pb.h"
#include "selfology/events/v1/system.pb.h"
#include "services/coaching/analysis/analysis_store.h"
#include "services/coaching/analysis/insights.h"

namespace selfology::analysis {
namespace {

using google::protobuf::util::MessageDifferencer;
using postgres::Transaction;

constexpr int kKnownPatterns = 20;
constexpr absl::Duration kRetries[] = {absl::Minutes(10), absl::Hours(1), absl::Hours(6),
                                       absl::Hours(24)};

std::string Tag(const Answer& answer) { return std::string(lexicon::TagOf(answer.language)); }

// Whether anything of the person shows.
bool ShowsNothing(const v1::DeepAnalysis& deep) {
  return deep.traits().empty() && deep.domain_affinities().empty() &&
         MessageDifferencer::Equals(deep.core_dynamics(), profile::v1::CoreDynamics()) &&
         MessageDifferencer::Equals(deep.adaptive_traits(), profile::v1::AdaptiveTraits()) &&
         MessageDifferencer::Equals(deep.unique_signature(), profile::v1::UniqueSignature());
}

absl::Status PublishInstant(Transaction& tx, const Answer& answer,
                            const v1::InstantAnalysis& instant) {
  events::v1::AnswerAnalyzedInstant event;
  event.set_user_id(answer.user_id);
  event.set_question_id(answer.question_id);
  event.set_sentiment(instant.sentiment());
  event.set_quality_score(instant.quality_score());
  *event.mutable_key_themes() = instant.key_themes();
  event.set_brief_insight(instant.brief_insight());
  event.set_latency_ms(instant.latency_ms());
  event.set_session_id(answer.session_id);
  event.set_answer_id(answer.answer_id);
  event.set_language(Tag(answer));
  event.set_model_used(instant.model_used());
  event.set_cost_usd(instant.cost_usd());
  return events::Publish(tx, event);
}

absl::Status PublishDeep(Transaction& tx, const Answer& answer, const v1::DeepAnalysis& deep,
                         int32_t revision) {
  events::v1::AnswerAnalyzedDeep event;
  event.set_user_id(answer.user_id);
  event.set_session_id(answer.session_id);
  event.set_question_id(answer.question_id);
  event.set_answer_id(answer.answer_id);
  event.set_domain(answer.domain);
  *event.mutable_insights() = deep.insights();
  *event.mutable_patterns() = deep.patterns();
  event.set_summary(deep.summary());
  event.set_language(Tag(answer));
  event.set_revision(revision);
  event.set_model_used(deep.model_used());
  event.set_tokens_used(deep.tokens_used());
  event.set_cost_usd(deep.cost_usd());
  event.set_latency_ms(deep.latency_ms());
  return events::Publish(tx, event);
}

absl::Status PublishTraits(Transaction& tx, const Answer& answer, const v1::DeepAnalysis& deep,
                           const std::string& trigger, int32_t revision) {
  // A later revision that shows nothing takes back what the earlier ones showed.
  if (ShowsNothing(deep) && revision == 1) return absl::OkStatus();
  events::v1::TraitExtracted event;
  event.set_user_id(answer.user_id);
  *event.mutable_traits() = deep.traits();
  event.set_model_used(deep.model_used());
  event.set_cost_usd(deep.cost_usd());
  *event.mutable_core_dynamics() = deep.core_dynamics();
  *event.mutable_adaptive_traits() = deep.adaptive_traits();
  *event.mutable_domain_affinities() = deep.domain_affinities();
  *event.mutable_unique_signature() = deep.unique_signature();
  event.set_session_id(answer.session_id);
  event.set_answer_id(answer.answer_id);
  event.set_question_id(answer.question_id);
  event.set_trigger(trigger);
  event.set_revision(revision);
  *event.mutable_evidence() = deep.evidence();
  return events::Publish(tx, event);
}

absl::Status PublishInsight(Transaction& tx, const v1::Insight& insight) {
  events::v1::InsightGenerated event;
  event.set_user_id(insight.user_id());
  event.set_insight_id(insight.insight_id());
  event.set_insight_type(insight.insight_type());
  event.set_content(insight.content());
  event.set_confidence(insight.confidence());
  event.set_language(insight.language());
  event.set_answer_id(insight.answer_id());
  return events::Publish(tx, event);
}

// Those with a name, each once.
std::vector<store::Seen> Distinct(const Analyst& analyst, const Answer& answer,
                                  const v1::DeepAnalysis& deep) {
  std::set<std::string> keys;
  std::vector<store::Seen> patterns;
  for (const v1::AnswerPattern& pattern : deep.patterns()) {
    std::string key = PatternKey(pattern.name());
    if (!key.empty() && keys.insert(key).second) {
      patterns.push_back({std::move(key), pattern, analyst.EvidenceOf(answer, pattern.name())});
    }
  }
  return patterns;
}

// Tells what this answer made recur.
absl::Status RecordInsights(Transaction& tx, const Answer& answer, store::Ground ground,
                            const std::vector<store::Seen>& patterns, absl::Time now) {
  std::vector<InsightDraft> drafts;
  for (const auto& [key, pattern, quotation] : patterns) {
    Recurrence& recurrence = ground.elsewhere[key];
    recurrence.pattern = key;
    recurrence.sightings.push_back({quotation, pattern.confidence()});
    for (InsightDraft& draft : DrawInsights(recurrence, answer.language)) {
      drafts.push_back(std::move(draft));
    }
  }
  if (drafts.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<v1::Insight> insights,
                   store::InsertInsights(tx, answer, drafts, now));
  for (const v1::Insight& insight : insights) RETURN_IF_ERROR(PublishInsight(tx, insight));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Before> ReadBefore(const Call& call, postgres::Database& database,
                                  const Answer& answer) {
  return database.Read(
      call, [&](Transaction& tx) { return store::ReadBefore(tx, answer, kKnownPatterns); },
      {.newest = true});
}

absl::StatusOr<Finding> Find(const Call& call, Analyst& analyst, const Answer& answer,
                             const Before& before, bool premium) {
  Finding finding;
  ASSIGN_OR_RETURN(
      finding.deep,
      analyst.Deep(call, answer, {.known_patterns = before.known_patterns, .premium = premium}));
  return finding;
}

Finding FindOrFallBack(const Call& call, Analyst& analyst, const Answer& answer,
                       const Before& before) {
  absl::StatusOr<Finding> finding = Find(call, analyst, answer, before, /*premium=*/false);
  if (finding.ok()) return *std::move(finding);
  observe::Warning("deep analysis made by rules: no model answered",
                   {{"status", finding.status()}});
  return {.deep = analyst.DeepByRules(answer), .failure = status::Reason(finding.status())};
}

absl::Status RecordInstant(Transaction& tx, const Answer& answer,
                           const v1::InstantAnalysis& instant, absl::Time now) {
  store::LockUser(tx, answer.user_id);
  ASSIGN_OR_RETURN(const bool is_new, store::InsertInstant(tx, answer, instant, now));
  return is_new ? PublishInstant(tx, answer, instant) : absl::OkStatus();
}

absl::Status RecordDeep(Transaction& tx, const Analyst& analyst, const Answer& answer,
                        int32_t seen_revision, const Finding& finding, absl::Time now) {
  store::LockUser(tx, answer.user_id);
  const std::vector<store::Seen> patterns = Distinct(analyst, answer, finding.deep);
  ASSIGN_OR_RETURN(std::optional<store::Ground> ground, store::ReadGround(tx, answer, patterns));
  if (!ground.has_value()) {
    // The instant phase has yet to come, or will not.
    RETURN_IF_ERROR(RecordInstant(tx, answer, analyst.InstantByRules(answer), now));
    ASSIGN_OR_RETURN(ground, store::ReadGround(tx, answer, patterns));
  }
  // Erased meanwhile, or somebody else was faster.
  if (!ground.has_value() || ground->revision != seen_revision) return absl::OkStatus();

  const bool by_rules = !finding.failure.empty();
  const std::optional<absl::Time> retry_at = by_rules ? RetryAt(0, now) : std::nullopt;
  const v1::DeepAnalysis& deep = finding.deep;
  if (by_rules && ShowsNothing(deep) && deep.patterns().empty()) {
    store::SaveFailure(tx, answer.answer_id, finding.failure, retry_at, now);
    return absl::OkStatus();
  }
  const int32_t revision = seen_revision + 1;
  RETURN_IF_ERROR(store::SaveDeep(tx, answer.answer_id, deep, retry_at, now));
  store::SavePatterns(tx, answer, *ground, patterns);
  RETURN_IF_ERROR(PublishDeep(tx, answer, deep, revision));
  RETURN_IF_ERROR(PublishTraits(tx, answer, deep, analyst.TriggerOf(answer), revision));
  return RecordInsights(tx, answer, *std::move(ground), patterns, now);
}

std::optional<absl::Time> RetryAt(int32_t retries, absl::Time now) {
  if (retries < 0 || retries >= static_cast<int32_t>(std::size(kRetries))) return std::nullopt;
  return now + kRetries[retries];
}

}  // namespace selfology::analysis
