#include "services/platform/ai/router.h"

#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "common/prompt/json_reply.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/platform/ai/failure.h"
#include "services/platform/ai/json_fields.h"

namespace selfology::ai {
namespace {

// The answer in the form that was asked for.
absl::Status Shape(v1::ResponseFormat format, Answer& answer) {
  if (format != v1::RESPONSE_FORMAT_JSON) return absl::OkStatus();
  const std::optional<nlohmann::json> object = prompt::FindJsonObject(answer.text);
  if (!object.has_value()) return UnusableAnswer("no JSON object");
  answer.text = Dump(*object);
  return absl::OkStatus();
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
  State(Backend backend, const ModelGateOptions& options)
      : provider(std::move(backend.provider)), gate(std::move(backend.model), options) {}

  const Model& model() const { return gate.model(); }

  const std::shared_ptr<Provider> provider;
  ModelGate gate;

  absl::Mutex mutex;
  double cost_usd ABSL_GUARDED_BY(mutex) = 0;
};

Router::Router(std::vector<Backend> backends, std::vector<LocalBackend> locals, Options options)
    : options_(std::move(options)), spending_(options_.gate.metrics) {
  for (const Backend& backend : backends) members_.push_back({backend.model, StateOf(backend)});
  for (LocalBackend& local : locals) {
    locals_.push_back(std::make_unique<State>(std::move(local.backend), options_.gate));
    for (const v1::Task task : local.tasks) local_by_task_[task] = locals_.back().get();
  }
}

Router::~Router() = default;

Router::State* Router::StateOf(const Backend& backend) {
  for (const auto& state : states_) {
    if (IsSameModel(state->model(), backend.model)) return state.get();
  }
  return states_.emplace_back(std::make_unique<State>(backend, options_.gate)).get();
}

std::vector<Router::Link> Router::ChainFor(const v1::CompletionInput& input) const {
  std::vector<Model> models;
  for (const Member& member : members_) models.push_back(member.model);
  const auto state_of = [&](const Model& model) { return members_[&model - models.data()].state; };
  std::vector<Link> chain;
  for (const Model* model : Chain(models, TierOf(input), [&](const Model& model) {
         return state_of(model)->provider != nullptr;
       })) {
    State* const state = state_of(*model);
    const auto is_it = [&](const Link& link) { return link.state == state; };
    if (absl::c_none_of(chain, is_it)) chain.push_back({state, /*is_local=*/false});
  }
  const auto local = local_by_task_.find(input.task());
  if (local != local_by_task_.end()) chain.push_back({local->second, /*is_local=*/true});
  return chain;
}

absl::StatusOr<v1::Completion> Router::Complete(const Call& call,
                                                const v1::CompletionInput& input) {
  return Run(call, input, [&](const Call& turn, const State& state) {
    return state.provider->Complete(turn, state.model(), input);
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
        return state.provider->Stream(turn, state.model(), input, [&](std::string_view text) {
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
  const absl::Time start = options_.gate.clock();
  const std::vector<Link> chain = ChainFor(input);
  int models_left =
      static_cast<int>(absl::c_count_if(chain, [](const Link& link) { return !link.is_local; }));
  const bool has_local = models_left < static_cast<int>(chain.size());
  const auto limit = options_.task_timeouts.find(input.task());
  const Call for_models = call.WithTimeout(TimeForModels(
      call.Remaining(),
      limit == options_.task_timeouts.end() ? absl::InfiniteDuration() : limit->second,
      has_local ? options_.local_reserve : absl::ZeroDuration()));
  v1::Completion completion;
  double cost_usd = 0;
  std::vector<Failure> failures;
  for (const Link& link : chain) {
    const Call& whole = link.is_local ? call : for_models;
    const absl::Duration share = ShareOf(whole.Remaining(), link.is_local ? 1 : models_left--);
    absl::StatusOr<Answer> answer =
        Ask(whole.WithTimeout(share), *link.state, input, turn, cost_usd);
    const Model& model = link.state->model();
    if (answer.ok()) {
      completion.set_text(std::move(answer->text));
      completion.set_model_used(model.name);
      completion.set_provider(model.provider);
      completion.set_input_tokens(answer->input_tokens);
      completion.set_output_tokens(answer->output_tokens);
      completion.set_truncated(answer->truncated);
      completion.set_cost_usd(cost_usd);
      completion.set_latency_ms(
          static_cast<int32_t>(absl::ToInt64Milliseconds(options_.gate.clock() - start)));
      return completion;
    }
    if (call.Cancelled() || absl::IsCancelled(answer.status())) return answer.status();
    v1::FailedAttempt& attempt = *completion.add_failed_attempts();
    attempt.set_model(model.name);
    attempt.set_reason(WhyFailed(answer.status()));
    failures.push_back({model.name, answer.status()});
  }
  return GiveUp(failures, call);
}

absl::StatusOr<Answer> Router::Ask(const Call& call, State& state, const v1::CompletionInput& input,
                                   Turn turn, double& cost_usd) {
  ASSIGN_OR_RETURN(Answer answer,
                   state.gate.Run<Answer>(call, PriorityOf(input.task()),
                                          [&](const Call& given) { return turn(given, state); }));
  const double cost =
      spending_.Add(state.model(), WordOf(input.task()), answer.input_tokens, answer.output_tokens);
  cost_usd += cost;
  {
    absl::MutexLock lock(&state.mutex);
    state.cost_usd += cost;
  }
  const absl::Status shaped = Shape(input.response_format(), answer);
  if (!shaped.ok()) {
    state.gate.NoteUnusable(shaped);
    return shaped;
  }
  return answer;
}

v1::Model Router::Describe(State& state) {
  v1::Model model;
  model.set_model(state.model().name);
  model.set_provider(state.model().provider);
  model.set_tier(state.model().tier);
  model.set_configured(state.provider != nullptr);
  model.set_breaker_state(ToProto(state.gate.breaker_state()));
  const auto retry_at = state.gate.retry_at();
  if (retry_at.has_value()) *model.mutable_retry_at() = timestamps::ToProto(*retry_at);
  model.set_input_usd_per_million(state.model().input_usd_per_million);
  model.set_output_usd_per_million(state.model().output_usd_per_million);
  model.set_requests_total(state.gate.requests());
  model.set_failures_total(state.gate.failures());
  absl::MutexLock lock(&state.mutex);
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

int Router::Waiting(std::string_view model) const {
  for (const auto& state : states_) {
    if (state->model().name == model) return state->gate.waiting();
  }
  return 0;
}

absl::Status Router::Healthy() const {
  bool has_provider = false;
  for (const auto& state : states_) {
    if (state->provider == nullptr) continue;
    has_provider = true;
    if (state->gate.breaker_state() != resilience::BreakerState::kOpen) return absl::OkStatus();
  }
  if (!has_provider) return absl::OkStatus();
  return absl::UnavailableError("the breakers of all models are open");
}

}  // namespace selfology::ai
