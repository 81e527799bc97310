#include "services/edge/telegram_gateway/bot_api/bot_api.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/resilience/retry.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::telegram_gateway {
namespace {

using absl::StatusCode;

constexpr resilience::BreakerLimits kBreaker = {.failures = 5,
                                                .open = absl::Seconds(1),
                                                .longest_open = absl::Seconds(30),
                                                .half_open_tries = 1};

// What a request without an answer or with a 5xx ends with. A refusal is an answer.
resilience::CallResult Classify(const absl::Status& status) {
  switch (status.code()) {
    case StatusCode::kUnavailable:
    case StatusCode::kDeadlineExceeded:
      return resilience::CallResult::kFailure;
    case StatusCode::kCancelled:
      return resilience::CallResult::kIgnored;
    default:
      return resilience::CallResult::kSuccess;
  }
}

// Words of Telegram's 400, in lower case, that mean: there is nobody to write to.
constexpr std::string_view kGone[] = {"chat not found", "user not found", "peer_id_invalid",
                                      "user_is_bot", "user is deactivated",
                                      // Of groups and channels.
                                      "need administrator rights", "not enough rights to send",
                                      "have no rights to send", "chat_write_forbidden"};

// Whether these words of Telegram's, in lower case, mean that this chat takes no such files: what is
// only text may still be sent.
bool RefusesFiles(std::string_view words) {
  if (absl::StrContains(words, "not enough rights to send")) {
    return !absl::StrContains(words, "text") && !absl::StrContains(words, "message");
  }
  return absl::StrContains(words, "chat_send_") && absl::StrContains(words, "_forbidden") &&
         !absl::StrContains(words, "plain");
}

// Telegram's own words without what may quote the message: "Bad Request: can't parse entities".
std::string WithoutQuotes(std::string_view description) {
  std::vector<std::string_view> parts = absl::StrSplit(description, absl::MaxSplits(':', 2));
  parts.resize(std::min<size_t>(parts.size(), 2));
  const std::string words = absl::StrCat(parts[0], parts.size() > 1 ? ":" : "",
                                         parts.size() > 1 ? parts[1] : std::string_view());
  constexpr size_t kLongest = 100;
  return words.substr(0, std::min(kLongest, words.find('"')));
}

absl::Status RateLimited(const Json& answer) {
  constexpr int64_t kUsual = 1;
  const int64_t seconds =
      std::max(kUsual, IntegerIn(ObjectIn(answer, "parameters"), "retry_after"));
  return status::WithRetryAfter(
      status::Error(mesh::v1::ERROR_CODE_RATE_LIMITED, "Telegram asks to slow down"),
      absl::Seconds(seconds));
}

absl::Status Refusal(int code, const Json& answer) {
  const std::string description = TextIn(answer, "description");
  const std::string lower = absl::AsciiStrToLower(description);
  if ((code == 400 || code == 403) && RefusesFiles(lower)) {
    return absl::InvalidArgumentError(WithoutQuotes(description));
  }
  switch (code) {
    case 400:
      for (const std::string_view words : kGone) {
        if (absl::StrContains(lower, words)) {
          return status::Error(mesh::v1::ERROR_CODE_USER_UNREACHABLE, "the chat is gone");
        }
      }
      return absl::InvalidArgumentError(WithoutQuotes(description));
    case 401:
    case 404:  // What Telegram says to a malformed token.
      return absl::UnauthenticatedError("Telegram does not know this token");
    case 403:
      return status::Error(mesh::v1::ERROR_CODE_USER_UNREACHABLE, "the bot is blocked");
    case 413:  // More bytes than bots may send.
      return absl::InvalidArgumentError(WithoutQuotes(description));
    case 409:
      return status::Error(StatusCode::kFailedPrecondition, "POLL_CONFLICT",
                           WithoutQuotes(description));
    case 429:
      return RateLimited(answer);
    default:
      return absl::UnavailableError(absl::StrCat("Telegram answers ", code));
  }
}

bool Has(const absl::Status& failure, std::string_view words) {
  return absl::StrContains(std::string_view(failure.message()), words);
}

}  // namespace

