// The coaching dialog: what the bot says about onboarding, questions, the profile and the coach.
#include "services/coaching/coaching_dialog/module.h"

#include <cstdint>
#include <memory>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/service/mesh.h"
#include "services/coaching/coaching_dialog/coaching_dialog_store.h"
#include "services/coaching/coaching_dialog/conversation_cache.h"
#include "services/coaching/coaching_dialog/conversations.h"
#include "services/coaching/coaching_dialog/dialog_service.h"
#include "services/coaching/coaching_dialog/event_words.h"
#include "services/coaching/coaching_dialog/migrations.h"
#include "services/coaching/coaching_dialog/peers.h"
#include "services/coaching/coaching_dialog/reactions.h"

ABSL_FLAG(absl::Duration, coaching_dialog_gather, absl::Milliseconds(1200),
          "How long the bot waits for more of what somebody writes before it answers, up to 3 s");

namespace selfology::coaching_dialog {
namespace {

constexpr absl::Duration kLongestGather = absl::Seconds(3);

// What the module's parts share; they refer to each other, so they live and go together.
struct Parts {
  explicit Parts(service::Mesh& mesh)
      : peers(mesh),
        cache(&mesh.redis(), mesh.clock()),
        conversations(cache, peers, mesh.database(), mesh.clock()),
        reactions(peers, conversations,
                  [&mesh](const Call& call, int64_t user_id) {
                    return mesh.EraseUser(call, user_id).status();
                  }),
        words(peers, conversations),
        service({.database = mesh.database(),
                 .peers = peers,
                 .conversations = conversations,
                 .reactions = reactions,
                 .words = words,
                 .clock = mesh.clock(),
                 .gather = absl::GetFlag(FLAGS_coaching_dialog_gather)}) {}

  const Peers peers;
  ConversationCache cache;
  Conversations conversations;
  Reactions reactions;
  EventWords words;
  DialogService service;
};

class CoachingDialogModule final : public service::Module {
 public:
  service::ModuleInfo info() const override {
    return {.name = kDialog, .group = kDialog, .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    const absl::Duration gather = absl::GetFlag(FLAGS_coaching_dialog_gather);
    if (gather < absl::ZeroDuration() || gather > kLongestGather) {
      return absl::InvalidArgumentError("coaching_dialog_gather: must be 0 to 3 s");
    }
    const auto parts = std::make_shared<Parts>(mesh);
    mesh.Serve(std::shared_ptr<DialogService>(parts, &parts->service));
    mesh.OnErase(&store::DeleteUser);
    mesh.OnErased([parts](const Call& call, int64_t user_id) {
      return parts->conversations.Erase(call, user_id);
    });
    mesh.Every(absl::Hours(1), "forget_old",
               [parts](const Call& call) { return parts->service.ForgetOld(call); });
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<CoachingDialogModule>(); }

}  // namespace selfology::coaching_dialog
