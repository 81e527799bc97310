// Telegram's Bot API, as far as the gateway needs it.
//
//   BotApi telegram({.token = token}, &mesh.http(), &mesh.metrics());
//   ASSIGN_OR_RETURN(int64_t message_id,
//                    telegram.SendMessage(call, user_id, piece, message, /*with_buttons=*/true));
//
// Errors, by status::Reason:
//   FAILED_PRECONDITION  USER_UNREACHABLE: the person blocked the bot, or there is no such chat
//                        POLL_CONFLICT: another program polls, or a webhook is set
//   RESOURCE_EXHAUSTED   RATE_LIMITED, with RetryInfo as Telegram says
//   INVALID_ARGUMENT     Telegram does not like the request
//   UNAUTHENTICATED      the token is wrong
//   UNAVAILABLE          Telegram is down or answers nonsense: nothing happened
//                        SERVICE_DEGRADED: nothing was asked, the circuit breaker is open
//                        CONNECTION_LOST: nobody knows whether it happened
//   DEADLINE_EXCEEDED    likewise
//
// The token is part of every URL and of nothing else: no message, log line or metric has it, nor
// what was sent.
//
// Methods that may be repeated are, three times in all, within the call's deadline; SendMessage is
// not, since Telegram knows no idempotency keys: see delivery.h. All but GetUpdates share a circuit
// breaker, "telegram". It opens after five requests in a row without an answer or with a 5xx, and a
// second later lets one through to see, then after 2, 4, ... 30 s. What Telegram refuses, be it one
// chat's (403) or for haste (429), says nothing about the others' requests and never opens it.
// Threads: thread-safe. Source: https://core.telegram.org/bots/api
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/http/client.h"
#include "common/observe/metrics.h"
#include "common/resilience/circuit_breaker.h"
#include "selfology/telegram/v1/dialog.pb.h"
#include "services/edge/telegram_gateway/bot_api/lenient_json.h"

namespace selfology::telegram_gateway {

namespace v1 = ::selfology::telegram::v1;

// The result of an answer, or why there is none. `http_status` counts where the body is not
// Telegram's. Pure.
absl::StatusOr<Json> ReadAnswer(int http_status, std::string_view body);

class BotApi {
 public:
  struct Options {
    std::string base = "https://api.telegram.org";
    std::string token = {};  // "<bot id>:<secret>"
  };

  // http and metrics outlive it.
  BotApi(const Options& options, http::Client* http, observe::Metrics* metrics);

  // The bot's id as the token says it; 0 without a token.
  int64_t bot_id() const { return bot_id_; }
  // Its name as GetMe said it last; empty before.
  std::string username() const;
  resilience::BreakerState breaker_state() const { return breaker_.state(); }

  struct Bot {
    int64_t id = 0;
    std::string username;
  };
  absl::StatusOr<Bot> GetMe(const Call& call);

  // Confirms all updates before `offset` and waits until there is one from there on, at most
  // `wait`. The body of the answer: see ParseUpdates. The call's deadline should leave Telegram
  // some seconds beyond `wait`.
  absl::StatusOr<std::string> GetUpdates(const Call& call, int64_t offset, int limit,
                                         absl::Duration wait);

  absl::Status SetWebhook(const Call& call, std::string_view url, std::string_view secret);
  // What waits stays.
  absl::Status DeleteWebhook(const Call& call);
  struct WebhookInfo {
    std::string url;
    int32_t pending_updates = 0;
  };
  absl::StatusOr<WebhookInfo> GetWebhookInfo(const Call& call);

  struct MenuCommand {
    std::string name;  // Without "/".
    std::string description;
    friend bool operator==(const MenuCommand&, const MenuCommand&) = default;
  };
  // language: of ISO 639-1, such as "ru"; empty: for everybody whose language has no menu.
  absl::Status SetMyCommands(const Call& call, std::string_view language,
                             const std::vector<MenuCommand>& menu);

  // Sends one piece of a message, see PiecesOf; gives the message's id.
  absl::StatusOr<int64_t> SendMessage(const Call& call, int64_t chat_id, std::string_view piece,
                                      const v1::DialogMessage& message, bool with_buttons);
  absl::Status EditMessageText(const Call& call, int64_t chat_id, int64_t message_id,
                               std::string_view html);
  // Takes the buttons away.
  absl::Status RemoveButtons(const Call& call, int64_t chat_id, int64_t message_id);
  // `notice` may be empty.
  absl::Status AnswerCallbackQuery(const Call& call, std::string_view callback_id,
                                   std::string_view notice);
  absl::Status SendTyping(const Call& call, int64_t chat_id);

 private:
  absl::StatusOr<std::string> Post(const Call& call, std::string_view method,
                                   const Json& parameters, int* http_status);
  // Once, through the breaker.
  absl::StatusOr<Json> Ask(const Call& call, std::string_view method, const Json& parameters);
  // The same, again if need be.
  absl::StatusOr<Json> AskUntilDone(const Call& call, std::string_view method,
                                    const Json& parameters);

  const std::string url_;  // Up to the method. Secret.
  const int64_t bot_id_;
  http::Client& http_;
  resilience::CircuitBreaker breaker_;
  mutable absl::Mutex mutex_;
  std::string username_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::telegram_gateway