int64_t BotIdOf(std::string_view token) {
  int64_t id = 0;
  return absl::SimpleAtoi(token.substr(0, token.find(':')), &id) ? id : 0;
}

absl::StatusOr<Json> ReadAnswer(int http_status, std::string_view body) {
  Json answer = ParseLeniently(body);
  if (FlagIn(answer, "ok")) return answer["result"];
  const int64_t code = IntegerIn(answer, "error_code");
  // A proxy in between may answer in Telegram's place.
  if (code == 0 && http_status != 429) {
    return absl::UnavailableError(absl::StrCat("HTTP ", http_status, " without Telegram's answer"));
  }
  return Refusal(code == 0 ? http_status : static_cast<int>(code), answer);
}

BotApi::BotApi(const Options& options, http::Client* http, observe::Metrics* metrics)
    : url_(absl::StrCat(options.base, "/bot", options.token, "/")),
      file_url_(absl::StrCat(options.base, "/file/bot", options.token, "/")),
      bot_id_(BotIdOf(options.token)),
      http_(*http),
      breaker_(absl::StrCat("telegram:", bot_id_),
               {.limits = kBreaker, .classify = &Classify, .metrics = metrics}) {}

absl::StatusOr<std::string> BotApi::Post(const Call& call, std::string_view method,
                                         const Json& parameters, int* http_status) {
  if (bot_id_ == 0) return absl::UnauthenticatedError("no telegram_bot_token is set");
  ASSIGN_OR_RETURN(http::ClientResponse response,
                   http_.Send(call, {.method = "POST",
                                     .url = absl::StrCat(url_, method),
                                     .headers = {{"Content-Type", std::string(http::kJson)}},
                                     .body = Dump(parameters),
                                     .target = absl::StrCat("telegram ", method)}));
  *http_status = response.status;
  return std::move(response.body);
}

absl::StatusOr<Json> BotApi::Ask(const Call& call, std::string_view method,
                                 const Json& parameters) {
  return breaker_.Run([&]() -> absl::StatusOr<Json> {
    int http_status = 0;
    ASSIGN_OR_RETURN(const std::string body, Post(call, method, parameters, &http_status));
    return ReadAnswer(http_status, body);
  });
}

absl::StatusOr<Json> BotApi::AskUntilDone(const Call& call, std::string_view method,
                                          const Json& parameters) {
  return resilience::Retry(call, {}, [&] { return Ask(call, method, parameters); });
}

absl::Status BotApi::AskAside(const Call& call, std::string_view method, const Json& parameters) {
  if (breaker_state() == resilience::BreakerState::kOpen) {
    return absl::UnavailableError(
        absl::StrCat(method, " was not asked: the circuit to Telegram is open"));
  }
  int http_status = 0;
  ASSIGN_OR_RETURN(const std::string body, Post(call, method, parameters, &http_status));
  return ReadAnswer(http_status, body).status();
}

absl::StatusOr<BotApi::Bot> BotApi::GetMe(const Call& call) {
  ASSIGN_OR_RETURN(const Json me, AskUntilDone(call, "getMe", Json::object()));
  Bot bot{.id = IntegerIn(me, "id"), .username = TextIn(me, "username")};
  absl::MutexLock lock(&mutex_);
  username_ = bot.username;
  return bot;
}

std::string BotApi::username() const {
  absl::MutexLock lock(&mutex_);
  return username_;
}

absl::StatusOr<std::string> BotApi::GetUpdates(const Call& call, int64_t offset, int limit,
                                               absl::Duration wait,
                                               const std::vector<std::string>& kinds) {
  const Json parameters = {
      {"offset", offset},
      {"limit", limit},
      {"timeout", absl::ToInt64Seconds(wait)},
      // Asking for these keeps others, which would be ignored, from being sent.
      {"allowed_updates", kinds}};
  int http_status = 0;
  ASSIGN_OR_RETURN(std::string body, Post(call, "getUpdates", parameters, &http_status));
  // Only a refusal is read here: an update that cannot be read must not hide those beside it.
  if (http_status != 200) {
    const absl::StatusOr<Json> answer = ReadAnswer(http_status, body);
    if (!answer.ok()) return answer.status();
  }
  return body;
}

