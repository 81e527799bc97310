#include "tools/telegram_emulator/acting.h"

#include <string>
#include <utility>
#include <vector>

#include "common/status/status_macros.h"
#include "tools/telegram_emulator/requests.h"

namespace selfology::telegram_emulator {
namespace {

// What may come after `after`: of the bot only, or of all; deleted ones are left out.
Json MessagesJson(const World& world, int64_t chat_id, int64_t after, bool bot_only) {
  Json messages = Json::array();
  for (const auto& [id, message] : world.chats.Chat(chat_id)) {
    if (id > after && !message.deleted && (message.from_bot || !bot_only)) {
      messages.push_back(message.ToFullJson());
    }
  }
  return messages;
}

absl::StatusOr<Draft> DraftIn(const World& world, const Json& entry) {
  Draft draft;
  if (const std::string caption = StringOr(entry, "caption"); !caption.empty()) {
    ASSIGN_OR_RETURN(draft.text, PlainText(caption));
  }
  const Media* const media = world.files.Get(StringOr(entry, "file_id"));
  if (media == nullptr) return absl::NotFoundError("no such file");
  draft.media = *media;
  return draft;
}

absl::StatusOr<std::vector<Draft>> DraftsIn(const World& world, const Json& body) {
  std::vector<Draft> drafts;
  if (const Json* const media = Field(body, "media"); media != nullptr) {
    if (!media->is_array()) return absl::InvalidArgumentError("media must be an array");
    for (const Json& entry : *media) {
      ASSIGN_OR_RETURN(Draft draft, DraftIn(world, entry));
      drafts.push_back(std::move(draft));
    }
  } else {
    Draft draft;
    ASSIGN_OR_RETURN(draft.text, PlainText(StringOr(body, "text")));
    drafts.push_back(std::move(draft));
  }
  for (Draft& draft : drafts) {
    draft.reply_to_id = IntOr(body, "reply_to_message_id");
    draft.quote = StringOr(body, "quote");
  }
  return drafts;
}

Reply ReplyWith(const absl::StatusOr<Message>& message, int status = 200) {
  RETURN_IF_ERROR(message);
  return JsonResponse(message->ToFullJson(), status);
}

}  // namespace

Reply ReadMessages(Exchange& exchange, const http::Request& request, int64_t chat_id) {
  const int64_t after = QueryNumber(request, "after", 0);
  const bool bot_only = request.Parameter("from") == "bot";
  Json messages = Json::array();
  exchange.Await(
      [&](const World& world) {
        messages = MessagesJson(world, chat_id, after, bot_only);
        return !messages.empty();
      },
      WaitUntil(request), GaveUpOn(request));
  return JsonResponse({{"messages", std::move(messages)}});
}

Reply WriteMessage(Exchange& exchange, const Json& body, int64_t user_id, int64_t chat_id) {
  using Sent = absl::StatusOr<std::vector<Message>>;
  const Sent sent = exchange.Do([&](World& world, absl::Time now) -> Sent {
    ASSIGN_OR_RETURN(std::vector<Draft> drafts, DraftsIn(world, body));
    return world.chats.UserSends(user_id, std::move(drafts), now, chat_id);
  });
  RETURN_IF_ERROR(sent);
  if (sent->size() == 1) return JsonResponse(sent->front().ToFullJson(), 201);
  Json messages = Json::array();
  for (const Message& message : *sent) messages.push_back(message.ToFullJson());
  return JsonResponse({{"messages", std::move(messages)}}, 201);
}

Reply CorrectMessage(Exchange& exchange, const Json& body, int64_t message_id, int64_t user_id,
                     int64_t chat_id) {
  return ReplyWith(exchange.Do([&](World& world, absl::Time now) {
    return world.chats.UserEdits(user_id, message_id, StringOr(body, "text"), now, chat_id);
  }));
}

Reply PressButton(Exchange& exchange, const Json& body, int64_t user_id, int64_t chat_id) {
  ASSIGN_OR_RETURN(const CallbackQuery query, exchange.Do([&](World& world, absl::Time now) {
    return world.chats.UserPresses(user_id, IntOr(body, "message_id"), StringOr(body, "button"),
                                   now, chat_id);
  }));
  return JsonResponse(query.ToFullJson(), 201);
}

Reply ReactToMessage(Exchange& exchange, const Json& body, int64_t user_id, int64_t chat_id) {
  const Json* const emojis = Field(body, "reactions");
  if (emojis == nullptr || !emojis->is_array()) {
    return absl::InvalidArgumentError("reactions must be an array");
  }
  Reactions reactions;
  for (const Json& emoji : *emojis) {
    if (emoji.is_string()) reactions.push_back(emoji.get<std::string>());
  }
  return ReplyWith(exchange.Do([&](World& world, absl::Time now) {
    return world.chats.UserReacts(user_id, IntOr(body, "message_id"), reactions, now, chat_id);
  }));
}

}  // namespace selfology::telegram_emulator
