#include "services/platform/ai/router.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/observe/log.h"
#include "common/prompt/json_reply.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/platform/ai/failure.h"
#include "services/platform/ai/json_fields.h"

namespace selfology::ai {
namespace {

// A key that was revoked or a model that was withdrawn does not come back soon, either.
resilience::CallResult Classify(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kNotFound:
      return resilience::CallResult::kFailure;
    default:
      return resilience::ClassifyCall(status);
  }
}

// The answer in the form that was asked for.
absl::Status Shape(v1::ResponseFormat format, Answer& answer) {
  if (format != v1::RESPONSE_FORMAT_JSON) return absl::OkStatus();
  const std::optional<nlohmann::json> object = prompt::FindJsonObject(answer.text);
  if (!object.has_value()) return UnusableAnswer("no JSON object");
  answer.text = Dump(*object);
  return absl::OkStatus();
}

std::string TaskLabel(v1::Task task) {
  const std::string word = enums::LowerWord(task);
  return word.empty() ? "other" : word;
}

v1::BreakerState ToProto(resilience::BreakerState state) {
  switch (state) {
    case resilience::BreakerState::kClosed:
      return v1::BREAKER_STATE_CLOSED;
    case resilience::BreakerState::kHalfOpen:
      return v1::BREAKER_STATE_HALF_OPEN;
    case resilience::BreakerState::kOpen:
      return v1::BREAKER_STATE_OPEN;
  }
  return v1::BREAKER_STATE_UNSPECIFIED;
}

// Counts one more room's local model.
void AddRoom(const v1::Model& room, v1::Model& local) {
  local.set_requests_total(local.requests_total() + room.requests_total());
  local.set_failures_total(local.failures_total() + room.failures_total());
  local.set_cost_usd_total(local.cost_usd_total() + room.cost_usd_total());
}

}  // namespace

struct Router::State {
  State(Backend backend, const Options& options)
      : model(std::move(backend.model)), provider(std::move(backend.provider)) {
    if (!HasBreaker(model)) return;
    breaker.emplace(absl::StrCat(model.provider, ":", model.name),
                    resilience::CircuitBreaker::Options{.limits = options.breaker,
                                                        .classify = &Classify,
                                                        .clock = options.clock,
                                                        .metrics = options.metrics});
  }

  resilience::BreakerState breaker_state() const {
    return breaker.has_value() ? breaker->state() : resilience::BreakerState::kClosed;
  }

  const Model model;
  const std::shared_ptr<Provider> provider;
  std::optional<resilience::CircuitBreaker> breaker;

  absl::Mutex mutex;
  int64_t requests ABSL_GUARDED_BY(mutex) = 0;
  int64_t failures ABSL_GUARDED_BY(mutex) = 0;
  double cost_usd ABSL_GUARDED_BY(mutex) = 0;
};

Router::Router(std::vector<Backend> backends, std::vector<LocalBackend> locals, Options options)
    : options_(std::move(options)),
      requests_(options_.metrics, "ai_model"),
      spending_(options_.metrics) {
  for (Backend& backend : backends) {
    states_.push_back(std::make_unique<State>(std::move(backend), options_));
  }
  for (LocalBackend& local : locals) {
    locals_.push_back(std::make_unique<State>(std::move(local.backend), options_));
    for (const v1::Task task : local.tasks) local_by_task_[task] = locals_.back().get();
  }
}

Router::~Router() = default;

std::vector<Router::State*> Router::ChainFor(const v1::CompletionInput& input) const {
  std::vector<Model> models;
  for (const auto& state : states_) models.push_back(state->model);
  const auto state_of = [&](const Model& model) { return states_[&model - models.data()].get(); };
  std::vector<State*> chain;
  for (const Model* model : Chain(models, TierOf(input), [&](const Model& model) {
         return state_of(model)->provider != nullptr;
       })) {
    chain.push_back(state_of(*model));
  }
  if (!chain.empty()) return chain;
  const auto local = local_by_task_.find(input.task());
  if (local != local_by_task_.end()) chain.push_back(local->second);
  return chain;
}

absl::StatusOr<v1::Completion> Router::Complete(const Call& call,
                                                const v1::CompletionInput& input) {
  return Run(call, input, [&](const Call& turn, const State& state) {
    return state.provider->Complete(turn, state.model, input);
  });
}

absl::StatusOr<v1::Completion> Router::Stream(const Call& call, const v1::CompletionInput& input,
                                              Sink sink) {
  bool begun = false;
  absl::Status refused;  // By the sink: nobody listens any more, so nobody else is asked.
  absl::StatusOr<v1::Completion> completion =
      Run(call, input, [&](const Call& turn, const State& state) -> absl::StatusOr<Answer> {
        RETURN_IF_ERROR(refused);
        bool restart = std::exchange(begun, false);
        return state.provider->Stream(turn, state.model, input, [&](std::string_view text) {
          begun = true;
          refused = sink(text, std::exchange(restart, false));
          return refused;
        });
      });
  RETURN_IF_ERROR(refused);
  return completion;
}

