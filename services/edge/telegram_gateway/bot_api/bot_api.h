// Telegram's Bot API, as far as the gateway needs it.
//
//   BotApi telegram({.token = token}, &mesh.http(), &mesh.metrics());
//   ASSIGN_OR_RETURN(std::vector<Json> sent, telegram.Send(call, RequestFor(user_id, piece, ...)));
//
// Errors, by status::Reason:
//   FAILED_PRECONDITION  USER_UNREACHABLE: the person blocked the bot, or there is no such chat
//                        POLL_CONFLICT: another program polls, or a webhook is set
//   RESOURCE_EXHAUSTED   RATE_LIMITED, with RetryInfo as Telegram says
//   INVALID_ARGUMENT     Telegram does not like the request, such as files where the chat takes none
//   UNAUTHENTICATED      the token is wrong
//   UNAVAILABLE          Telegram is down or answers nonsense: nothing happened
//                        SERVICE_DEGRADED: nothing was asked, the circuit breaker is open
//                        CONNECTION_LOST: nobody knows whether it happened
//   DEADLINE_EXCEEDED    likewise
//
// The token is part of every URL and of nothing else: no message, log line or metric has it, nor
// what was sent.
//
// Methods that may be repeated are, three times in all, within the call's deadline; Send is not,
// since Telegram knows no idempotency keys (see delivery.h), nor are those that change messages:
// see message_changes.h. All but GetUpdates share a circuit breaker, "telegram:<bot id>" (typing,
// menus and reactions wait while it is open, but have no say in it). It opens after five requests in a row without an answer or with a 5xx, and a second later lets one through
// to see, then after 2, 4, ... 30 s. What Telegram refuses, be it one chat's (403) or for haste
// (429), says nothing about the others' requests and never opens it. Threads: thread-safe. Source:
// https://core.telegram.org/bots/api
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
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
#include "services/edge/telegram_gateway/bot_api/piece_request.h"

namespace selfology::telegram_gateway {

namespace v1 = ::selfology::telegram::v1;

// The result of an answer, or why there is none. `http_status` counts where the body is not
// Telegram's. Pure.
absl::StatusOr<Json> ReadAnswer(int http_status, std::string_view body);

// Of a token, "<bot id>:<secret>"; 0: it is none. Pure.
int64_t BotIdOf(std::string_view token);

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
  // kinds: of updates that are wanted, such as "message".
  absl::StatusOr<std::string> GetUpdates(const Call& call, int64_t offset, int limit,
                                         absl::Duration wait,
                                         const std::vector<std::string>& kinds);

  absl::Status SetWebhook(const Call& call, std::string_view url, std::string_view secret,
                          const std::vector<std::string>& kinds);
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
  // chat_id: the person's; 0: of all private chats that have none of their own. language: of ISO
  // 639-1, such as "ru"; empty: for everybody whose language has no menu.
  absl::Status SetMyCommands(const Call& call, int64_t chat_id, std::string_view language,
                             const std::vector<MenuCommand>& menu);

  // Sends one piece of a message (piece_request.h); what was sent: one message, or those of an
  // album. Files are read from disk meanwhile.
  absl::StatusOr<std::vector<Json>> Send(const Call& call, const PieceRequest& request);
  // Gives a message that text and the buttons of `message`; what it says already is fine.
  absl::Status EditMessageText(const Call& call, int64_t chat_id, int64_t message_id,
                               std::string_view text, const v1::DialogMessage& message);
  // Takes the buttons away.
  absl::Status RemoveButtons(const Call& call, int64_t chat_id, int64_t message_id);
  // 1 to 100 of them; those that are not there (any more) are left out.
  absl::Status DeleteMessages(const Call& call, int64_t chat_id,
                              const std::vector<int64_t>& message_ids);
  // The bot's own, in place of the one before.
  absl::Status SetMessageReaction(const Call& call, int64_t chat_id, int64_t message_id,
                                  std::string_view emoji);
  // `notice` may be empty.
  absl::Status AnswerCallbackQuery(const Call& call, std::string_view callback_id,
                                   std::string_view notice);
  absl::Status SendTyping(const Call& call, int64_t chat_id);

  // Where a file is, for Download; for an hour. FAILED_PRECONDITION, FILE_TOO_BIG: bots get none
  // above 20 MB.
  absl::StatusOr<std::string> GetFilePath(const Call& call, std::string_view file_id);
  // Its bytes as they come; what `take` returns but OK ends it.
  absl::Status Download(const Call& call, std::string_view file_path,
                        const std::function<absl::Status(std::string_view)>& take);

 private:
  absl::StatusOr<std::string> Post(const Call& call, std::string_view method,
                                   const Json& parameters, int* http_status);
  // With files, so by multipart; once, through the breaker.
  absl::StatusOr<Json> PostFiles(const Call& call, const PieceRequest& request);
  // Once, through the breaker.
  absl::StatusOr<Json> Ask(const Call& call, std::string_view method, const Json& parameters);
  // The same, again if need be.
  absl::StatusOr<Json> AskUntilDone(const Call& call, std::string_view method,
                                    const Json& parameters);
  // Once, what no message depends on: not while the circuit is open, and without a say in it, so
  // that a server which lacks one such method (with a 5xx) holds up no message.
  absl::Status AskAside(const Call& call, std::string_view method, const Json& parameters);

  const std::string url_;       // Up to the method. Secret.
  const std::string file_url_;  // Up to a file's path. Secret.
  const int64_t bot_id_;
  http::Client& http_;
  resilience::CircuitBreaker breaker_;
  mutable absl::Mutex mutex_;
  absl::BitGen random_ ABSL_GUARDED_BY(mutex_);
  std::string username_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::telegram_gateway
