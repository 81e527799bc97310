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
// Further bots are apart from the first, with the same people:
//
//   ASSIGN_OR_RETURN(Conversations with_other, telegram->AddBot("43:another-token"));
//   with_other.SendText(ann, "/start");
//
// What it knows of Telegram is in bot_api.h, chats.h and update_queue.h; what people can do in
// conversations.h. A page at base_url() lets a human join in; README.md has the REST API behind it.
// It has no authentication: leave it on 127.0.0.1. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/http/server.h"
#include "tools/telegram_emulator/bots.h"
#include "tools/telegram_emulator/conversations.h"
#include "tools/telegram_emulator/exchange.h"
#include "tools/telegram_emulator/public_channels.h"
#include "tools/telegram_emulator/webhook_sender.h"

namespace selfology::telegram_emulator {

// As Conversations: people with the first bot.
class Emulator : public Conversations {
 public:
  struct Options {
    std::string address = "127.0.0.1";
    uint16_t port = 0;       // 0: a free one.
    std::string token = {};  // The only one accepted, but for AddBot's; empty: any well-formed one.
    std::string data = {};   // A file that keeps the chats; empty: none.
    Bot bot = {};            // Its id comes from the token unless given.
    ChatRate::Options rate = {};
    WebhookSender::Options webhook = {};
    bool lively = false;  // With a dozen public channels that post.
  };

  // UNAVAILABLE: the port is taken; DATA_LOSS: the file is damaged; INVALID_ARGUMENT: malformed
  // token or address.
  static absl::StatusOr<std::unique_ptr<Emulator>> Start(const Options& options);
  ~Emulator();
  Emulator(const Emulator&) = delete;
  Emulator& operator=(const Emulator&) = delete;

  uint16_t port() const { return server_->port(); }
  const std::string& base_url() const { return base_url_; }  // "http://127.0.0.1:1234"

  // Channels with pages on the web, base_url()/s/NAME.
  PublicChannels& public_channels() { return public_channels_; }

  // For all bots.
  absl::StatusOr<int64_t> AddUser(User user);  // Of id 0 gets one.
  // INVALID_ARGUMENT: malformed token; ALREADY_EXISTS: there is a bot of this number.
  absl::StatusOr<Conversations> AddBot(std::string_view token, Bot bot = {});

 private:
  explicit Emulator(std::unique_ptr<Bots> bots);

  const std::unique_ptr<Bots> bots_;
  PublicChannels public_channels_;
  std::string base_url_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace selfology::telegram_emulator
