#include "services/edge/telegram_gateway/gateway_service.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/idempotency/once.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/edge/telegram_gateway/gateway_store.h"

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
  FieldViolations bad = CheckUser(request);
  idempotency::CheckKey(request.idempotency_key(), bad);
  if (text::Trim(request.message_text()).empty()) bad.Add("message_text", "must not be empty");
  CheckButtons(request, bad);
  RETURN_IF_ERROR(bad.ToStatus());

  const int64_t user_id = request.user_id();
  const std::string key = absl::StrCat("rpc:", request.idempotency_key());
  v1::SendMessageRequest body = request;
  body.clear_user_id();
  body.clear_idempotency_key();
  const Outgoing message{.user_id = user_id,
                         .key = key,
                         .kind = Kind::kRequested,
                         .body = std::move(body),
                         .traceparent = call.trace().Format()};
  RETURN_IF_ERROR(parts_.database.Write(call, [&](Transaction& tx) {
    const absl::Time now = parts_.clock();
    return store::Enqueue(tx, message, now, now);
  }));
  parts_.delivery.Wake(user_id);

  const absl::StatusOr<store::Fate> fate = parts_.delivery.Await(call, user_id, key);
  if (fate.ok() && fate->status == store::Fate::Status::kSent) {
    v1::SendMessageResponse response;
    for (const int64_t id : fate->message_ids) response.add_telegram_message_ids(id);
    return response;
  }
  // Synchronous send: no queuing; the caller decides whether to retry. A started attempt goes on.
  const Call after = Call::Background(absl::Seconds(2), call.trace());
  RETURN_IF_ERROR(parts_.database.Write(
      after, [&](Transaction& tx) { return store::Withdraw(tx, user_id, key); }));
  RETURN_IF_ERROR(fate);
  return WhyNotSent(*fate, parts_.clock());
}

absl::StatusOr<v1::GetConversationStateResponse> GatewayService::GetConversationState(
    const Call& call, const v1::GetConversationStateRequest& request) {
  RETURN_IF_ERROR(CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const Conversation conversation,
                   parts_.conversations.Get(call, request.user_id()));
  v1::GetConversationStateResponse response;
  *response.mutable_conversation() = ToProto(conversation);
  return response;
}

absl::StatusOr<v1::SetConversationStateResponse> GatewayService::SetConversationState(
    const Call& call, const v1::SetConversationStateRequest& request) {
  FieldViolations bad = CheckUser(request);
  const bool forget = request.state() == v1::CONVERSATION_STATE_UNSPECIFIED;
  if (!forget && !enums::IsNamed(request.state())) bad.Add("state", "must be a known one");
  RETURN_IF_ERROR(bad.ToStatus());

  if (forget) {
    parts_.conversations.Forget(call, request.user_id());
  } else {
    // So that there is something to change.
    RETURN_IF_ERROR(parts_.conversations.Get(call, request.user_id()));
    parts_.conversations.Change(call, request.user_id(),
                                [&](Conversation& c) { c.state = request.state(); });
  }
  ASSIGN_OR_RETURN(const Conversation conversation,
                   parts_.conversations.Get(call, request.user_id()));
  v1::SetConversationStateResponse response;
  *response.mutable_conversation() = ToProto(conversation);
  return response;
}

absl::StatusOr<v1::HandleUpdateResponse> GatewayService::HandleUpdate(
    const Call& call, const v1::HandleUpdateRequest& request) {
  FieldViolations bad;
  if (request.update_json().empty()) bad.Add("update_json", "must not be empty");
  if (request.update_json().size() > kMaxUpdateBytes)
    bad.Add("update_json", "must be 1 MB or less");
  RETURN_IF_ERROR(bad.ToStatus());
  return parts_.intake.Handle(call, request.update_json());
}

absl::StatusOr<v1::GetBotInfoResponse> GatewayService::GetBotInfo(const Call& call,
                                                                  const v1::GetBotInfoRequest&) {
  ASSIGN_OR_RETURN(const BotApi::Bot bot, parts_.telegram.GetMe(call));
  v1::GetBotInfoResponse response;
  response.set_bot_id(bot.id);
  response.set_username(bot.username);
  if (parts_.uses_webhook) {
    ASSIGN_OR_RETURN(const BotApi::WebhookInfo info, parts_.telegram.GetWebhookInfo(call));
    response.set_webhook(!info.url.empty());
    response.set_pending_updates(info.pending_updates);
  }
  return response;
}

absl::Status GatewayService::ForgetOld(const Call& call) {
  ASSIGN_OR_RETURN(const int64_t forgotten, parts_.database.Write(call, [&](Transaction& tx) {
    return store::ForgetOld(tx, parts_.clock());
  }));
  if (forgotten > 0) observe::Debug("old rows deleted", {{"rows", forgotten}});
  return absl::OkStatus();
}

}  // namespace selfology::telegram_gateway