absl::StatusOr<v1::Completion> Router::Run(const Call& call, const v1::CompletionInput& input,
                                           Turn turn) {
  const absl::Time start = options_.clock();
  v1::Completion completion;
  std::vector<Failure> failures;
  const std::vector<State*> chain = ChainFor(input);
  for (size_t i = 0; i < chain.size(); ++i) {
    State& state = *chain[i];
    const absl::Duration share = ShareOf(call.Remaining(), static_cast<int>(chain.size() - i));
    absl::StatusOr<Answer> answer = TakeTurn(call.WithTimeout(share), state, turn);
    absl::Status failure = answer.status();
    if (answer.ok()) {
      completion.set_cost_usd(completion.cost_usd() + Account(state, input.task(), *answer));
      failure = Shape(input.response_format(), *answer);
    }
    if (failure.ok()) {
      completion.set_text(std::move(answer->text));
      completion.set_model_used(state.model.name);
      completion.set_provider(state.model.provider);
      completion.set_input_tokens(answer->input_tokens);
      completion.set_output_tokens(answer->output_tokens);
      completion.set_truncated(answer->truncated);
      completion.set_latency_ms(
          static_cast<int32_t>(absl::ToInt64Milliseconds(options_.clock() - start)));
      return completion;
    }
    if (call.Cancelled() || absl::IsCancelled(failure)) return failure;
    v1::FailedAttempt& attempt = *completion.add_failed_attempts();
    attempt.set_model(state.model.name);
    attempt.set_reason(WhyFailed(failure));
    observe::Warning("model failed", {{"model", state.model.name}, {"status", failure}});
    failures.push_back({state.model.name, std::move(failure)});
  }
  return GiveUp(failures, call);
}

absl::StatusOr<Answer> Router::TakeTurn(const Call& call, State& state, Turn turn) {
  std::optional<resilience::CircuitBreaker::Permit> permit;
  if (state.breaker.has_value()) {
    ASSIGN_OR_RETURN(resilience::CircuitBreaker::Permit admitted, state.breaker->Admit());
    permit.emplace(std::move(admitted));
  }
  const bool hurried = call.Remaining() < kFairPatience;
  const absl::Time start = options_.clock();
  absl::StatusOr<Answer> answer =
      resilience::Retry(call, options_.retry, [&] { return turn(call, state); });
  requests_.Record(state.model.name, answer.status().code(), options_.clock() - start);
  {
    absl::MutexLock lock(&state.mutex);
    ++state.requests;
    if (!answer.ok()) ++state.failures;
  }
  // A permit that is let go of without a word counts neither way.
  if (permit.has_value() && (!hurried || !absl::IsDeadlineExceeded(answer.status()))) {
    std::move(*permit).Finish(answer.status());
  }
  return answer;
}

double Router::Account(State& state, v1::Task task, const Answer& answer) {
  const double cost =
      spending_.Add(state.model, TaskLabel(task), answer.input_tokens, answer.output_tokens);
  absl::MutexLock lock(&state.mutex);
  state.cost_usd += cost;
  return cost;
}

v1::Model Router::Describe(State& state) {
  v1::Model model;
  model.set_model(state.model.name);
  model.set_provider(state.model.provider);
  model.set_tier(state.model.tier);
  model.set_configured(state.provider != nullptr);
  model.set_breaker_state(ToProto(state.breaker_state()));
  const auto retry_at = state.breaker.has_value() ? state.breaker->retry_at() : std::nullopt;
  if (retry_at.has_value()) *model.mutable_retry_at() = timestamps::ToProto(*retry_at);
  model.set_input_usd_per_million(state.model.input_usd_per_million);
  model.set_output_usd_per_million(state.model.output_usd_per_million);
  absl::MutexLock lock(&state.mutex);
  model.set_requests_total(state.requests);
  model.set_failures_total(state.failures);
  model.set_cost_usd_total(state.cost_usd);
  return model;
}

std::vector<v1::Model> Router::Models() const {
  std::vector<v1::Model> models;
  for (const auto& state : states_) models.push_back(Describe(*state));
  if (locals_.empty()) return models;
  v1::Model local = Describe(*locals_.front());
  for (size_t i = 1; i < locals_.size(); ++i) AddRoom(Describe(*locals_[i]), local);
  models.push_back(std::move(local));
  return models;
}

absl::Status Router::Healthy() const {
  bool has_provider = false;
  for (const auto& state : states_) {
    if (state->provider == nullptr) continue;
    has_provider = true;
    if (state->breaker_state() != resilience::BreakerState::kOpen) return absl::OkStatus();
  }
  if (!has_provider) return absl::OkStatus();
  return absl::UnavailableError("the breakers of all models are open");
}

}  // namespace selfology::ai
