// Asks models until one answers: the chain of the tier, each by its gate (breaker, slots, tries;
// model_gate.h) and with its share of the time, and the task's local model behind them all.
//
//   Router router(std::move(backends), std::move(locals), {.gate = {.metrics = &metrics}});
//   ASSIGN_OR_RETURN(v1::Completion completion, router.Complete(call, input));
//
// A backend is a model with the provider that runs it; backends of the same model share a gate, and
// a chain asks it once. Configured models have the time left but for what is kept for the local one
// (TimeForModels); each may take its share of that (ShareOf), waiting for a slot included, and
// what it leaves goes to those behind it. What a model answers is used if it is what was asked for:
// JSON that parses, if JSON was asked for. A stream that is cut begins anew with the next model.
//
// So a task with a local model is answered whatever becomes of the configured ones.
//
// Errors: AI_API_TIMEOUT (DEADLINE_EXCEEDED) when time was what lacked everywhere,
// FALLBACK_CHAIN_EXHAUSTED (UNAVAILABLE) otherwise, both with what each model failed of, and when
// to come back if a model said so; CANCELLED. Money is counted for every answer that was paid for,
// used or not (spending.h). Threads: thread-safe. Requirements: R000-11, R001-24.
#pragma once

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
#include "absl/time/time.h"
#include "common/call/call.h"
#include "services/platform/ai/model_gate.h"
#include "services/platform/ai/provider.h"
#include "services/platform/ai/spending.h"

namespace selfology::ai {

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
    ModelGateOptions gate = {};
    TaskTimeouts task_timeouts = {};  // For all configured models together; not said: as they wish.
    absl::Duration local_reserve = absl::Seconds(1);
  };

  // backends: best tier first. A task that no room serves has no local model behind its chain, and
  // none at all when no backend has a provider.
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

  // How many wait for a slot at the model of that name.
  int Waiting(std::string_view model) const;

  // UNAVAILABLE when every model that could be asked has its breaker open.
  absl::Status Healthy() const;

 private:
  struct State;    // A model with its gate and its costs.
  struct Member {  // A place in the tiers.
    Model model;
    State* state;
  };
  struct Link {  // Of a chain.
    State* state;
    bool is_local;
  };
  using Turn = absl::FunctionRef<absl::StatusOr<Answer>(const Call&, const State&)>;

  static v1::Model Describe(State& state);
  State* StateOf(const Backend& backend);
  std::vector<Link> ChainFor(const v1::CompletionInput& input) const;
  absl::StatusOr<v1::Completion> Run(const Call& call, const v1::CompletionInput& input, Turn turn);
  absl::StatusOr<Answer> Ask(const Call& call, State& state, const v1::CompletionInput& input,
                             Turn turn, double& cost_usd);

  const Options options_;
  const Spending spending_;
  std::vector<std::unique_ptr<State>> states_;
  std::vector<Member> members_;
  std::vector<std::unique_ptr<State>> locals_;
  std::map<v1::Task, State*> local_by_task_;
};

}  // namespace selfology::ai
