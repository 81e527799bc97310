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
    "tokens). Optional, after more commas: timeout=20s (maximum time per request, waiting and "
    "retries included), concurrency=1 (maximum parallel requests; tiers with the same model share "
    "them)");
ABSL_FLAG(std::string, ai_standard, Settings().standard,
          "Model of the standard tier; format as for --ai_premium");
ABSL_FLAG(std::string, ai_simple, Settings().simple,
          "Model of the simple tier; format as for --ai_premium");
ABSL_FLAG(
    std::string, ai_embedding, Settings().embedding,
    "Embedding model; format as for --ai_premium. Also width=384 (size of the model's vectors, if "
    "it cannot be requested) and batch=1 (maximum texts per request)");
ABSL_FLAG(std::string, ai_embedding_base_url, "",
          "Base URL, including the version, of an OpenAI-compatible server for embeddings only; "
          "empty: --openai_base_url and its key");
ABSL_FLAG(Secret, ai_embedding_api_key, {}, "API key for --ai_embedding_base_url");
ABSL_FLAG(
    std::string, ai_embedding_width, Settings().embedding_width,
    "What to do with vectors wider than requested: project (reduce by a fixed projection; any "
    "model), cut (truncate; models trained for it) or refuse. Narrower vectors are padded with "
    "zeros, or rejected with refuse. After a change, existing vectors must be recomputed");
ABSL_FLAG(std::vector<std::string>, ai_task_timeouts, {},
          "Maximum total time of all configured models per task, for example "
          "coach_reply=20s,deep_analysis=2m; the caller's deadline still applies. Tasks: "
          "instant_analysis, deep_analysis, coach_reply, insight, summary, other");
ABSL_FLAG(absl::Duration, ai_local_reserve, Settings().local_reserve,
          "Part of a call's time that is reserved for the local model, which answers when all "
          "configured models fail; at most a quarter of the time");
ABSL_FLAG(std::string, openai_base_url, "",
          "Base URL, including the version, of an OpenAI-compatible server, for example "
          "http://127.0.0.1:11434/v1; empty: OpenAI. The key is optional for your own server");
ABSL_FLAG(Secret, openai_api_key, {}, "API key for --openai_base_url");
ABSL_FLAG(std::string, anthropic_base_url, Settings().anthropic_base_url,
          "Base URL of Anthropic's Messages API");
ABSL_FLAG(Secret, anthropic_api_key, {}, "API key for --anthropic_base_url");

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
    const ModelGateOptions gate = {.metrics = &mesh.metrics(), .clock = mesh.clock()};
    Router::Options options = {.gate = gate, .local_reserve = settings_.local_reserve};
    ASSIGN_OR_RETURN(options.task_timeouts, ParseTaskTimeouts(settings_.task_timeouts));
    auto router = std::make_shared<Router>(std::move(backends), LocalBackends(mesh), options);
    ASSIGN_OR_RETURN(std::shared_ptr<EmbeddingRouter> embeddings, MakeEmbeddings(mesh, gate));
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

  absl::StatusOr<std::shared_ptr<EmbeddingRouter>> MakeEmbeddings(
      service::Mesh& mesh, const ModelGateOptions& gate) const {
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
    return std::make_shared<EmbeddingRouter>(std::move(model), std::move(embedder), rule, gate);
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
