#include "services/edge/telegram_gateway/gateway_events.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/events/event_type.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/edge/telegram_gateway/gateway_store.h"
#include "services/edge/telegram_gateway/person_store.h"
#include "services/edge/telegram_gateway/routing/dialog_gate.h"
#include "services/edge/telegram_gateway/routing/failure_policy.h"

namespace selfology::telegram_gateway {
namespace {

// What the contract gives RenderEvent: who has less left can blame no dialog for a timeout.
constexpr absl::Duration kRender = absl::Seconds(5);
constexpr size_t kMostFailures = 10'000;

}  // namespace

absl::Status GatewayEvents::Render(std::string_view type, const std::string& payload,
                                   events::Handling& handling) {
  const int64_t user_id = std::max<int64_t>(0, handling.envelope().person());
  if (user_id < store::kEndOfTelegramIds) return RenderInto(user_id, type, payload, handling);
  RETURN_IF_ERROR(handling.call().MayWait());
  ASSIGN_OR_RETURN(const int64_t chat_id, store::ChatOf(database_, handling.call(), user_id));
  // Without a chat nobody would read it.
  return chat_id == 0 ? absl::OkStatus() : RenderInto(chat_id, type, payload, handling);
}

absl::Status GatewayEvents::Link(const events::v1::UserAccountsLinked& event,
                                 events::Handling& handling) {
  RETURN_IF_ERROR(handling.call().MayWait());
  // At once, whether dialogs can be asked or not.
  RETURN_IF_ERROR(database_.Write(handling.call(), [&](postgres::Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(handling.MayTakeEffect(tx));
    store::LinkChat(tx, event.user_id(), event.telegram_id(), clock_());
    return absl::OkStatus();
  }));
  return RenderInto(event.telegram_id(), events::TypeOf<events::v1::UserAccountsLinked>(),
                    event.SerializeAsString(), handling);
}

absl::Status GatewayEvents::RenderInto(int64_t chat_id, std::string_view type,
                                       const std::string& payload, events::Handling& handling) {
  // Each dialog may take what its contract gives it.
  const Call call = handling.call().BoundedByContracts();
  const events::Envelope& envelope = handling.envelope();
  const int64_t user_id = std::max<int64_t>(0, envelope.person());
  ASSIGN_OR_RETURN(const std::vector<Renderer> renderers, RenderersOf(call, type, chat_id));
  // Together with others' events it must not wait: no dialog's fault.
  if (!renderers.empty()) RETURN_IF_ERROR(call.MayWait());
  const std::string event_id = envelope.id.ToString();

  v1::RenderEventRequest request;
  request.set_user_id(user_id);
  request.set_event_id(event_id);
  request.set_event_type(std::string(type));
  request.set_payload(payload);
  *request.mutable_occurred_at() = timestamps::ToProto(envelope.occurred_at);

  const bool several = renderers.size() > 1;
  std::vector<std::string> rendered;
  if (several) {
    ASSIGN_OR_RETURN(rendered, database_.Read(call,
                                              [&](postgres::Transaction& tx) {
                                                return store::RenderedBy(tx, envelope.id);
                                              },
                                              {.newest = true}));
  }
  std::vector<Rendering> renderings;
  for (const Renderer& renderer : renderers) {
    const std::string& dialog = renderer.dialog;
    if (std::find(rendered.begin(), rendered.end(), dialog) != rendered.end()) continue;
    // The keys of one's messages do not depend on what the others say, and when.
    const Reactions empty = Reactions::ToEvent(
        chat_id, several ? absl::StrCat(event_id, ":", dialog) : event_id, call.trace().Format());
    renderings.push_back(Ask(call, renderer, request, empty));
  }

  absl::Status away;
  absl::Status refusal;
  for (const Rendering& rendering : renderings) {
    if (rendering.status.ok()) continue;
    (IsGivenUp({event_id, rendering.dialog}) ? refusal : away)
        .Update(status::Annotate(rendering.status, rendering.dialog));
  }
  if (away.ok() && refusal.ok()) {
    Forget(event_id);
    if (chat_id != 0) Write(handling.tx(), chat_id, renderings);
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(WriteRendered(call, chat_id, renderings, handling));
  // Whatever keeps the dialog from rendering it now: only UNAVAILABLE is waited for.
  if (!away.ok()) return handling.Needs(absl::UnavailableError(away.message()));
  // A replay asks again.
  Forget(event_id);
  return handling.ParkAlone(refusal);
}

absl::StatusOr<std::vector<GatewayEvents::Renderer>> GatewayEvents::RenderersOf(
    const Call& call, std::string_view type, int64_t chat_id) {
  std::vector<Renderer> renderers;
  std::map<std::string, std::vector<Bot*>, std::less<>> bots_of;
  for (const std::shared_ptr<Bot>& bot : bots_.all()) {
    ASSIGN_OR_RETURN(const std::shared_ptr<const Directory> directory, bot->dialogs.Await(call));
    for (std::string& dialog : directory->RenderersOf(type)) {
      bots_of[dialog].push_back(bot.get());
      renderers.push_back({.bot = bot.get(), .dialog = std::move(dialog), .directory = directory});
    }
  }
  for (const auto& [dialog, bots] : bots_of) {
    if (bots.size() == 1) continue;
    ASSIGN_OR_RETURN(const Bot* const speaker, bots_.LastHeard(call, chat_id, bots));
    std::erase_if(renderers, [&](const Renderer& renderer) {
      return renderer.dialog == dialog && renderer.bot != speaker;
    });
  }
  return renderers;
}

GatewayEvents::Rendering GatewayEvents::Ask(const Call& call, const Renderer& renderer,
                                            const v1::RenderEventRequest& request,
                                            const Reactions& empty) {
  const std::string& dialog = renderer.dialog;
  Dialogs& dialogs = renderer.bot->dialogs;
  Rendering rendering{
      .bot = renderer.bot, .dialog = dialog, .status = absl::OkStatus(), .reactions = std::nullopt};
  const EventAndDialog which(request.event_id(), dialog);
  {
    absl::MutexLock lock(&mutex_);
    const auto failed = failures_.find(which);
    // Its turn has not come yet, or never will.
    if (failed != failures_.end() &&
        (failed->second.given_up || clock_() < failed->second.again_at)) {
      rendering.status = failed->second.last;
      return rendering;
    }
  }
  // How many are asked at a time the kernel decides.
  absl::StatusOr<DialogGate::Permit> permit = dialogs.gate(dialog).Enter(DialogGate::Limit::kNone);
  if (!permit.ok()) {
    rendering.status = permit.status();
    return rendering;
  }
  v1::RenderEventRequest asked = request;
  asked.set_dialog(dialog);
  const bool has_its_time = call.Remaining() >= kRender;
  absl::StatusOr<v1::RenderEventResponse> response =
      dialogs.client(dialog).RenderEvent(call, asked);
  std::move(*permit).Finish(response.status(), has_its_time);
  if (!response.ok()) {
    NoteFailure(which, response.status(), has_its_time, dialogs.gate(dialog).answers());
    rendering.status = response.status();
    return rendering;
  }
  rendering.reactions = empty;
  rendering.reactions->Add(dialog, std::move(*response->mutable_reaction()), *renderer.directory);
  return rendering;
}

void GatewayEvents::NoteFailure(const EventAndDialog& which, const absl::Status& failure,
                                bool had_its_time, int64_t answers) {
  const bool timed_out = absl::IsDeadlineExceeded(failure) && had_its_time;
  const bool refused = !MayPass(failure);
  if (!refused && !timed_out && !IsUnclear(failure)) return;
  absl::MutexLock lock(&mutex_);
  // Those of events that another replica handled meanwhile stay; they are missed by nobody.
  if (failures_.size() >= kMostFailures) failures_.clear();
  RenderFailure& failed = failures_[which];
  failed.last = failure;
  // One that answers nobody says nothing about this event.
  if (timed_out && failed.failures > 0 && failed.answers == answers) return;
  failed.answers = answers;
  ++failed.failures;
  failed.again_at = clock_() + HoldFor(failed.failures);
  failed.given_up = refused || failed.failures >= kUnclearRounds;
}

bool GatewayEvents::IsGivenUp(const EventAndDialog& which) {
  absl::MutexLock lock(&mutex_);
  const auto failed = failures_.find(which);
  return failed != failures_.end() && failed->second.given_up;
}

void GatewayEvents::Forget(const std::string& event_id) {
  absl::MutexLock lock(&mutex_);
  const auto first = failures_.lower_bound({event_id, ""});
  auto end = first;
  while (end != failures_.end() && end->first.first == event_id) ++end;
  failures_.erase(first, end);
}

absl::Status GatewayEvents::WriteRendered(const Call& call, int64_t chat_id,
                                          const std::vector<Rendering>& renderings,
                                          const events::Handling& handling) {
  const auto is_there = [](const Rendering& rendering) { return rendering.status.ok(); };
  if (std::none_of(renderings.begin(), renderings.end(), is_there)) return absl::OkStatus();
  return database_.Write(call, [&](postgres::Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(handling.MayTakeEffect(tx));
    for (const Rendering& rendering : renderings) {
      if (!rendering.status.ok()) continue;
      store::NoteRendered(tx, handling.envelope().id, rendering.dialog, clock_());
    }
    if (chat_id != 0) Write(tx, chat_id, renderings);
    return absl::OkStatus();
  });
}

void GatewayEvents::Write(postgres::Transaction& tx, int64_t chat_id,
                          const std::vector<Rendering>& renderings) {
  for (const std::shared_ptr<Bot>& bot : bots_.all()) {
    const bool speaks =
        std::any_of(renderings.begin(), renderings.end(), [&](const Rendering& rendering) {
          return rendering.bot == bot.get() && rendering.status.ok();
        });
    if (speaks) WriteFor(*bot, tx, chat_id, renderings);
  }
}

void GatewayEvents::WriteFor(Bot& bot, postgres::Transaction& tx, int64_t chat_id,
                             const std::vector<Rendering>& renderings) {
  const auto is_its = [&bot](const Rendering& rendering) {
    return rendering.bot == &bot && rendering.status.ok();
  };
  bool drop = false;
  bool typing = false;
  bool changes = false;
  bool menu = false;
  for (const Rendering& rendering : renderings) {
    if (!is_its(rendering)) continue;
    drop = drop || rendering.reactions->drops_waiting();
    typing = typing || rendering.reactions->typing();
    changes = changes || rendering.reactions->changes_chat();
    menu = menu || rendering.reactions->has_menu();
  }
  // What was there before: not what another one of them says.
  if (drop) store::DropAll(tx, bot.id(), chat_id);
  for (const Rendering& rendering : renderings) {
    if (!is_its(rendering)) continue;
    Reactions reactions = *rendering.reactions;
    reactions.DropWaiting(false);
    reactions.Write(tx, bot.id(), clock_());
  }
  tx.AfterCommit([&bot, chat_id, typing, changes, menu] {
    bot.delivery.Wake(chat_id);
    if (changes) bot.delivery.message_changes().Wake(chat_id);
    if (typing) bot.typing.Begin(chat_id);
    if (menu) bot.menus.Show(chat_id);
  });
}

absl::Status GatewayEvents::Send(const events::v1::MessageSendRequested& event,
                                 events::Handling& handling) {
  v1::DialogMessage body;
  body.set_kind(std::string(kRequested));
  body.set_message_text(event.message_text());
  body.set_text_format(event.text_format());
  *body.mutable_button_rows() = event.button_rows();
  body.set_silent(event.silent());
  postgres::Transaction& tx = handling.tx();
  ASSIGN_OR_RETURN(const int64_t chat_id, store::ChatOf(tx, event.user_id()));
  if (chat_id == 0) return absl::OkStatus();
  const Outgoing message{.user_id = chat_id,
                         .key = event.dedup_key().empty()
                                    ? absl::StrCat("event:", handling.envelope().id.ToString())
                                    : absl::StrCat("requested:", event.dedup_key()),
                         .body = std::move(body),
                         .traceparent = handling.call().trace().Format()};
  const absl::StatusOr<Bot*> chosen =
      bots_.Choose(tx, {.bot_id = event.bot_id(), .user_id = chat_id, .key = message.key});
  // There is no such bot; the person's other events have nothing to do with that.
  if (absl::IsInvalidArgument(chosen.status())) return handling.ParkAlone(chosen.status());
  RETURN_IF_ERROR(chosen);
  Bot* const bot = *chosen;
  store::Enqueue(tx, bot->id(), message, clock_());
  tx.AfterCommit([bot, chat_id] { bot->delivery.Wake(chat_id); });
  return absl::OkStatus();
}

absl::Status GatewayEvents::ChangeState(const events::v1::StateChangeRequested& event,
                                        events::Handling& handling) {
  const Call call = handling.call().BoundedByContracts();
  ASSIGN_OR_RETURN(const int64_t chat_id, store::ChatOf(database_, call, event.user_id()));
  ASSIGN_OR_RETURN(const Bots::Talk talk, bots_.TalkOf(call, chat_id));
  const std::string& dialog = talk.dialog;
  if (dialog.empty()) return absl::OkStatus();
  v1::SetDialogStateRequest request;
  request.set_dialog(dialog);
  request.set_user_id(event.user_id());
  request.set_state(event.state());
  request.set_session_id(event.session_id());
  const absl::Status moved =
      talk.bot->dialogs.client(dialog).SetDialogState(call, request).status();
  if (moved.ok()) return absl::OkStatus();
  if (!absl::IsUnimplemented(moved)) return handling.Needs(moved);
  observe::Info("dialog does not support setting a state", {{"dialog", dialog}});
  return absl::OkStatus();
}

}  // namespace selfology::telegram_gateway
