#include "services/edge/telegram_gateway/gateway_events.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/edge/telegram_gateway/gateway_store.h"
#include "services/edge/telegram_gateway/routing/reactions.h"

namespace selfology::telegram_gateway {

absl::Status GatewayEvents::Render(std::string_view type, const std::string& payload,
                                   events::Handling& handling) {
  // Each dialog may take what its contract gives it.
  const Call call = handling.call().BoundedByContracts();
  ASSIGN_OR_RETURN(const std::shared_ptr<const Directory> directory, dialogs_.Await(call));
  const events::Envelope& envelope = handling.envelope();
  const int64_t user_id = std::max<int64_t>(0, envelope.person());
  const std::string event_id = envelope.id.ToString();

  v1::RenderEventRequest request;
  request.set_user_id(user_id);
  request.set_event_id(event_id);
  request.set_event_type(std::string(type));
  request.set_payload(payload);
  *request.mutable_occurred_at() = timestamps::ToProto(envelope.occurred_at);
  Reactions reactions = Reactions::ToEvent(user_id, event_id, handling.call().trace().Format());
  for (const std::string& dialog : directory->RenderersOf(type)) {
    request.set_dialog(dialog);
    absl::StatusOr<v1::RenderEventResponse> response =
        dialogs_.client(dialog).RenderEvent(call, request);
    if (!response.ok()) return handling.Needs(response.status());
    reactions.Add(dialog, std::move(*response->mutable_reaction()), *directory);
  }
  if (user_id == 0) return absl::OkStatus();

  postgres::Transaction& tx = handling.tx();
  reactions.Write(tx, clock_());
  tx.AfterCommit([this, user_id, typing = reactions.typing()] {
    delivery_.Wake(user_id);
    if (typing) typing_.Begin(user_id);
  });
  return absl::OkStatus();
}

absl::Status GatewayEvents::Send(const events::v1::MessageSendRequested& event,
                                 events::Handling& handling) {
  v1::DialogMessage body;
  body.set_kind(std::string(kRequested));
  body.set_message_text(event.message_text());
  body.set_text_format(event.text_format());
  *body.mutable_button_rows() = event.button_rows();
  body.set_silent(event.silent());
  const int64_t user_id = event.user_id();
  const Outgoing message{.user_id = user_id,
                         .key = event.dedup_key().empty()
                                    ? absl::StrCat("event:", handling.envelope().id.ToString())
                                    : absl::StrCat("requested:", event.dedup_key()),
                         .body = std::move(body),
                         .traceparent = handling.call().trace().Format()};
  postgres::Transaction& tx = handling.tx();
  store::Enqueue(tx, message, clock_());
  tx.AfterCommit([this, user_id] { delivery_.Wake(user_id); });
  return absl::OkStatus();
}

absl::Status GatewayEvents::ChangeState(const events::v1::StateChangeRequested& event,
                                        events::Handling& handling) {
  const Call call = handling.call().BoundedByContracts();
  ASSIGN_OR_RETURN(const std::shared_ptr<const Directory> directory, dialogs_.Await(call));
  store::Focus focus;
  if (directory->HasChoice()) {
    ASSIGN_OR_RETURN(focus, database_.Read(call,
                                           [&](postgres::Transaction& tx) {
                                             return store::ReadFocus(tx, event.user_id());
                                           },
                                           {.newest = true}));
  }
  const std::string dialog(directory->Listening(focus.dialog));
  if (dialog.empty()) return absl::OkStatus();
  v1::SetDialogStateRequest request;
  request.set_dialog(dialog);
  request.set_user_id(event.user_id());
  request.set_state(event.state());
  request.set_session_id(event.session_id());
  const absl::Status moved = dialogs_.client(dialog).SetDialogState(call, request).status();
  if (moved.ok()) return absl::OkStatus();
  if (!absl::IsUnimplemented(moved)) return handling.Needs(moved);
  observe::Info("dialog has no such states", {{"dialog", dialog}});
  return absl::OkStatus();
}

}  // namespace selfology::telegram_gateway
