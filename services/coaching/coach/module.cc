// The coach: conversations that fit the person's profile.
#include "services/coaching/coach/module.h"

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "common/service/mesh.h"
#include "common/status/status_macros.h"
#include "services/coaching/coach/coach_events.h"
#include "services/coaching/coach/coach_service.h"
#include "services/coaching/coach/coach_store.h"
#include "services/coaching/coach/local_coach.h"
#include "services/coaching/coach/local_model.h"
#include "services/coaching/coach/migrations.h"

ABSL_FLAG(absl::Duration, coach_idle_timeout, absl::Hours(24),
          "Idle time after which a conversation with the coach ends");
ABSL_FLAG(absl::Duration, coach_reply_timeout, absl::Seconds(25),
          "How long the coach waits for a model's reply; then it answers without a model");

namespace selfology::coach {
namespace {

// What the module's parts share; they refer to each other, so they live and go together.
struct Parts {
  Parts(service::Mesh& mesh, std::shared_ptr<const LocalCoach> local_coach)
      : growing(mesh.redis()),
        service(mesh.database(), mesh.clock(),
                session::v1::SessionServiceClient(mesh.Peer("session")), growing, local_coach),
        events(mesh.database(), ai::v1::AiServiceClient(mesh.Peer("ai")), growing, mesh.metrics(),
               local_coach, absl::GetFlag(FLAGS_coach_reply_timeout)) {}

  GrowingReplies growing;
  CoachService service;
  CoachEvents events;
};

class CoachModule final : public service::Module {
 public:
  explicit CoachModule(absl::Duration idle_timeout) : idle_timeout_(idle_timeout) {}

  service::ModuleInfo info() const override {
    return {.name = "coach",
            .group = "coach_interaction",
            .migrations = Migrations(),
            .requests_table = store::kRequests};
  }

  absl::Status Start(service::Mesh& mesh) override {
    ASSIGN_OR_RETURN(LocalCoach loaded, LocalCoach::Load());
    const auto local_coach = std::make_shared<const LocalCoach>(std::move(loaded));
    auto parts = std::make_shared<Parts>(mesh, local_coach);
    mesh.Serve(std::shared_ptr<CoachService>(parts, &parts->service));
    mesh.Serve(MakeLocalModel(local_coach));
    mesh.OnErase([parts](postgres::Transaction& tx, int64_t user_id) -> absl::StatusOr<int64_t> {
      ASSIGN_OR_RETURN(const std::vector<int64_t> messages, store::RecentMessageIds(tx, user_id));
      tx.AfterCommit([parts, messages] { parts->growing.Delete(messages); });
      return store::DeleteUser(tx, user_id);
    });
    const std::shared_ptr<CoachEvents> events(parts, &parts->events);
    mesh.On(events, &CoachEvents::Reply);
    // What the coach learns must not wait until a model has finished talking.
    mesh.Background("knowledge");
    mesh.On(events, &CoachEvents::LearnNewProfile, "knowledge");
    mesh.On(events, &CoachEvents::LearnUpdatedProfile, "knowledge");
    mesh.On(events, &CoachEvents::NoteAnswer, "knowledge");
    mesh.On(events, &CoachEvents::KeepAnswer, "knowledge");
    mesh.On(events, &CoachEvents::LearnPreferences, "knowledge");
    mesh.On(events, &CoachEvents::KeepInsight, "knowledge");
    mesh.Every(absl::Minutes(10), "end_idle", [parts, idle = idle_timeout_](const Call& call) {
      return parts->service.EndIdle(call, idle);
    });
    return absl::OkStatus();
  }

 private:
  const absl::Duration idle_timeout_;
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() {
  return std::make_unique<CoachModule>(absl::GetFlag(FLAGS_coach_idle_timeout));
}

}  // namespace selfology::coach
