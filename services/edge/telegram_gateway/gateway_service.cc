#include "services/edge/telegram_gateway/gateway_service.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/idempotency/once.h"
#include "common/observe/log.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/edge/telegram_gateway/gateway_store.h"
#include "services/edge/telegram_gateway/held_store.h"
#include "services/edge/telegram_gateway/person_store.h"

namespace selfology::telegram_gateway {
namespace {

using postgres::Transaction;
using status::CheckUser;
using status::FieldViolations;

// https://core.telegram.org/bots/api#inlinekeyboardbutton, and telegram.proto.
constexpr int kMaxButtonRows = 100;
constexpr int kMaxButtonsInRow = 8;
constexpr int kMaxLabel = 64;
constexpr size_t kMaxCallbackData = 64;
constexpr size_t kMaxUpdateBytes = 1 << 20;

void CheckButtons(const v1::SendMessageRequest& request, FieldViolations& bad) {
  if (request.button_rows_size() > kMaxButtonRows) {
    bad.Add("button_rows", "must be at most 100");
    return;
  }
  for (const v1::ButtonRow& row : request.button_rows()) {
    if (row.buttons().empty() || row.buttons_size() > kMaxButtonsInRow) {
      bad.Add("button_rows.buttons", "must be 1 to 8 in a row");
      continue;
    }
    for (const v1::Button& button : row.buttons()) {
      const int label = text::Characters(button.text());
      if (label < 1 || label > kMaxLabel)
        bad.Add("button_rows.buttons.text", "must be 1 to 64 characters");
      const bool does_something =
          button.has_url() ? !button.url().empty() : !button.callback_data().empty();
      if (!does_something || button.callback_data().size() > kMaxCallbackData) {
        bad.Add("button_rows.buttons", "must have a url, or callback_data of 1 to 64 bytes");
      }
    }
  }
}

// Updates have up to tens of kB each; an answer must stay below gRPC's 4 MiB.
constexpr paging::Limits kHeldPage = {.default_size = 50, .max_size = 100};
constexpr int kMaxIds = 1000;

FieldViolations CheckFilter(const v1::HeldUpdateFilter& filter) {
  FieldViolations bad;
  if (filter.bot_id() < 0) bad.Add("filter.bot_id", "must be above 0, or 0 for any");
  if (!v1::HeldUpdateState_IsValid(filter.state())) {
    bad.Add("filter.state", "must be a value of HeldUpdateState");
  }
  if (filter.update_ids_size() > kMaxIds) bad.Add("filter.update_ids", "must be at most 1000");
  return bad;
}

// For what changes updates: nobody means all of them by saying nothing.
absl::Status CheckNarrowingFilter(const v1::HeldUpdateFilter& filter) {
  FieldViolations bad = CheckFilter(filter);
  const bool narrows = filter.bot_id() != 0 || filter.user_id() != 0 ||
                       filter.state() != v1::HELD_UPDATE_STATE_UNSPECIFIED ||
                       filter.update_ids_size() > 0;
  if (!narrows) bad.Add("filter", "must not be empty: name at least a bot_id");
  return bad.ToStatus();
}

store::HeldFilter FromProto(const v1::HeldUpdateFilter& filter) {
  return {.bot_id = filter.bot_id(),
          .user_id = filter.user_id(),
          .update_ids = {filter.update_ids().begin(), filter.update_ids().end()},
          .state = filter.state()};
}

v1::HeldUpdate ToProto(store::HeldUpdate&& row) {
  v1::HeldUpdate held;
  held.set_bot_id(row.bot_id);
  held.set_update_id(row.update_id);
  held.set_user_id(row.user_id);
  held.set_update_json(std::move(row.json));
  held.set_state(row.parked ? v1::HELD_UPDATE_STATE_PARKED : v1::HELD_UPDATE_STATE_WAITING);
  held.set_dialog(std::move(row.dialog));
  held.set_code(std::move(row.code));
  held.set_reason(std::move(row.reason));
  held.set_rounds(row.rounds);
  *held.mutable_held_at() = timestamps::ToProto(row.held_at);
  if (!row.parked) *held.mutable_due_at() = timestamps::ToProto(row.due_at);
  return held;
}

absl::Status WhyNotSent(const store::Fate& fate, absl::Time now) {
  if (fate.status == store::Fate::Status::kDropped) {
    return status::Error(mesh::v1::ERROR_CODE_USER_UNREACHABLE,
                         "Telegram refuses this chat or message");
  }
  const absl::Duration wait = fate.due_at - now;
  // The first wait of our own is a second; a longer one is Telegram's.
  if (wait > absl::Seconds(2)) {
    return status::WithRetryAfter(
        status::Error(mesh::v1::ERROR_CODE_RATE_LIMITED, "Telegram asks to slow down"), wait);
  }
  return absl::UnavailableError("Telegram cannot be reached");
}

}  // namespace

absl::StatusOr<v1::SendMessageResponse> GatewayService::SendMessage(
    const Call& call, const v1::SendMessageRequest& request) {
  FieldViolations bad;
  if (request.chat_id() == 0) {
    bad.CheckUserId(request.user_id());
  } else if (request.chat_id() > 0 || request.user_id() != 0) {
    bad.Add("chat_id", "must be below 0, and without a user_id");
  }
  idempotency::CheckKey(request.idempotency_key(), bad);
  v1::DialogMessage body;
  body.set_kind(std::string(kRequested));
  body.set_message_text(request.message_text());
  body.set_text_format(request.text_format());
  *body.mutable_button_rows() = request.button_rows();
  body.set_silent(request.silent());
  *body.mutable_media_ids() = request.media_ids();
  body.set_reply_to_message_id(request.reply_to_message_id());
  CheckContent(body, bad);
  CheckButtons(request, bad);
  RETURN_IF_ERROR(bad.ToStatus());
  int64_t chat_id = request.chat_id();
  if (chat_id == 0) {
    ASSIGN_OR_RETURN(chat_id, store::ChatOf(parts_.database, call, request.user_id()));
    if (chat_id == 0) {
      return status::Error(mesh::v1::ERROR_CODE_USER_UNREACHABLE, "they have no chat with a bot");
    }
  }
  const std::string key = absl::StrCat("rpc:", request.idempotency_key());
  ASSIGN_OR_RETURN(
      Bot* const bot,
      parts_.bots.Choose(call, {.bot_id = request.bot_id(), .user_id = chat_id, .key = key}));
  ASSIGN_OR_RETURN(
      const MediaStore::Found media,
      parts_.media.ForMessage(call, bot->id(), chat_id,
                              {request.media_ids().begin(), request.media_ids().end()}));
  if (!media.problem.empty()) return status::InvalidField("media_ids", media.problem);

  const Outgoing message{.user_id = chat_id,
                         .key = key,
                         .body = std::move(body),
                         .traceparent = call.trace().Format()};
  RETURN_IF_ERROR(parts_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    store::Enqueue(tx, bot->id(), message, parts_.clock());
    return absl::OkStatus();
  }));
  bot->delivery.Wake(chat_id);

  const absl::StatusOr<store::Fate> fate = bot->delivery.Await(call, chat_id, key);
  if (fate.ok() && fate->status == store::Fate::Status::kSent) {
    v1::SendMessageResponse response;
    for (const int64_t id : fate->message_ids) response.add_telegram_message_ids(id);
    return response;
  }
  // Synchronous send: no queuing; the caller decides whether to retry. A started attempt goes on.
  const Call after = Call::Background(absl::Seconds(2), call.trace());
  RETURN_IF_ERROR(parts_.database.Write(
      after, [&](Transaction& tx) { return store::Withdraw(tx, bot->id(), chat_id, key); }));
  RETURN_IF_ERROR(fate);
  return WhyNotSent(*fate, parts_.clock());
}

