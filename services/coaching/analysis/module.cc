// Analysis of answers: a word back at once, then traits, patterns and insights.
#include "services/coaching/analysis/module.h"

#include <utility>

#include "absl/flags/flag.h"
#include "common/service/mesh.h"
#include "common/status/status_macros.h"
#include "services/coaching/analysis/analysis_events.h"
#include "services/coaching/analysis/analysis_service.h"
#include "services/coaching/analysis/analysis_store.h"
#include "services/coaching/analysis/analyst.h"
#include "services/coaching/analysis/catch_up.h"
#include "services/coaching/analysis/local_model.h"
#include "services/coaching/analysis/migrations.h"
#include "services/coaching/analysis/settings.h"
#include "services/coaching/lib/lexicon/lexicon.h"
#include "services/coaching/lib/trait_evidence/rules.h"

ABSL_FLAG(absl::Duration, analysis_instant_budget, absl::Milliseconds(400),
          "How long an instant analysis waits for a model before it uses rules instead");
ABSL_FLAG(absl::Duration, analysis_deep_timeout, absl::Seconds(30),
          "How long a deep analysis waits for a model before it uses rules instead");

namespace selfology::analysis {
namespace {

class AnalysisModule final : public service::Module {
 public:
  explicit AnalysisModule(absl::Duration instant_budget) : instant_budget_(instant_budget) {}

  service::ModuleInfo info() const override {
    return {.name = "analysis", .group = "analysis_worker", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    ASSIGN_OR_RETURN(lexicon::Lexicon lexicon, lexicon::Lexicon::BuiltIn());
    const auto words = std::make_shared<const lexicon::Lexicon>(std::move(lexicon));
    ASSIGN_OR_RETURN(trait_evidence::SignRules rules, trait_evidence::SignRules::BuiltIn());
    auto analyst = std::make_shared<Analyst>(
        ai::v1::AiServiceClient(mesh.Peer("ai")), words,
        std::make_shared<const trait_evidence::SignRules>(std::move(rules)),
        Analyst::Options{.instant_budget = instant_budget_,
                         .deep_timeout = absl::GetFlag(FLAGS_analysis_deep_timeout),
                         .metrics = &mesh.metrics()});
    const session::v1::SessionServiceClient sessions(mesh.Peer("session"));
    auto service =
        std::make_shared<AnalysisService>(mesh.database(), analyst, sessions, mesh.clock());
    auto events = std::make_shared<AnalysisEvents>(mesh.database(), analyst, mesh.clock());
    auto catch_up = std::make_shared<CatchUp>(mesh.database(), analyst, sessions, mesh.clock());

    mesh.Serve(service);
    mesh.Serve(MakeLocalModel(words));
    mesh.OnErase([clock = mesh.clock()](postgres::Transaction& tx, int64_t user_id) {
      return store::EraseUser(tx, user_id, clock());
    });
    mesh.On(events, &AnalysisEvents::AnalyzeInstantly);
    mesh.Background("deep");
    mesh.On(events, &AnalysisEvents::AnalyzeDeeply, "deep");
    mesh.Every(absl::Minutes(5), "catch_up",
               [catch_up](const Call& call) { return catch_up->Run(call); });
    mesh.Every(absl::Hours(1), "forget_erasures",
               [service](const Call& call) { return service->ForgetErasures(call); });
    mesh.Check("ai_router", service::Dependency::kOptional,
               [analyst](const Call& call) { return analyst->Healthy(call); });
    return absl::OkStatus();
  }

 private:
  const absl::Duration instant_budget_;
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() {
  return MakeModule(absl::GetFlag(FLAGS_analysis_instant_budget));
}

std::unique_ptr<service::Module> MakeModule(absl::Duration instant_budget) {
  return std::make_unique<AnalysisModule>(instant_budget);
}

}  // namespace selfology::analysis
