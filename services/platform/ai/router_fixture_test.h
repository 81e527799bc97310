// A chain of models over real HTTP, for tests: servers that do what the test says, a clock that it
// moves, and waits that are noted and not waited for.
//
//   fake_.Next(kGpt4o, FakeModels::Status(500));
//   EXPECT_TRUE(Complete(v1::TIER_STANDARD).ok());
//   EXPECT_THAT(waits_, SizeIs(1));
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "common/http/client.h"
#include "common/observe/metrics.h"
#include "gtest/gtest.h"
#include "services/platform/ai/anthropic_provider.h"
#include "services/platform/ai/completion_input.h"
#include "services/platform/ai/fake_models_test.h"
#include "services/platform/ai/local_provider.h"
#include "services/platform/ai/openai_provider.h"
#include "services/platform/ai/router.h"

namespace selfology::ai {

inline constexpr char kClaude[] = "claude-sonnet-4-20250514";
inline constexpr char kGpt4o[] = "gpt-4o";
inline constexpr char kMini[] = "gpt-4o-mini";

// A room's local model that says its name, unless it is down.
class NamedRoom : public Provider {
 public:
  explicit NamedRoom(std::string name) : name_(std::move(name)) {}

  bool down = false;

  absl::StatusOr<Answer> Complete(const Call&, const Model&,
                                  const v1::CompletionInput& input) override {
    if (down) return absl::UnavailableError("down");
    return Finished({.text = name_}, input);
  }
  absl::StatusOr<Answer> Stream(const Call& call, const Model& model,
                                const v1::CompletionInput& input, OnText on_text) override {
    on_text(name_).IgnoreError();
    return Complete(call, model, input);
  }

 private:
  const std::string name_;
};

class RouterTest : public ::testing::Test {
 protected:
  void SetUp() override { Build(/*with_anthropic=*/true, /*with_openai=*/true); }

  void Build(bool with_anthropic, bool with_openai) {
    auto openai = std::make_shared<OpenAiProvider>(
        http_, OpenAiProvider::Options{fake_.openai_url(), "openai-key"});
    auto anthropic = std::make_shared<AnthropicProvider>(
        http_, AnthropicProvider::Options{fake_.anthropic_url(), "anthropic-key"});
    if (!with_openai) openai = nullptr;
    if (!with_anthropic) anthropic = nullptr;
    std::vector<Backend> backends = {
        {*ParseModel("anthropic,claude-sonnet-4-20250514,3,15", v1::TIER_PREMIUM), anthropic},
        {*ParseModel("openai,gpt-4o,2.50,10", v1::TIER_STANDARD), openai},
        {*ParseModel("openai,gpt-4o-mini,0.15,0.60", v1::TIER_SIMPLE), openai}};
    BuildOf(std::move(backends));
  }
  // Of these models, with the rooms' local ones behind them: coach's and analysis'.
  void BuildOf(std::vector<Backend> backends, Router::Options options = {}) {
    options.gate = this->options();
    std::vector<LocalBackend> locals = {
        {{LocalProvider::ModelOf("coach"), coach_}, {v1::TASK_COACH_REPLY, v1::TASK_INSIGHT}},
        {{LocalProvider::ModelOf("analysis"), analysis_}, {v1::TASK_DEEP_ANALYSIS}}};
    router_ = std::make_unique<Router>(std::move(backends), std::move(locals), std::move(options));
  }
  Backend OpenAi(std::string_view model, v1::Tier tier) {
    return {*ParseModel(model, tier), std::make_shared<OpenAiProvider>(
                                          http_, OpenAiProvider::Options{fake_.openai_url(), ""})};
  }

  // Waits between attempts are noted, not waited for; the clock is the test's.
  ModelGateOptions options() {
    ModelGateOptions options;
    options.metrics = &metrics_;
    options.retry.wait = [this](const Call&, absl::Duration delay) {
      waits_.push_back(delay);
      return true;
    };
    options.clock = [this] { return absl::Now() + absl::Seconds(ahead_seconds_.load()); };
    return options;
  }

  static v1::CompletionInput Asking(v1::Tier tier, v1::Task task = v1::TASK_SUMMARY) {
    v1::CompletionInput input;
    input.set_tier(tier);
    input.set_task(task);
    input.add_messages()->set_role(v1::ROLE_USER);
    input.mutable_messages(0)->set_content("How are you?");
    return *Normalise(input);
  }
  static Call Patient() { return Call::Background(absl::Seconds(30)); }
  // Of a task that no room serves, unless said otherwise.
  absl::StatusOr<v1::Completion> Complete(v1::Tier tier, v1::Task task = v1::TASK_SUMMARY) {
    return router_->Complete(Patient(), Asking(tier, task));
  }
  v1::Model ModelNamed(std::string_view name) {
    for (const v1::Model& model : router_->Models()) {
      if (model.model() == name) return model;
    }
    return {};
  }

  observe::Metrics metrics_;
  http::Client http_{{}};
  FakeModels fake_;
  std::shared_ptr<NamedRoom> coach_ = std::make_shared<NamedRoom>("by coach");
  std::shared_ptr<NamedRoom> analysis_ = std::make_shared<NamedRoom>("by analysis");
  std::vector<absl::Duration> waits_;
  std::atomic<int> ahead_seconds_ = 0;
  std::unique_ptr<Router> router_;
};

}  // namespace selfology::ai
