// The coaching dialog: what the bot says about onboarding, questions, the profile and the coach.
#include "services/coaching/coaching_dialog/module.h"

#include <cstdint>
#include <memory>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/service/mesh.h"
#include "common/status/status_macros.h"
#include "services/coaching/coaching_dialog/account_actions.h"
#include "services/coaching/coaching_dialog/coaching_dialog_store.h"
#include "services/coaching/coaching_dialog/conversation_cache.h"
#include "services/coaching/coaching_dialog/conversations.h"
#include "services/coaching/coaching_dialog/dialog_service.h"
#include "services/coaching/coaching_dialog/event_words.h"
#include "services/coaching/coaching_dialog/migrations.h"
#include "services/coaching/coaching_dialog/peers.h"
#include "services/coaching/coaching_dialog/reactions.h"
#include "services/coaching/coaching_dialog/settings/chosen_preferences.h"
#include "services/coaching/coaching_dialog/settings/export_actions.h"
#include "services/coaching/coaching_dialog/settings/linking_actions.h"
#include "services/coaching/coaching_dialog/settings/memory_actions.h"
#include "services/coaching/coaching_dialog/settings/mood_actions.h"
#include "services/coaching/coaching_dialog/settings/mood_service.h"
#include "services/coaching/coaching_dialog/settings/profile_actions.h"
#include "services/coaching/coaching_dialog/settings/reminders.h"
#include "services/coaching/coaching_dialog/settings/settings_actions.h"
#include "services/coaching/coaching_dialog/settings/settings_reactions.h"
#include "services/coaching/coaching_dialog/settings/settings_store.h"
#include "services/coaching/coaching_dialog/statements.h"

ABSL_FLAG(
    absl::Duration, coaching_dialog_gather, absl::Milliseconds(1200),
    "How long the bot waits for further messages of a person, to answer them together; 0 to 3s");
ABSL_FLAG(absl::Duration, coaching_dialog_reminder_period, absl::Minutes(1),
          "Interval between checks for due reminders; above 0");

namespace selfology::coaching_dialog {
namespace {

constexpr absl::Duration kLongestGather = absl::Seconds(3);

AccountActions::EraseFunction ErasedBy(service::Mesh& mesh) {
  return
      [&mesh](const Call& call, int64_t user_id) { return mesh.EraseUser(call, user_id).status(); };
}

StatementChoice ChoiceIn(ChosenPreferences& preferences) {
  return {.declined = [&preferences](
                          const Call& call,
                          int64_t user_id) { return preferences.NoStatements(call, user_id); },
          .decline =
              [&preferences](const Call& call, int64_t user_id) {
                return preferences.SetNoStatements(call, user_id, true);
              }};
}

// What the module's parts share; they refer to each other, so they live and go together.
struct Parts {
  explicit Parts(service::Mesh& mesh)
      : peers(mesh),
        cache(&mesh.redis(), mesh.clock()),
        conversations(cache, peers, mesh.database(), mesh.clock()),
        preferences(peers, mesh.database(), mesh.clock()),
        statements(peers, ChoiceIn(preferences)),
        reactions(peers, conversations, statements, ErasedBy(mesh)),
        words(peers, conversations, statements),
        moods(std::make_shared<MoodService>(mesh.database(), mesh.clock())),
        account(peers, conversations, ErasedBy(mesh)),
        setting_actions(preferences, account, mesh.clock()),
        memory_actions(peers),
        mood_actions(peers, *moods),
        export_actions(
            peers, mesh.database(), account,
            [&mesh](const Call& call, int64_t user_id, service::ModuleExport::Take take) {
              return mesh.ExportUser(call, user_id, take);
            },
            mesh.clock()),
        linking_actions(peers),
        profile_actions(peers),
        reminders(peers, conversations, mesh.database(), mesh.clock()),
        settings({.database = mesh.database(),
                  .account = account,
                  .settings = setting_actions,
                  .memory = memory_actions,
                  .moods = mood_actions,
                  .exports = export_actions,
                  .linking = linking_actions,
                  .profile = profile_actions,
                  .reminders = reminders,
                  .clock = mesh.clock()}),
        service({.database = mesh.database(),
                 .peers = peers,
                 .conversations = conversations,
                 .reactions = reactions,
                 .settings = settings,
                 .words = words,
                 .clock = mesh.clock(),
                 .gather = absl::GetFlag(FLAGS_coaching_dialog_gather)}) {}

  const Peers peers;
  ConversationCache cache;
  Conversations conversations;
  ChosenPreferences preferences;
  const Statements statements;
  Reactions reactions;
  EventWords words;
  const std::shared_ptr<MoodService> moods;
  AccountActions account;
  SettingsActions setting_actions;
  MemoryActions memory_actions;
  MoodActions mood_actions;
  ExportActions export_actions;
  LinkingActions linking_actions;
  ProfileActions profile_actions;
  Reminders reminders;
  SettingsReactions settings;
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
    const absl::Duration reminder_period = absl::GetFlag(FLAGS_coaching_dialog_reminder_period);
    if (reminder_period <= absl::ZeroDuration()) {
      return absl::InvalidArgumentError("coaching_dialog_reminder_period: must be above 0");
    }
    const auto parts = std::make_shared<Parts>(mesh);
    mesh.Serve(std::shared_ptr<DialogService>(parts, &parts->service));
    mesh.Serve(parts->moods);
    mesh.On(std::shared_ptr<ChosenPreferences>(parts, &parts->preferences),
            &ChosenPreferences::Follow);
    mesh.OnErase(&store::DeleteUser);
    mesh.OnErase(&store::DeleteSettings);
    mesh.OnErased([parts](const Call& call, int64_t user_id) {
      return parts->conversations.Erase(call, user_id);
    });
    mesh.Every(absl::Hours(1), "forget_old",
               [parts](const Call& call) { return parts->service.ForgetOld(call); });
    mesh.Every(reminder_period, "reminders",
               [parts](const Call& call) { return parts->reminders.SendDue(call); });
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() { return std::make_unique<CoachingDialogModule>(); }

}  // namespace selfology::coaching_dialog
