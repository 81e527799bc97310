// The AI router: tiers, fallback chain, breakers, cost; behind it all the services' local models.
#include "services/platform/ai/module.h"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/service/mesh.h"
#include "common/service/settings.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/platform/ai/ai_service.h"
#include "services/platform/ai/anthropic_provider.h"
#include "services/platform/ai/embedding_router.h"
#include "services/platform/ai/local_models.h"
#include "services/platform/ai/local_provider.h"
#include "services/platform/ai/openai_provider.h"
#include "services/platform/ai/router.h"
#include "services/platform/ai/settings.h"

using selfology::ai::Settings;
using selfology::service::Secret;

ABSL_FLAG(
    std::string, ai_premium, Settings().premium,
    "Model of the premium tier: provider,model,input price,output price (US dollars per million "
    "tokens), and after more commas, if wished, timeout=20s (the longest turn it may have in a "
    "chain) and concurrency=1 (answers at once). Tiers of the same model share its places");
ABSL_FLAG(std::string, ai_standard, Settings().standard,
          "Model of the standard tier, in the same form");
ABSL_FLAG(std::string, ai_simple, Settings().simple, "Model of the simple tier, in the same form");
ABSL_FLAG(
    std::string, ai_embedding, Settings().embedding,
    "Embedding model, in the same form; width=384 for one whose vectors are that wide whatever "
    "it is asked for, batch=1 for one that makes them of so many texts at once");
ABSL_FLAG(std::string, ai_embedding_base_url, "",
          "OpenAI-compatible server for embeddings alone, including the version; empty: "
          "openai_base_url, with its key");
ABSL_FLAG(Secret, ai_embedding_api_key, {}, "API key for ai_embedding_base_url");
ABSL_FLAG(
    std::string, ai_embedding_width, Settings().embedding_width,
    "What to do with vectors wider than asked for: project (for any model), cut (for models "
    "trained for it), or refuse them, and narrower ones as well, which else get zeros behind. "
    "Vectors made before a change of it or of the model do not match those made after");
ABSL_FLAG(std::vector<std::string>, ai_task_timeouts, {},
          "The longest that configured models may take for a task, all together, such as "
          "coach_reply=20s,deep_analysis=2m; never more than the caller waits. Tasks: "
          "instant_analysis, deep_analysis, coach_reply, insight, summary, other");
ABSL_FLAG(absl::Duration, ai_local_reserve, Settings().local_reserve,
          "What is kept of a call's time for the local model behind the configured ones, a quarter "
          "at most");
ABSL_FLAG(std::string, openai_base_url, "",
          "OpenAI-compatible server, including the version, such as http://127.0.0.1:11434/v1; "
          "empty: OpenAI. For a server of your own the key is optional");
ABSL_FLAG(Secret, openai_api_key, {}, "API key for openai_base_url");
ABSL_FLAG(std::string, anthropic_base_url, Settings().anthropic_base_url,
          "Base URL of Anthropic's Messages API");
ABSL_FLAG(Secret, anthropic_api_key, {}, "API key for anthropic_base_url");

namespace selfology::ai {
namespace {

constexpr std::string_view kOpenAi = "https://api.openai.com/v1";

class AiModule : public service::Module {
 public:
  explicit AiModule(Settings settings) : settings_(std::move(settings)) {}

  service::ModuleInfo info() const override { return {.name = "ai", .group = "ai_router"}; }

  absl::Status Start(service::Mesh& mesh) override {
    MakeProviders(mesh);
    std::vector<Backend> backends;
    for (const auto& [text, tier] : {std::pair(settings_.premium, v1::TIER_PREMIUM),
                                     std::pair(settings_.standard, v1::TIER_STANDARD),
                                     std::pair(settings_.simple, v1::TIER_SIMPLE)}) {
      ASSIGN_OR_RETURN(Model model, ParseModel(text, tier));
      ASSIGN_OR_RETURN(std::shared_ptr<Provider> provider, ProviderOf(model));
      backends.push_back({std::move(model), std::move(provider)});
    }
    const LaneOptions lane = {.metrics = &mesh.metrics(), .clock = mesh.clock()};
    Router::Options options = {.lane = lane, .local_reserve = settings_.local_reserve};
    ASSIGN_OR_RETURN(options.task_timeouts, ParseTaskTimeouts(settings_.task_timeouts));
    auto router = std::make_shared<Router>(std::move(backends), LocalBackends(mesh), options);
    ASSIGN_OR_RETURN(std::shared_ptr<EmbeddingRouter> embeddings, MakeEmbeddings(mesh, lane));
    mesh.Serve(std::make_shared<AiService>(router, std::move(embeddings)));
    mesh.Check("models", service::Dependency::kOptional,
               [router](const Call&) { return router->Healthy(); });
    return absl::OkStatus();
  }