absl::StatusOr<v1::GetConversationStateResponse> GatewayService::GetConversationState(
    const Call& call, const v1::GetConversationStateRequest& request) {
  RETURN_IF_ERROR(CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const int64_t chat_id, store::ChatOf(parts_.database, call, request.user_id()));
  ASSIGN_OR_RETURN(const Bots::Talk talk, parts_.bots.TalkOf(call, chat_id));
  v1::GetConversationStateResponse response;
  response.mutable_conversation()->set_user_id(request.user_id());
  if (talk.dialog.empty()) return response;
  v1::GetDialogStateRequest ask;
  ask.set_dialog(talk.dialog);
  ask.set_user_id(request.user_id());
  ASSIGN_OR_RETURN(v1::GetDialogStateResponse state,
                   talk.bot->dialogs.client(talk.dialog).GetDialogState(call, ask));
  *response.mutable_conversation() = std::move(*state.mutable_conversation());
  return response;
}

absl::StatusOr<v1::SetConversationStateResponse> GatewayService::SetConversationState(
    const Call& call, const v1::SetConversationStateRequest& request) {
  FieldViolations bad = CheckUser(request);
  const bool forget = request.state() == v1::CONVERSATION_STATE_UNSPECIFIED;
  if (!forget && !enums::IsNamed(request.state())) bad.Add("state", "must be a known one");
  RETURN_IF_ERROR(bad.ToStatus());

  ASSIGN_OR_RETURN(const int64_t chat_id, store::ChatOf(parts_.database, call, request.user_id()));
  ASSIGN_OR_RETURN(const Bots::Talk talk, parts_.bots.TalkOf(call, chat_id));
  if (talk.dialog.empty()) {
    return status::InvalidField("user_id", "must be somebody who talks with a dialog");
  }
  v1::SetDialogStateRequest set;
  set.set_dialog(talk.dialog);
  set.set_user_id(request.user_id());
  set.set_state(request.state());
  ASSIGN_OR_RETURN(v1::SetDialogStateResponse state,
                   talk.bot->dialogs.client(talk.dialog).SetDialogState(call, set));
  v1::SetConversationStateResponse response;
  *response.mutable_conversation() = std::move(*state.mutable_conversation());
  return response;
}

