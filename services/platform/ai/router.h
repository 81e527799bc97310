// Asks models until one answers: the chain of the tier, each behind its circuit breaker (but for
// local ones), each with its share of the time, each tried again when the failure may pass.
//
//   Router router(std::move(backends), std::move(locals), {.metrics = &metrics});
//   ASSIGN_OR_RETURN(v1::Completion completion, router.Complete(call, input));
//
// A backend is a model with the provider that runs it. For each of the chain (model.h), in order:
//   - it is skipped while its breaker is open (5 failures in a row: 60 s, then 3 trials);
//   - it may take its share of the time left (ShareOf), and is asked up to 3 times, 1 to 10 s apart
//     with jitter, as long as failures are of the kind that passes and the share lasts;
//   - what it answers is used if it is what was asked for: JSON that parses, if JSON was asked for.
// A backend that ran out of a share shorter than kFairPatience is not held against it: callers in a
// hurry must not open the breaker for those who can wait.
//
// Errors: AI_API_TIMEOUT (DEADLINE_EXCEEDED) when time was what lacked everywhere,
// FALLBACK_CHAIN_EXHAUSTED (UNAVAILABLE) otherwise, both with what each model failed of, and when
// to come back if a model said so; CANCELLED. Money is counted for every answer that was paid for,
// used or not (spending.h). Metrics besides: request_duration_seconds{kind="ai_model",
// operation=<model>}, for each model's turn. Threads: thread-safe. Source: spec 001, "Resilience
// Patterns".
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/resilience/circuit_breaker.h"
#include "common/resilience/retry.h"
#include "services/platform/ai/provider.h"
#include "services/platform/ai/spending.h"

namespace selfology::ai {

inline constexpr absl::Duration kFairPatience = absl::Seconds(4);

struct Backend {
  Model model;
  std::shared_ptr<Provider> provider;  // Null: no key, so it is known but never asked.
};

// A room's local model.
struct LocalBackend {
  Backend backend;  // The model's api_name is the room's.
  std::vector<v1::Task> tasks;
};

class Router {
 public:
  struct Options {
    observe::Metrics* metrics = nullptr;  // May be null; outlives the router.
    resilience::RetryOptions retry = {};
    resilience::BreakerLimits breaker = {};
    std::function<absl::Time()> clock = &absl::Now;
  };

  // backends: best tier first. When none of them has a provider, the chain is the local model that
  // serves the task; without one it is empty, and so exhausted.
  Router(std::vector<Backend> backends, std::vector<LocalBackend> locals, Options options);
  ~Router();

  // `input` has passed Normalise.
  absl::StatusOr<v1::Completion> Complete(const Call& call, const v1::CompletionInput& input);

  // `restart`: the text so far is void. An error of the sink ends the call and is returned.
  using Sink = absl::FunctionRef<absl::Status(std::string_view text, bool restart)>;
  absl::StatusOr<v1::Completion> Stream(const Call& call, const v1::CompletionInput& input,
                                        Sink sink);

  // Local models last, all of them as one.
  std::vector<v1::Model> Models() const;

  // UNAVAILABLE when every model that could be asked has its breaker open.
  absl::Status Healthy() const;

 private:
  struct State;  // A backend with its breaker and its figures.
  using Turn = absl::FunctionRef<absl::StatusOr<Answer>(const Call&, const State&)>;

  static v1::Model Describe(State& state);
  std::vector<State*> ChainFor(const v1::CompletionInput& input) const;
  absl::StatusOr<v1::Completion> Run(const Call& call, const v1::CompletionInput& input, Turn turn);
  absl::StatusOr<Answer> TakeTurn(const Call& call, State& state, Turn turn);
  double Account(State& state, v1::Task task, const Answer& answer);

  const Options options_;
  observe::Requests requests_;
  const Spending spending_;
  std::vector<std::unique_ptr<State>> states_;
  std::vector<std::unique_ptr<State>> locals_;
  std::map<v1::Task, State*> local_by_task_;
};

}  // namespace selfology::ai
