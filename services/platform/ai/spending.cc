#include "services/platform/ai/spending.h"

#include <string>

namespace selfology::ai {

double Spending::Add(const Model& model, std::string_view task, int input_tokens,
                     int output_tokens) const {
  const double cost = CostUsd(model, input_tokens, output_tokens);
  if (metrics_ == nullptr) return cost;
  metrics_
      ->Counter("ai_cost_usd_total", "Cost of model calls in US dollars",
                {{"model", model.name}, {"task", std::string(task)}})
      .Increment(cost);
  const auto count = [&](const char* direction, int tokens) {
    metrics_
        ->Counter("ai_tokens_total", "Input and output tokens of models",
                  {{"model", model.name}, {"direction", direction}})
        .Increment(tokens);
  };
  count("input", input_tokens);
  count("output", output_tokens);
  return cost;
}

}  // namespace selfology::ai
