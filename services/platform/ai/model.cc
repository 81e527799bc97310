#include "services/platform/ai/model.h"

#include <algorithm>
#include <cmath>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/enums/word.h"
#include "common/status/status_macros.h"

namespace selfology::ai {
namespace {

// What a request without a task is called in settings and metrics.
constexpr std::string_view kOther = "other";

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

bool ParseCount(std::string_view text, int& count) {
  return absl::SimpleAtoi(text, &count) && count > 0;
}

bool ParsePositive(std::string_view text, absl::Duration& duration) {
  return absl::ParseDuration(text, &duration) && duration > absl::ZeroDuration();
}

absl::Status TakeOption(std::string_view text, Model& model) {
  const std::pair<std::string_view, std::string_view> option =
      absl::StrSplit(text, absl::MaxSplits('=', 1));
  const auto& [name, value] = option;
  if ((name == "timeout" && ParsePositive(value, model.timeout)) ||
      (name == "concurrency" && ParseCount(value, model.concurrency)) ||
      (name == "width" && ParseCount(value, model.width)) ||
      (name == "batch" && ParseCount(value, model.batch))) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", text, "\" must be timeout=<duration>, or concurrency, width or batch=<1 or more>"));
}

}  // namespace

absl::StatusOr<Model> ParseModel(std::string_view text, v1::Tier tier) {
  const std::vector<std::string> parts = absl::StrSplit(text, ',');
  Model model{.tier = tier};
  if (parts.size() < 4 || parts[0].empty() || parts[1].empty() ||
      !ParsePrice(parts[2], model.input_usd_per_million) ||
      !ParsePrice(parts[3], model.output_usd_per_million)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" must be provider,model,input price,output price"));
  }
  model.provider = parts[0];
  model.api_name = parts[1];
  model.name = WithoutDate(model.api_name);
  for (size_t i = 4; i < parts.size(); ++i) RETURN_IF_ERROR(TakeOption(parts[i], model));
  return model;
}

bool IsSameModel(const Model& a, const Model& b) {
  return a.provider == b.provider && a.api_name == b.api_name;
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

std::string WordOf(v1::Task task) {
  const std::string word = enums::LowerWord(task);
  return word.empty() ? std::string(kOther) : word;
}

Priority PriorityOf(v1::Task task) {
  switch (task) {
    case v1::TASK_COACH_REPLY:
      return Priority::kReply;
    case v1::TASK_INSTANT_ANALYSIS:
      return Priority::kInstant;
    default:
      return Priority::kBackground;
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

absl::StatusOr<TaskTimeouts> ParseTaskTimeouts(const std::vector<std::string>& texts) {
  TaskTimeouts timeouts;
  for (const std::string& text : texts) {
    const std::pair<std::string_view, std::string_view> parts =
        absl::StrSplit(text, absl::MaxSplits('=', 1));
    const v1::Task task = enums::FromWord<v1::Task>(parts.first);
    absl::Duration timeout;
    const bool known = enums::IsNamed(task) || parts.first == kOther;
    if (!known || !ParsePositive(parts.second, timeout)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "\"", text,
          "\" must be task=duration, such as coach_reply=20s, of a task of the contract"));
    }
    timeouts[task] = timeout;
  }
  return timeouts;
}

absl::Duration TimeForModels(absl::Duration left, absl::Duration timeout, absl::Duration reserve) {
  return std::min(left - std::min(reserve, left / 4), timeout);
}

bool HasBreaker(const Model& model) { return model.provider != "local"; }

double CostUsd(const Model& model, int input_tokens, int output_tokens) {
  return (input_tokens * model.input_usd_per_million +
          output_tokens * model.output_usd_per_million) /
         1e6;
}

}  // namespace selfology::ai
