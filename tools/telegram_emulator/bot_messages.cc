// Messages of the bot: sending, editing, deleting, reacting, answering presses.
#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "common/status/status_macros.h"
#include "tools/telegram_emulator/bot_methods.h"
#include "tools/telegram_emulator/keyboard.h"
#include "tools/telegram_emulator/reactions.h"

namespace selfology::telegram_emulator {
namespace {

constexpr int kMostCaption = 1024;  // https://core.telegram.org/bots/api#sendphoto
constexpr size_t kMostDeleted = 100;

// The alternative to parse_mode.
absl::Status AddEntities(const Parameters& parameters, const char* name, FormattedText& text) {
  if (!parameters.Text("parse_mode").empty() || !parameters.Has(name)) return absl::OkStatus();
  absl::StatusOr<Json> entities = ParseJson(parameters.Text(name));
  if (!entities.ok()) return Bad("can't parse entities JSON object");
  text.entities = EntitiesFromJson(*entities);
  FindEntities(text);
  return absl::OkStatus();
}

// They change nothing here, but must be well formed.
absl::Status CheckLinkPreview(const Parameters& parameters) {
  const std::string text = parameters.Text("link_preview_options");
  if (text.empty()) return absl::OkStatus();
  const absl::StatusOr<Json> options = ParseJson(text);
  if (!options.ok()) return Bad("can't parse link preview options JSON object");
  if (!options->is_object()) return Bad("object expected as link preview options");
  const Json* const disabled = Field(*options, "is_disabled");
  if (disabled != nullptr && !disabled->is_boolean()) {
    return Bad("field \"is_disabled\" must be of type Boolean");
  }
  return absl::OkStatus();
}

absl::Status ReadReply(const Parameters& parameters, Draft& draft) {
  draft.reply_to_id = parameters.Number("reply_to_message_id", 0);
  draft.allow_without_reply = parameters.Flag("allow_sending_without_reply");
  const std::string text = parameters.Text("reply_parameters");
  if (text.empty()) return absl::OkStatus();
  const absl::StatusOr<Json> reply = ParseJson(text);
  if (!reply.ok()) return Bad("can't parse reply parameters JSON object");
  if (!reply->is_object()) return Bad("object expected as reply parameters");
  if (reply->empty()) return absl::OkStatus();
  if (!reply->contains("message_id")) return Bad("can't find field \"message_id\"");
  draft.reply_to_id = IntOr(*reply, "message_id");
  draft.allow_without_reply = BoolOr(*reply, "allow_sending_without_reply");
  draft.quote = StringOr(*reply, "quote");
  const std::string mode = StringOr(*reply, "quote_parse_mode");
  if (!draft.quote.empty() && !mode.empty()) {
    ASSIGN_OR_RETURN(FormattedText quote, Format(draft.quote, mode));
    draft.quote = std::move(quote.text);
  }
  return absl::OkStatus();
}

// Which message to edit: one of a chat, as no message here was sent by way of another bot.
absl::StatusOr<std::pair<int64_t, int64_t>> Edited(const World& world,
                                                   const Parameters& parameters) {
  const int64_t message_id = parameters.Number("message_id", 0);
  if (message_id == 0 && parameters.Text("chat_id").empty()) {
    return Bad("message identifier is not specified");
  }
  ASSIGN_OR_RETURN(const int64_t chat_id, ChatId(world, parameters));
  return std::pair(chat_id, message_id);
}

absl::StatusOr<std::vector<int64_t>> MessageIds(const std::string& text) {
  if (text.empty()) return Bad("message identifiers are not specified");
  const absl::StatusOr<Json> list = ParseJson(text);
  if (!list.ok()) return Bad("can't parse message_ids JSON object");
  if (!list->is_array()) return Bad("expected an Array of message identifiers");
  if (list->size() > kMostDeleted) return Bad("too many message identifiers specified");
  std::vector<int64_t> ids;
  for (const Json& entry : *list) {
    if (!entry.is_number() && !entry.is_string()) {
      return Bad("message identifier must be a Number");
    }
    int64_t id = 0;
    if (!absl::SimpleAtoi(entry.is_string() ? entry.get<std::string>() : Dump(entry), &id)) {
      return Bad("can't parse message identifier as a Number");
    }
    if (id <= 0) return Bad("invalid message identifier specified");
    ids.push_back(id);
  }
  if (ids.empty()) return Bad("message identifiers are not specified");
  return ids;
}

}  // namespace

absl::StatusOr<int64_t> ChatId(const World& world, const Parameters& parameters) {
  const std::string text = parameters.Text("chat_id");
  if (text.empty()) return Bad("chat_id is empty");
  int64_t id = 0;
  if (absl::SimpleAtoi(text, &id)) return id;
  id = world.chats.ChatNamed(text);
  if (id == 0) return Bad("chat not found");
  return id;
}

absl::StatusOr<FormattedText> TextOf(const Parameters& parameters) {
  RETURN_IF_ERROR(CheckLinkPreview(parameters));
  ASSIGN_OR_RETURN(FormattedText text,
                   Format(parameters.Text("text"), parameters.Text("parse_mode")));
  RETURN_IF_ERROR(AddEntities(parameters, "entities", text));
  return text;
}

absl::StatusOr<FormattedText> CaptionOf(const Parameters& parameters) {
  const std::string caption = parameters.Text("caption");
  if (absl::StripAsciiWhitespace(caption).empty()) return FormattedText();
  ASSIGN_OR_RETURN(FormattedText text, Format(caption, parameters.Text("parse_mode")));
  if (CodePoints(text.text) > kMostCaption) return Bad("message caption is too long");
  RETURN_IF_ERROR(AddEntities(parameters, "caption_entities", text));
  return text;
}

absl::StatusOr<Draft> DraftOf(const Parameters& parameters) {
  Draft draft{.silent = parameters.Flag("disable_notification")};
  ASSIGN_OR_RETURN(draft.markup, ParseKeyboard(parameters.Text("reply_markup")));
  RETURN_IF_ERROR(ReadReply(parameters, draft));
  return draft;
}

Result SendMessage(World& world, const Parameters& parameters, absl::Time now) {
  ASSIGN_OR_RETURN(FormattedText text, TextOf(parameters));
  ASSIGN_OR_RETURN(Draft draft, DraftOf(parameters));
  draft.text = std::move(text);
  ASSIGN_OR_RETURN(const int64_t chat_id, ChatId(world, parameters));
  ASSIGN_OR_RETURN(const Message message, world.chats.BotSends(chat_id, std::move(draft), now));
  return Answer::Ok(world.chats.MessageForBot(message));
}

Result EditMessageText(World& world, const Parameters& parameters, absl::Time now) {
  ASSIGN_OR_RETURN(FormattedText text, TextOf(parameters));
  ASSIGN_OR_RETURN(Json markup, ParseKeyboard(parameters.Text("reply_markup")));
  ASSIGN_OR_RETURN(const auto edited, Edited(world, parameters));
  ASSIGN_OR_RETURN(
      const Message message,
      world.chats.BotEdits(edited.first, edited.second,
                           {.text = std::move(text), .markup = std::move(markup)}, now));
  return Answer::Ok(world.chats.MessageForBot(message));
}

Result EditMessageCaption(World& world, const Parameters& parameters, absl::Time now) {
  ASSIGN_OR_RETURN(Json markup, ParseKeyboard(parameters.Text("reply_markup")));
  ASSIGN_OR_RETURN(FormattedText caption, CaptionOf(parameters));
  ASSIGN_OR_RETURN(const auto edited, Edited(world, parameters));
  ASSIGN_OR_RETURN(
      const Message message,
      world.chats.BotEditsCaption(edited.first, edited.second,
                                  {.text = std::move(caption), .markup = std::move(markup)}, now));
  return Answer::Ok(world.chats.MessageForBot(message));
}

Result EditMessageReplyMarkup(World& world, const Parameters& parameters, absl::Time now) {
  ASSIGN_OR_RETURN(Json markup, ParseKeyboard(parameters.Text("reply_markup")));
  ASSIGN_OR_RETURN(const auto edited, Edited(world, parameters));
  ASSIGN_OR_RETURN(const Message message,
                   world.chats.BotEditsMarkup(edited.first, edited.second, std::move(markup), now));
  return Answer::Ok(world.chats.MessageForBot(message));
}

Result DeleteMessage(World& world, const Parameters& parameters, absl::Time now) {
  if (parameters.Text("chat_id").empty()) return Bad("chat identifier is not specified");
  const int64_t message_id = parameters.Number("message_id", 0);
  if (message_id == 0) return Bad("message identifier is not specified");
  ASSIGN_OR_RETURN(const int64_t chat_id, ChatId(world, parameters));
  RETURN_IF_ERROR(world.chats.BotDeletes(chat_id, message_id, now));
  return Answer::Ok(true);
}

Result DeleteMessages(World& world, const Parameters& parameters, absl::Time now) {
  ASSIGN_OR_RETURN(const std::vector<int64_t> ids, MessageIds(parameters.Text("message_ids")));
  ASSIGN_OR_RETURN(const int64_t chat_id, ChatId(world, parameters));
  RETURN_IF_ERROR(world.chats.BotDeletes(chat_id, ids, now));
  return Answer::Ok(true);
}

Result SetMessageReaction(World& world, const Parameters& parameters, absl::Time) {
  ASSIGN_OR_RETURN(Reactions reactions, ParseReactions(parameters.Text("reaction")));
  ASSIGN_OR_RETURN(const int64_t chat_id, ChatId(world, parameters));
  RETURN_IF_ERROR(
      world.chats.BotReacts(chat_id, parameters.Number("message_id", 0), std::move(reactions)));
  return Answer::Ok(true);
}

Result AnswerCallbackQuery(World& world, const Parameters& parameters, absl::Time now) {
  RETURN_IF_ERROR(world.chats.BotAnswers(parameters.Text("callback_query_id"),
                                         parameters.Text("text"), parameters.Flag("show_alert"),
                                         now));
  return Answer::Ok(true);
}

Result SendChatAction(World& world, const Parameters& parameters, absl::Time now) {
  static constexpr std::array kActions = {
      "typing",        "upload_photo",    "record_video",  "upload_video",      "record_voice",
      "upload_voice",  "upload_document", "find_location", "record_video_note", "upload_video_note",
      "choose_sticker"};
  const std::string action = absl::AsciiStrToLower(parameters.Text("action"));
  if (std::find(kActions.begin(), kActions.end(), action) == kActions.end()) {
    return Bad("wrong parameter action in request");
  }
  ASSIGN_OR_RETURN(const int64_t chat_id, ChatId(world, parameters));
  RETURN_IF_ERROR(world.chats.BotActs(chat_id, action, now));
  return Answer::Ok(true);
}

}  // namespace selfology::telegram_emulator
