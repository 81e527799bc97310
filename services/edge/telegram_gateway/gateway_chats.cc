// The endpoints about the messages that the bot has in a chat.
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "common/enums/word.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/edge/telegram_gateway/gateway_service.h"

namespace selfology::telegram_gateway {
namespace {

using postgres::Transaction;
using status::FieldViolations;

constexpr paging::Limits kPage = {.default_size = 50, .max_size = 100};
constexpr int64_t kFromNewest = std::numeric_limits<int64_t>::max();

FieldViolations Check(const v1::ChatMessageFilter& filter) {
  FieldViolations bad;
  if (filter.chat_id() == 0) bad.Add("filter.chat_id", "must not be 0");
  if (!v1::MessageLifecycle_IsValid(filter.lifecycle())) {
    bad.Add("filter.lifecycle", "must be a value of MessageLifecycle");
  }
  return bad;
}

store::ChatFilter FromProto(const v1::ChatMessageFilter& filter, int64_t bot_id) {
  return {.bot_id = bot_id,
          .chat_id = filter.chat_id(),
          .lifecycle = enums::LowerWord(filter.lifecycle()),
          .tag = filter.tag()};
}

v1::ChatMessage ToProto(store::ChatMessage&& row, int64_t chat_id) {
  v1::ChatMessage message;
  message.set_chat_id(chat_id);
  message.set_message_id(row.message_id);
  message.set_lifecycle(enums::FromWord<v1::MessageLifecycle>(row.lifecycle));
  message.set_tag(std::move(row.tag));
  message.set_dialog(std::move(row.dialog));
  message.set_key(std::move(row.key));
  *message.mutable_sent_at() = timestamps::ToProto(row.sent_at);
  if (row.expires_at.has_value()) {
    *message.mutable_expires_at() = timestamps::ToProto(*row.expires_at);
  }
  message.set_has_buttons(row.has_buttons);
  return message;
}

}  // namespace

absl::StatusOr<std::vector<store::ChatMessage>> GatewayService::ReadChat(
    const Call& call, const v1::ChatMessageFilter& filter, int64_t below, int limit) {
  ASSIGN_OR_RETURN(const Bot* const bot, BotOf(call, filter));
  return parts_.database.Read(call,
                              [&](Transaction& tx) {
                                return store::ListChat(tx, FromProto(filter, bot->id()), below,
                                                       parts_.clock(), limit);
                              },
                              {.newest = true});
}

absl::StatusOr<Bot*> GatewayService::BotOf(const Call& call, const v1::ChatMessageFilter& filter) {
  if (filter.bot_id() != 0) return parts_.bots.Find(filter.bot_id(), "filter.bot_id");
  return parts_.bots.Choose(call, {.user_id = filter.chat_id()});
}

absl::StatusOr<v1::ListChatMessagesResponse> GatewayService::ListChatMessages(
    const Call& call, const v1::ListChatMessagesRequest& request) {
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const int64_t below, page.AfterId(kFromNewest));
  RETURN_IF_ERROR(Check(request.filter()).ToStatus());
  ASSIGN_OR_RETURN(std::vector<store::ChatMessage> rows,
                   ReadChat(call, request.filter(), below, page.limit()));
  v1::ListChatMessagesResponse response;
  response.set_next_page_token(page.Cut(rows, &store::ChatMessage::message_id));
  for (store::ChatMessage& row : rows) {
    *response.add_messages() = ToProto(std::move(row), request.filter().chat_id());
  }
  return response;
}

absl::StatusOr<v1::GetLatestChatMessageResponse> GatewayService::GetLatestChatMessage(
    const Call& call, const v1::GetLatestChatMessageRequest& request) {
  RETURN_IF_ERROR(Check(request.filter()).ToStatus());
  ASSIGN_OR_RETURN(std::vector<store::ChatMessage> rows,
                   ReadChat(call, request.filter(), kFromNewest, /*limit=*/1));
  if (rows.empty()) return absl::NotFoundError("no such message is known");
  v1::GetLatestChatMessageResponse response;
  *response.mutable_message() = ToProto(std::move(rows.front()), request.filter().chat_id());
  return response;
}

absl::StatusOr<v1::ClearChatMessagesResponse> GatewayService::ClearChatMessages(
    const Call& call, const v1::ClearChatMessagesRequest& request) {
  const v1::ChatMessageFilter& filter = request.filter();
  FieldViolations bad = Check(filter);
  if (filter.lifecycle() == v1::MESSAGE_LIFECYCLE_UNSPECIFIED && filter.tag().empty()) {
    bad.Add("filter", "must have a lifecycle or a tag");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(Bot* const bot, BotOf(call, filter));
  ASSIGN_OR_RETURN(const int64_t cleared, parts_.database.Write(call, [&](Transaction& tx) {
    return store::ClearChat(tx, FromProto(filter, bot->id()), parts_.clock());
  }));
  bot->delivery.message_changes().Wake(filter.chat_id());
  v1::ClearChatMessagesResponse response;
  response.set_cleared(cleared);
  return response;
}

}  // namespace selfology::telegram_gateway
