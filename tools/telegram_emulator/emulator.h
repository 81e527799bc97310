// A Telegram of our own: the Bot API over HTTP for a bot, and people for it to talk with.
//
//   ASSIGN_OR_RETURN(auto telegram, Emulator::Start({}));
//   StartBot(telegram->base_url(), "42:any-token");   // in place of https://api.telegram.org
//   ASSIGN_OR_RETURN(const int64_t ann,
//                    telegram->AddUser({.first_name = "Ann", .language_code = "en"}));
//   ASSIGN_OR_RETURN(Message start, telegram->SendText(ann, "/start"));
//   ASSIGN_OR_RETURN(Message hello,
//                    telegram->AwaitMessage(ann, start.id, absl::Seconds(5)));
//   ASSIGN_OR_RETURN(std::string press, telegram->PressButton(ann, hello.id, "I agree"));
//   ASSIGN_OR_RETURN(CallbackQuery answer, telegram->AwaitAnswer(press, absl::Seconds(5)));
//   telegram->AddFault({.method = "sendMessage", .error_code = 429, .retry_after_s = 1});
//   telegram->Log();                                  // the calls the bot made
//
// What it knows of Telegram is in bot_api.h, chats.h and update_queue.h. A page at base_url() lets
// a human join in; README.md has the REST API behind it. It has no authentication: leave it on
// 127.0.0.1. Errors: NOT_FOUND and FAILED_PRECONDITION for people who do what cannot be done;
// DEADLINE_EXCEEDED of waiting. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/http/server.h"
#include "tools/telegram_emulator/exchange.h"
#include "tools/telegram_emulator/webhook_sender.h"

namespace selfology::telegram_emulator {

class Emulator {
 public:
  struct Options {
    std::string address = "127.0.0.1";
    uint16_t port = 0;       // 0: a free one.
    std::string token = {};  // The only one accepted; empty: any well-formed one.
    std::string data = {};   // A file that keeps the chats; empty: none.
    Bot bot = {};            // Its id comes from the token unless given.
    ChatRate::Options rate = {};
    WebhookSender::Options webhook = {};
  };

  using MessageFilter = std::function<bool(const Message&)>;
  using CallFilter = std::function<bool(const ApiCall&)>;

  // UNAVAILABLE: the port is taken; DATA_LOSS: the file is damaged; INVALID_ARGUMENT: malformed
  // token or address.
  static absl::StatusOr<std::unique_ptr<Emulator>> Start(const Options& options);
  ~Emulator();
  Emulator(const Emulator&) = delete;
  Emulator& operator=(const Emulator&) = delete;

  uint16_t port() const { return server_->port(); }
  const std::string& base_url() const { return base_url_; }  // "http://127.0.0.1:1234"

  // What people do.
  absl::StatusOr<int64_t> AddUser(User user);  // Of id 0 gets one.
  absl::StatusOr<Message> SendText(int64_t user_id, std::string_view text, int64_t reply_to_id = 0);
  absl::StatusOr<Message> EditText(int64_t user_id, int64_t message_id, std::string_view text);
  // By its label or callback_data; gives the callback query's id.
  absl::StatusOr<std::string> PressButton(int64_t user_id, int64_t message_id,
                                          std::string_view button);
  absl::Status Block(int64_t user_id, bool blocked = true);

  // What people see. The oldest first, without deleted ones.
  std::vector<Message> Messages(int64_t user_id) const;
  // The first message of the bot after that one, and of this kind. Edits are looked at too.
  absl::StatusOr<Message> AwaitMessage(int64_t user_id, int64_t after_message_id,
                                       absl::Duration timeout) const;
  absl::StatusOr<Message> AwaitMessage(int64_t user_id, const MessageFilter& wanted,
                                       absl::Duration timeout, int64_t after_message_id = 0) const;
  absl::StatusOr<CallbackQuery> AwaitAnswer(std::string_view callback_query_id,
                                            absl::Duration timeout) const;

  // What the bot did, and what went wrong for it.
  std::vector<ApiCall> Log() const;
  absl::StatusOr<ApiCall> AwaitCall(const CallFilter& wanted, absl::Duration timeout,
                                    int64_t after_seq = 0) const;
  // Waits until the bot has confirmed all updates.
  absl::Status AwaitQuiet(absl::Duration timeout) const;
  void AddFault(Fault fault);
  void ClearFaults();

  Exchange& exchange() { return exchange_; }

 private:
  explicit Emulator(const World::Options& world) : exchange_(world) {}

  Exchange exchange_;
  std::string base_url_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<WebhookSender> sender_;
};

}  // namespace selfology::telegram_emulator