 private:
  void MakeProviders(service::Mesh& mesh) {
    if (!settings_.openai_key.empty() || !settings_.openai_base_url.empty()) {
      const std::string base_url =
          settings_.openai_base_url.empty() ? std::string(kOpenAi) : settings_.openai_base_url;
      openai_ = std::make_shared<OpenAiProvider>(
          mesh.http(), OpenAiProvider::Options{base_url, settings_.openai_key});
    }
    if (!settings_.anthropic_key.empty()) {
      anthropic_ = std::make_shared<AnthropicProvider>(
          mesh.http(),
          AnthropicProvider::Options{settings_.anthropic_base_url, settings_.anthropic_key});
    }
  }

  absl::StatusOr<std::shared_ptr<EmbeddingRouter>> MakeEmbeddings(service::Mesh& mesh,
                                                                  const LaneOptions& lane) const {
    ASSIGN_OR_RETURN(const WidthRule rule, ParseWidthRule(settings_.embedding_width));
    ASSIGN_OR_RETURN(Model model, ParseModel(settings_.embedding, v1::TIER_SIMPLE));
    if (model.provider != "openai") {
      return absl::InvalidArgumentError("ai_embedding: only provider openai makes vectors");
    }
    std::shared_ptr<Embedder> embedder = openai_;
    if (!settings_.embedding_base_url.empty()) {
      // The key of one server is not for another.
      embedder = std::make_shared<OpenAiProvider>(
          mesh.http(),
          OpenAiProvider::Options{settings_.embedding_base_url, settings_.embedding_key});
    } else if (!settings_.embedding_key.empty()) {
      return absl::InvalidArgumentError("ai_embedding_api_key: needs ai_embedding_base_url");
    }
    if (embedder == nullptr) {
      model = LocalProvider::ModelOf(kLocalEmbeddings);
      embedder = std::make_shared<LocalProvider>(mesh.Peer(kLocalEmbeddings));
    }
    return std::make_shared<EmbeddingRouter>(std::move(model), std::move(embedder), rule, lane);
  }

  // One for each room.
  static std::vector<LocalBackend> LocalBackends(service::Mesh& mesh) {
    std::map<std::string_view, LocalBackend> by_room;
    for (const LocalModel& local : kLocalModels) {
      LocalBackend& served = by_room[local.room];
      served.tasks.push_back(local.task);
      if (served.backend.provider != nullptr) continue;
      served.backend = {LocalProvider::ModelOf(local.room),
                        std::make_shared<LocalProvider>(mesh.Peer(local.room))};
    }
    std::vector<LocalBackend> locals;
    for (auto& [room, local] : by_room) locals.push_back(std::move(local));
    return locals;
  }

  // Null without a key.
  absl::StatusOr<std::shared_ptr<Provider>> ProviderOf(const Model& model) const {
    if (model.provider == "openai") return std::shared_ptr<Provider>(openai_);
    if (model.provider == "anthropic") return std::shared_ptr<Provider>(anthropic_);
    return absl::InvalidArgumentError(
        absl::StrCat("\"", model.provider, "\": providers are openai and anthropic"));
  }

  const Settings settings_;
  std::shared_ptr<OpenAiProvider> openai_;
  std::shared_ptr<AnthropicProvider> anthropic_;
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() {
  return MakeModule({.premium = absl::GetFlag(FLAGS_ai_premium),
                     .standard = absl::GetFlag(FLAGS_ai_standard),
                     .simple = absl::GetFlag(FLAGS_ai_simple),
                     .embedding = absl::GetFlag(FLAGS_ai_embedding),
                     .embedding_base_url = absl::GetFlag(FLAGS_ai_embedding_base_url),
                     .embedding_key = absl::GetFlag(FLAGS_ai_embedding_api_key).value,
                     .embedding_width = absl::GetFlag(FLAGS_ai_embedding_width),
                     .task_timeouts = absl::GetFlag(FLAGS_ai_task_timeouts),
                     .local_reserve = absl::GetFlag(FLAGS_ai_local_reserve),
                     .openai_base_url = absl::GetFlag(FLAGS_openai_base_url),
                     .openai_key = absl::GetFlag(FLAGS_openai_api_key).value,
                     .anthropic_base_url = absl::GetFlag(FLAGS_anthropic_base_url),
                     .anthropic_key = absl::GetFlag(FLAGS_anthropic_api_key).value});
}

std::unique_ptr<service::Module> MakeModule(Settings settings) {
  return std::make_unique<AiModule>(std::move(settings));
}

}  // namespace selfology::ai
