// Handles events: asks the dialogs that render them, and stores their messages in outgoing_messages
// together with the mark "handled".
//
//   mesh.On(events, &GatewayEvents::Send);
//   mesh.OnTypes([bots] { return bots->event_types(); },
//                [events](std::string_view type, const std::string& payload, events::Handling& h) {
//                  return events->Render(type, payload, h);
//                });
//
// What a dialog says goes out by its bot. A guard of several bots is asked once, and says it where
// the person wrote last.
//
// Telegram is not called here, so no event waits for it or becomes a dead letter because of it.
// Dialogs are called before the transaction begins, so no transaction waits for them.
//
// All dialogs that render an event are asked, even if some fail. If all answer, their messages are
// stored in the event's own transaction. Otherwise the messages that there are go out at once, in a
// transaction of their own that also notes which dialogs answered (table rendered_events), so that
// these are not asked again. Then:
// - as long as one is away, the event waits for it, and the person's later ones behind it, as for a
//   database: messages keep their order. Nothing is parked for that.
// - one that refuses the event is given up: the event is handled, and stands among the dead letters
//   alone (Handling::ParkAlone), so that the person's others go on. A replay asks those that have not
//   rendered it. The same for one that fails at this event for no clear reason, or hangs at it while
//   it answers others, several times with growing pauses (failure_policy.h).
// Between two attempts nothing is kept that matters: who starts anew asks all dialogs again, and
// the keys of the messages keep each single.
//
// Errors: the transaction's and the dialogs'. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/events/handling.h"
#include "common/postgres/database.h"
#include "selfology/events/v1/gateway.pb.h"
#include "selfology/events/v1/user.pb.h"
#include "selfology/telegram/v1/dialog_service.pb.h"
#include "services/edge/telegram_gateway/bots.h"
#include "services/edge/telegram_gateway/routing/directory.h"
#include "services/edge/telegram_gateway/routing/reactions.h"

namespace selfology::telegram_gateway {

class GatewayEvents {
 public:
  using Clock = std::function<absl::Time()>;

  // The references outlive it.
  GatewayEvents(Bots& bots, postgres::Database& database, Clock clock)
      : bots_(bots), database_(database), clock_(std::move(clock)) {}

  // Any type that a dialog describes.
  absl::Status Render(std::string_view type, const std::string& payload,
                      events::Handling& handling);
  absl::Status Send(const events::v1::MessageSendRequested& event, events::Handling& handling);
  // The chat is that person's from now on; dialogs may render it as well.
  absl::Status Link(const events::v1::UserAccountsLinked& event, events::Handling& handling);
  // Passed on to the dialog that the person talks with.
  absl::Status ChangeState(const events::v1::StateChangeRequested& event,
                           events::Handling& handling);

 private:
  // What one dialog made of an event.
  struct Rendering {
    Bot* bot = nullptr;
    std::string dialog;
    absl::Status status;
    std::optional<Reactions> reactions;  // If it is OK.
  };
  // A dialog that renders an event, and the bot that says it.
  struct Renderer {
    Bot* bot = nullptr;
    std::string dialog;
    std::shared_ptr<const Directory> directory;  // Of the bot.
  };
  // How a dialog failed at an event so far.
  struct RenderFailure {
    int failures = 0;     // That count against the event.
    int64_t answers = 0;  // Of the dialog, at the last of them.
    absl::Time again_at = absl::InfinitePast();
    absl::Status last;
    bool given_up = false;
  };
  using EventAndDialog = std::pair<std::string, std::string>;

  // chat_id 0: about nobody.
  absl::Status RenderInto(int64_t chat_id, std::string_view type, const std::string& payload,
                          events::Handling& handling);
  absl::StatusOr<std::vector<Renderer>> RenderersOf(const Call& call, std::string_view type,
                                                    int64_t chat_id);
  Rendering Ask(const Call& call, const Renderer& renderer, const v1::RenderEventRequest& request,
                const Reactions& empty);
  // It failed so; `answers`: of the dialog, so far.
  void NoteFailure(const EventAndDialog& which, const absl::Status& failure, bool had_its_time,
                   int64_t answers);
  bool IsGivenUp(const EventAndDialog& which);
  void Forget(const std::string& event_id);
  // What there is, with the note of whose it is, in a transaction of its own.
  absl::Status WriteRendered(const Call& call, int64_t chat_id,
                             const std::vector<Rendering>& renderings,
                             const events::Handling& handling);
  void Write(postgres::Transaction& tx, int64_t chat_id, const std::vector<Rendering>& renderings);
  // What there is for this bot to say.
  void WriteFor(Bot& bot, postgres::Transaction& tx, int64_t chat_id,
                const std::vector<Rendering>& renderings);

  Bots& bots_;
  postgres::Database& database_;
  const Clock clock_;
  absl::Mutex mutex_;
  std::map<EventAndDialog, RenderFailure> failures_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::telegram_gateway
