// Questions: the bank, and Smart Mix, which picks the next one.
#include "services/coaching/question/module.h"

#include <memory>

#include "absl/strings/str_join.h"
#include "common/observe/log.h"
#include "common/service/mesh.h"
#include "common/status/status_macros.h"
#include "services/coaching/question/live_bank.h"
#include "services/coaching/question/migrations.h"
#include "services/coaching/question/question_events.h"
#include "services/coaching/question/question_service.h"
#include "services/coaching/question/question_store.h"

namespace selfology::question {
namespace {

constexpr absl::Duration kLoadTime = absl::Seconds(30);

// Brings the shipped questions into the table. Says so if one cannot get there, which is how a
// change without a new version shows.
absl::Status LoadShippedBank(service::Mesh& mesh, LiveBank& bank) {
  const Call call = Call::Background(kLoadTime);
  ASSIGN_OR_RETURN(const Bank shipped, ShippedBank());
  int64_t loaded = 0;
  ASSIGN_OR_RETURN(const Bank stored,
                   mesh.database().Write(call, [&](auto& tx) -> absl::StatusOr<Bank> {
                     ASSIGN_OR_RETURN(loaded, store::LoadBank(tx, shipped, mesh.clock()()));
                     return store::ReadBank(tx);
                   }));
  if (const auto outvoted = Outvoted(shipped, stored); !outvoted.empty()) {
    observe::Warning(
        "built-in questions ignored: the database has other questions of the same version",
        {{"question_ids", absl::StrJoin(outvoted, ",")}});
  }
  if (loaded == 0) return absl::OkStatus();
  observe::Info("built-in questions loaded into the database", {{"questions", loaded}});
  return bank.Forget(call);
}

class QuestionModule : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = "question", .group = "question_selection", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    auto bank = std::make_shared<LiveBank>(mesh.database(), mesh.redis(), mesh.metrics());
    RETURN_IF_ERROR(LoadShippedBank(mesh, *bank));
    mesh.Serve(std::make_shared<QuestionService>(mesh.database(), bank, mesh.clock()));
    mesh.OnErase(&store::DeleteUser);

    auto events = std::make_shared<QuestionEvents>(
        bank, session::v1::SessionServiceClient(mesh.Peer("session")), mesh.clock());
    mesh.On(events, &QuestionEvents::AskFirst);
    mesh.On(events, &QuestionEvents::AskNext);
    mesh.On(events, &QuestionEvents::EndCompleted);
    mesh.On(events, &QuestionEvents::EndTimedOut);
    mesh.On(events, &QuestionEvents::NoteNewInterests);
    mesh.On(events, &QuestionEvents::NoteInterests);
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<QuestionModule>(); }

}  // namespace selfology::question