absl::Status BotApi::SetWebhook(const Call& call, std::string_view url, std::string_view secret,
                                const std::vector<std::string>& kinds) {
  return AskUntilDone(call, "setWebhook",
                      {{"url", url}, {"secret_token", secret}, {"allowed_updates", kinds}})
      .status();
}

absl::Status BotApi::DeleteWebhook(const Call& call) {
  return AskUntilDone(call, "deleteWebhook", Json::object()).status();
}

absl::StatusOr<BotApi::WebhookInfo> BotApi::GetWebhookInfo(const Call& call) {
  ASSIGN_OR_RETURN(const Json info, AskUntilDone(call, "getWebhookInfo", Json::object()));
  return WebhookInfo{
      .url = TextIn(info, "url"),
      .pending_updates = static_cast<int32_t>(IntegerIn(info, "pending_update_count"))};
}

absl::Status BotApi::SetMyCommands(const Call& call, int64_t chat_id, std::string_view language,
                                   const std::vector<MenuCommand>& menu) {
  Json commands = Json::array();
  for (const MenuCommand& command : menu) {
    commands.push_back({{"command", command.name}, {"description", command.description}});
  }
  Json scope = {{"type", chat_id == 0 ? "all_private_chats" : "chat"}};
  if (chat_id != 0) scope["chat_id"] = chat_id;
  Json parameters = {{"commands", std::move(commands)}, {"scope", std::move(scope)}};
  if (!language.empty()) parameters["language_code"] = language;
  return resilience::Retry(call, {}, [&] { return AskAside(call, "setMyCommands", parameters); });
}

absl::Status BotApi::EditMessageText(const Call& call, int64_t chat_id, int64_t message_id,
                                     std::string_view text, const v1::DialogMessage& message) {
  Json parameters = {{"chat_id", chat_id},
                     {"message_id", message_id},
                     {"text", text},
                     {"link_preview_options", {{"is_disabled", true}}}};
  if (message.text_format() == v1::TEXT_FORMAT_HTML) parameters["parse_mode"] = "HTML";
  if (!message.button_rows().empty()) parameters["reply_markup"] = Keyboard(message);
  const absl::Status status = Ask(call, "editMessageText", parameters).status();
  return Has(status, "message is not modified") ? absl::OkStatus() : status;
}

absl::Status BotApi::RemoveButtons(const Call& call, int64_t chat_id, int64_t message_id) {
  const absl::Status status =
      Ask(call, "editMessageReplyMarkup", {{"chat_id", chat_id}, {"message_id", message_id}})
          .status();
  return Has(status, "message is not modified") ? absl::OkStatus() : status;
}

absl::Status BotApi::DeleteMessages(const Call& call, int64_t chat_id,
                                    const std::vector<int64_t>& message_ids) {
  return Ask(call, "deleteMessages", {{"chat_id", chat_id}, {"message_ids", message_ids}}).status();
}

absl::Status BotApi::SetMessageReaction(const Call& call, int64_t chat_id, int64_t message_id,
                                        std::string_view emoji) {
  const Json reaction = {{"type", "emoji"}, {"emoji", emoji}};
  const Json parameters = {
      {"chat_id", chat_id}, {"message_id", message_id}, {"reaction", Json::array({reaction})}};
  return resilience::Retry(call, {},
                           [&] { return AskAside(call, "setMessageReaction", parameters); });
}

absl::Status BotApi::AnswerCallbackQuery(const Call& call, std::string_view callback_id,
                                         std::string_view notice) {
  const absl::Status status = AskUntilDone(call, "answerCallbackQuery",
                                           {{"callback_query_id", callback_id}, {"text", notice}})
                                  .status();
  // Nobody looks at that button any more.
  return Has(status, "query is too old") ? absl::OkStatus() : status;
}

absl::Status BotApi::SendTyping(const Call& call, int64_t chat_id) {
  return AskAside(call, "sendChatAction", {{"chat_id", chat_id}, {"action", "typing"}});
}

}  // namespace selfology::telegram_gateway