absl::StatusOr<v1::HandleUpdateResponse> GatewayService::HandleUpdate(
    const Call& call, const v1::HandleUpdateRequest& request) {
  FieldViolations bad;
  if (request.update_json().empty()) bad.Add("update_json", "must not be empty");
  if (request.update_json().size() > kMaxUpdateBytes)
    bad.Add("update_json", "must be 1 MB or less");
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(Bot* const bot, parts_.bots.Find(request.bot_id()));
  return bot->intake.Handle(call, request.update_json());
}

absl::StatusOr<v1::GetBotInfoResponse> GatewayService::GetBotInfo(
    const Call& call, const v1::GetBotInfoRequest& request) {
  ASSIGN_OR_RETURN(Bot* const bot, parts_.bots.Find(request.bot_id()));
  ASSIGN_OR_RETURN(const BotApi::Bot me, bot->telegram.GetMe(call));
  v1::GetBotInfoResponse response;
  response.set_bot_id(me.id);
  response.set_username(me.username);
  if (!bot->webhook_url.empty()) {
    ASSIGN_OR_RETURN(const BotApi::WebhookInfo info, bot->telegram.GetWebhookInfo(call));
    response.set_webhook(!info.url.empty());
    response.set_pending_updates(info.pending_updates);
  }
  return response;
}

absl::StatusOr<v1::ListHeldUpdatesResponse> GatewayService::ListHeldUpdates(
    const Call& call, const v1::ListHeldUpdatesRequest& request) {
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kHeldPage));
  ASSIGN_OR_RETURN(const int64_t after, page.AfterId(0));
  RETURN_IF_ERROR(CheckFilter(request.filter()).ToStatus());
  const store::HeldFilter filter = FromProto(request.filter());
  ASSIGN_OR_RETURN(
      std::vector<store::HeldUpdate> rows,
      parts_.database.Read(
          call, [&](Transaction& tx) { return store::ListHeld(tx, filter, after, page.limit()); },
          {.newest = true}));
  v1::ListHeldUpdatesResponse response;
  response.set_next_page_token(page.Cut(rows, &store::HeldUpdate::position));
  for (store::HeldUpdate& row : rows) *response.add_held_updates() = ToProto(std::move(row));
  return response;
}

absl::StatusOr<v1::ReplayHeldUpdatesResponse> GatewayService::ReplayHeldUpdates(
    const Call& call, const v1::ReplayHeldUpdatesRequest& request) {
  RETURN_IF_ERROR(CheckNarrowingFilter(request.filter()));
  const store::HeldFilter filter = FromProto(request.filter());
  ASSIGN_OR_RETURN(const int64_t replayed, parts_.database.Write(call, [&](Transaction& tx) {
    return store::ReplayHeld(tx, filter, parts_.clock());
  }));
  v1::ReplayHeldUpdatesResponse response;
  response.set_replayed(replayed);
  return response;
}

absl::StatusOr<v1::DiscardHeldUpdatesResponse> GatewayService::DiscardHeldUpdates(
    const Call& call, const v1::DiscardHeldUpdatesRequest& request) {
  RETURN_IF_ERROR(CheckNarrowingFilter(request.filter()));
  const store::HeldFilter filter = FromProto(request.filter());
  ASSIGN_OR_RETURN(const int64_t discarded, parts_.database.Write(call, [&](Transaction& tx) {
    return store::DiscardHeld(tx, filter, request.include_waiting(), parts_.clock());
  }));
  v1::DiscardHeldUpdatesResponse response;
  response.set_discarded(discarded);
  return response;
}

absl::StatusOr<v1::CreateMediaResponse> GatewayService::CreateMedia(
    const Call& call, const v1::CreateMediaRequest& request) {
  ASSIGN_OR_RETURN(const int64_t chat_id, store::ChatOf(parts_.database, call, request.user_id()));
  // Of somebody without a chat it is theirs all the same.
  if (chat_id == request.user_id() || chat_id == 0) return parts_.media.Create(call, request);
  v1::CreateMediaRequest for_chat = request;
  for_chat.set_user_id(chat_id);
  return parts_.media.Create(call, for_chat);
}

absl::StatusOr<v1::AppendMediaResponse> GatewayService::AppendMedia(
    const Call& call, const v1::AppendMediaRequest& request) {
  return parts_.media.Append(call, request);
}

absl::StatusOr<v1::ReadMediaResponse> GatewayService::ReadMedia(
    const Call& call, const v1::ReadMediaRequest& request) {
  return parts_.media.Read(call, request);
}

absl::Status GatewayService::ForgetOld(const Call& call) {
  ASSIGN_OR_RETURN(int64_t forgotten, parts_.database.Write(call, [&](Transaction& tx) {
    return store::ForgetOld(tx, parts_.clock());
  }));
  ASSIGN_OR_RETURN(const int64_t media, parts_.media.ForgetOld(call));
  forgotten += media;
  if (forgotten > 0) observe::Debug("expired rows deleted", {{"rows", forgotten}});
  return absl::OkStatus();
}

}  // namespace selfology::telegram_gateway
