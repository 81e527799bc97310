// Counts what models cost, as they answer.
//
//   Spending spending(&metrics);
//   response.set_cost_usd(
//       spending.Add(model, "coach_reply", answer.input_tokens, answer.output_tokens));
//
// Metrics: ai_cost_usd_total{model, task} and ai_tokens_total{model, direction}. Threads:
// thread-safe.
#pragma once

#include <string_view>

#include "common/observe/metrics.h"
#include "services/platform/ai/model.h"

namespace selfology::ai {

class Spending {
 public:
  // metrics may be null; it outlives this.
  explicit Spending(observe::Metrics* metrics) : metrics_(metrics) {}

  // Gives the cost of this answer, US dollars.
  double Add(const Model& model, std::string_view task, int input_tokens, int output_tokens) const;

 private:
  observe::Metrics* const metrics_;
};

}  // namespace selfology::ai
