#include "services/platform/ai/model.h"

#include <cmath>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace selfology::ai {
namespace {

// Without the release date that some providers put behind a model's name.
std::string_view WithoutDate(std::string_view api_name) {
  const size_t dash = api_name.rfind('-');
  if (dash == std::string_view::npos || api_name.size() - dash != 9) return api_name;
  const std::string_view date = api_name.substr(dash + 1);
  return absl::c_all_of(date, absl::ascii_isdigit) ? api_name.substr(0, dash) : api_name;
}

bool ParsePrice(std::string_view text, double& price) {
  return absl::SimpleAtod(text, &price) && std::isfinite(price) && price >= 0;
}

}  // namespace

absl::StatusOr<Model> ParseModel(std::string_view text, v1::Tier tier) {
  const std::vector<std::string> parts = absl::StrSplit(text, ',');
  Model model{.tier = tier};
  if (parts.size() != 4 || parts[0].empty() || parts[1].empty() ||
      !ParsePrice(parts[2], model.input_usd_per_million) ||
      !ParsePrice(parts[3], model.output_usd_per_million)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" must be provider,model,input price,output price"));
  }
  model.provider = parts[0];
  model.api_name = parts[1];
  model.name = WithoutDate(model.api_name);
  return model;
}

v1::Tier TierOf(const v1::CompletionInput& input) {
  if (input.tier() != v1::TIER_UNSPECIFIED) return input.tier();
  switch (input.task()) {
    case v1::TASK_INSTANT_ANALYSIS:
    case v1::TASK_SUMMARY:
      return v1::TIER_SIMPLE;
    default:
      return v1::TIER_STANDARD;
  }
}

std::vector<const Model*> Chain(absl::Span<const Model> models, v1::Tier tier,
                                absl::FunctionRef<bool(const Model&)> usable) {
  std::vector<const Model*> chain, above;
  for (const Model& model : models) {
    if (usable(model)) (model.tier <= tier ? chain : above).push_back(&model);
  }
  if (!chain.empty()) return chain;
  absl::c_reverse(above);
  return above;
}

absl::Duration ShareOf(absl::Duration left, int models) { return left * 2 / (models + 1); }

bool HasBreaker(const Model& model) { return model.provider != "local"; }

double CostUsd(const Model& model, int input_tokens, int output_tokens) {
  return (input_tokens * model.input_usd_per_million +
          output_tokens * model.output_usd_per_million) /
         1e6;
}

}  // namespace selfology::ai
