// Sessions: from consent to a finished onboarding, and the answers given on the way.
#include "services/coaching/session/module.h"

#include <memory>
#include <string>

#include "absl/flags/flag.h"
#include "absl/time/time.h"
#include "common/service/mesh.h"
#include "common/status/status.h"
#include "services/coaching/session/migrations.h"
#include "services/coaching/session/onboarding.h"
#include "services/coaching/session/session_events.h"
#include "services/coaching/session/session_service.h"
#include "services/coaching/session/session_store.h"

ABSL_FLAG(int, session_min_answers, 5,
          "Minimum number of answers before a session may be completed");
ABSL_FLAG(int, session_max_answers, 10, "Number of answers that completes a session");
ABSL_FLAG(absl::Duration, session_idle_timeout, absl::Minutes(30),
          "Idle time after which an onboarding session ends");
ABSL_FLAG(std::string, session_consent_version, "2025-10-01",
          "Version of the consent text; users who agreed to another version are asked again");

namespace selfology::session {
namespace {

// R001-7.
constexpr absl::Duration kTimeoutCheck = absl::Minutes(5);

class SessionModule : public service::Module {
 public:
  explicit SessionModule(Policy policy) : policy_(std::move(policy)) {}

  service::ModuleInfo info() const override {
    return {.name = "session",
            .group = "session_management",
            .migrations = Migrations(),
            .requests_table = store::kRequests};
  }

  absl::Status Start(service::Mesh& mesh) override {
    if (policy_.min_answers < 0 || policy_.max_answers < 1 ||
        policy_.min_answers > policy_.max_answers || policy_.idle_timeout <= absl::ZeroDuration()) {
      return absl::InvalidArgumentError(
          "session_min_answers, session_max_answers and session_idle_timeout contradict one "
          "another");
    }
    auto sessions = std::make_shared<SessionService>(mesh.database(), mesh.clock(), policy_);
    auto events = std::make_shared<SessionEvents>(mesh.clock(), policy_);
    mesh.Serve(sessions);
    mesh.OnErase(&store::DeleteUser);
    mesh.On(events, &SessionEvents::OpenSession);
    mesh.On(events, &SessionEvents::NoteQuestion);
    mesh.Every(kTimeoutCheck, "timeouts",
               [sessions](const Call& call) { return sessions->TimeOutIdle(call); });
    return absl::OkStatus();
  }

 private:
  const Policy policy_;
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() {
  return std::make_unique<SessionModule>(
      Policy{.min_answers = absl::GetFlag(FLAGS_session_min_answers),
             .max_answers = absl::GetFlag(FLAGS_session_max_answers),
             .idle_timeout = absl::GetFlag(FLAGS_session_idle_timeout),
             .consent_version = absl::GetFlag(FLAGS_session_consent_version)});
}

}  // namespace selfology::session
