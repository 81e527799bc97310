#include "services/coaching/analysis/analyst.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/status/status_macros.h"
#include "services/coaching/analysis/complexity.h"
#include "services/coaching/analysis/own_words.h"
#include "services/coaching/analysis/prompts.h"
#include "services/coaching/analysis/replies.h"
#include "services/coaching/lib/lexicon/estimates.h"
#include "services/coaching/lib/lexicon/report.h"
#include "services/coaching/lib/reflection/feedback_check.h"
#include "services/coaching/lib/trait_evidence/pool.h"
#include "services/coaching/lib/trait_evidence/signs.h"

namespace selfology::analysis {
namespace {

int32_t Milliseconds(absl::Duration elapsed) {
  return static_cast<int32_t>(absl::ToInt64Milliseconds(elapsed));
}

}  // namespace

Analyst::Analyst(ai::v1::AiServiceClient ai, std::shared_ptr<const lexicon::Lexicon> lexicon,
                 std::shared_ptr<const trait_evidence::SignRules> signs, Options options)
    : ai_(std::move(ai)),
      lexicon_(std::move(lexicon)),
      signs_(std::move(signs)),
      options_(std::move(options)),
      instant_breaker_("analysis:instant", {.clock = options_.clock, .metrics = options_.metrics}) {
}

v1::InstantAnalysis Analyst::InstantByRules(const Answer& answer) const {
  v1::InstantAnalysis instant =
      lexicon::InstantReport(*lexicon_, lexicon::Read(*lexicon_, answer.text), answer.language);
  instant.set_brief_insight(FeedbackOn(answer));
  instant.set_model_used(std::string(kRules));
  return instant;
}

v1::InstantAnalysis Analyst::Instant(const Call& call, const Answer& answer) {
  const absl::Time start = options_.clock();
  v1::InstantAnalysis instant = InstantByRules(answer);
  const absl::StatusOr<v1::InstantAnalysis> asked =
      instant_breaker_.Run([&] { return AskInstant(call, answer, instant); });
  if (asked.ok()) instant = *asked;
  const absl::Duration elapsed = options_.clock() - start;
  instant.set_latency_ms(Milliseconds(elapsed));
  if (options_.metrics != nullptr) {
    options_.metrics
        ->Histogram("instant_analysis_duration_seconds", "Duration of instant analyses",
                    observe::LatencyBuckets(), {{"by", asked.ok() ? "ai" : "rules"}})
        .Observe(elapsed);
  }
  return instant;
}

absl::StatusOr<v1::InstantAnalysis> Analyst::AskInstant(const Call& call, const Answer& answer,
                                                        const v1::InstantAnalysis& by_rules) {
  ai::v1::CompleteRequest request;
  *request.mutable_input() = InstantPrompt(answer);
  ASSIGN_OR_RETURN(const ai::v1::CompleteResponse response,
                   ai_.Complete(call.WithTimeout(options_.instant_budget), request));
  const ai::v1::Completion& completion = response.completion();
  ASSIGN_OR_RETURN(v1::InstantAnalysis instant, ParseInstant(completion.text(), by_rules));
  // A model's feedback has to keep to the person's words as ours does.
  if (!reflection::CheckFeedback(instant.brief_insight(), Answered(answer)).empty()) {
    instant.set_brief_insight(by_rules.brief_insight());
  }
  instant.set_model_used(completion.model_used());
  instant.set_cost_usd(completion.cost_usd());
  return instant;
}

absl::StatusOr<v1::DeepAnalysis> Analyst::Deep(const Call& call, const Answer& answer,
                                               const DeepOptions& options) {
  const absl::Time start = options_.clock();
  const ai::v1::Tier tier = options.premium
                                ? ai::v1::TIER_PREMIUM
                                : DeepTier(lexicon::Read(*lexicon_, answer.text), answer.depth);
  ai::v1::CompleteRequest request;
  *request.mutable_input() = DeepPrompt(answer, options.known_patterns, tier);
  ASSIGN_OR_RETURN(const ai::v1::CompleteResponse response,
                   ai_.Complete(call.WithTimeout(options_.deep_timeout), request));
  const ai::v1::Completion& completion = response.completion();
  ASSIGN_OR_RETURN(v1::DeepAnalysis deep, ParseDeep(completion.text(), answer.text));
  CompleteTraits(answer, deep);
  deep.set_model_used(completion.model_used());
  deep.set_tokens_used(completion.input_tokens() + completion.output_tokens());
  deep.set_cost_usd(completion.cost_usd());
  const absl::Duration elapsed = options_.clock() - start;
  deep.set_latency_ms(Milliseconds(elapsed));
  if (options_.metrics != nullptr) {
    options_.metrics
        ->Histogram("deep_analysis_duration_seconds", "Duration of deep analyses",
                    observe::LatencyBuckets())
        .Observe(elapsed);
  }
  return deep;
}

v1::DeepAnalysis Analyst::DeepByRules(const Answer& answer) const {
  const lexicon::Reading reading = lexicon::Read(*lexicon_, answer.text);
  v1::DeepAnalysis deep = lexicon::DeepReport(*lexicon_, reading, answer.language);
  AddOwnWords(answer.text, answer.language, deep);
  deep.set_model_used(std::string(kRules));
  CompleteTraits(answer, deep);
  // Who answers at length is interested in what was asked.
  if (!answer.domain.empty() && reading.known_words > 0) {
    double& affinity = (*deep.mutable_domain_affinities())[answer.domain];
    affinity = std::max(affinity, 0.3 + 0.5 * lexicon::Quality(reading));
  }
  return deep;
}

void Analyst::CompleteTraits(const Answer& answer, v1::DeepAnalysis& deep) const {
  if (deep.evidence().empty()) {
    for (trait::v1::TraitEvidence& sign :
         trait_evidence::FindSigns(*signs_, answer.question_text, answer.text)) {
      *deep.add_evidence() = std::move(sign);
    }
  }
  for (trait::v1::TraitEvidence& sign : *deep.mutable_evidence()) {
    sign.set_answer_id(answer.answer_id);
  }
  const std::vector<trait::v1::TraitEvidence> evidence(deep.evidence().begin(),
                                                       deep.evidence().end());
  deep.clear_traits();
  for (const auto& [name, estimate] : trait_evidence::Pool(evidence)) {
    (*deep.mutable_traits())[name] = estimate;
  }
}

std::string Analyst::EvidenceOf(const Answer& answer, std::string_view pattern) const {
  return analysis::EvidenceOf(*lexicon_, answer, pattern);
}

std::string Analyst::TriggerOf(const Answer& answer) const {
  const std::vector<lexicon::Theme> themes =
      lexicon::MainThemes(lexicon::Read(*lexicon_, answer.text), 1);
  return themes.empty() ? "" : std::string(lexicon::TriggerOf(themes.front()));
}

absl::Status Analyst::Healthy(const Call& call) const {
  ASSIGN_OR_RETURN(const ai::v1::ListModelsResponse models, ai_.ListModels(call, {}));
  const bool any =
      std::any_of(models.models().begin(), models.models().end(), [](const ai::v1::Model& model) {
        return model.configured() && model.breaker_state() != ai::v1::BREAKER_STATE_OPEN;
      });
  return any ? absl::OkStatus() : absl::UnavailableError("no model can be asked");
}

}  // namespace selfology::analysis
