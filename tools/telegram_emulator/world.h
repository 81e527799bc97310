// All that the emulator knows of one bot: its chats, files and settings, what goes wrong on purpose,
// and every call that it made.
//
//   World world({.bot = {.id = 42}});
//   world.chats.AddUser({.first_name = "Ann"});
//   // Enough to Restore everything but faults and calls.
//   Journal::Append(world.changes.After(written));
//
// Plain state: not thread-safe (see exchange.h), time is passed in.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "tools/telegram_emulator/change_log.h"
#include "tools/telegram_emulator/chats.h"
#include "tools/telegram_emulator/faults.h"
#include "tools/telegram_emulator/files.h"
#include "tools/telegram_emulator/json.h"
#include "tools/telegram_emulator/update_queue.h"

namespace selfology::telegram_emulator {

// https://core.telegram.org/bots/api#setwebhook
struct Webhook {
  std::string url = {};  // Empty: none, the bot polls.
  std::string secret_token = {};
  int64_t max_connections = 40;
  int64_t last_error_date = 0;  // Unix seconds; 0: no delivery failed yet.
  std::string last_error_message = {};
  int64_t generation = 0;  // Goes up whenever it is set or deleted.

  Json ToFullJson() const;
  static Webhook FromFullJson(const Json& json);
};

// The commands a bot offers, by scope and language.
// Source: https://core.telegram.org/bots/api#determining-list-of-commands
class Commands {
 public:
  // scope: "default", "all_private_chats", "chat:<id>", "chat_member:<chat id>:<user id>" and so on.
  // language: "" for all others.
  void Set(const std::string& scope, const std::string& language, Json commands);
  Json Get(const std::string& scope, const std::string& language) const;
  // What a person sees in the private chat: the narrowest scope that has commands, in their
  // language first.
  Json ForUser(int64_t user_id, const std::string& language) const;

  Json ToFullJson() const;
  void Restore(const Json& json);

 private:
  std::map<std::pair<std::string, std::string>, Json> commands_;
};

// The button beside the text field, for everybody and for single people.
// Source: https://core.telegram.org/bots/api#menubutton
class MenuButtons {
 public:
  // chat_id 0: for everybody. {"type": "default"}: no longer anything of its own.
  void Set(int64_t chat_id, Json button);
  Json Get(int64_t chat_id) const;

  Json ToFullJson() const;
  void Restore(const Json& json);

 private:
  std::map<int64_t, Json> buttons_;
};

// A call on the Bot API and what it was answered.
struct ApiCall {
  int64_t seq = 0;       // 1, 2, 3...
  absl::Time time = {};  // Of its arrival.
  std::string method = {};
  Json parameters = {};   // As text, by name.
  int code = 0;           // HTTP status; 0: not answered yet, or never.
  Json answer = {};       // The answer's JSON.
  bool injected = false;  // A fault made it what it is.
  size_t bytes = 0;       // Of parameters and answer, as JSON.

  Json ToJson() const;
};

// The latest calls, bounded in number and size.
class CallLog {
 public:
  int64_t Begin(std::string_view method, Json parameters, absl::Time now);
  void End(int64_t seq, int code, Json answer, bool injected);
  const std::deque<ApiCall>& calls() const { return calls_; }

 private:
  void Shrink();

  // Whichever is less: calls, and bytes of their parameters and answers as JSON.
  static constexpr size_t kKept = 20'000;
  static constexpr size_t kKeptBytes = 8 << 20;
  std::deque<ApiCall> calls_;
  size_t bytes_ = 0;
  int64_t last_ = 0;
};

struct World {
  struct Options {
    Bot bot = {};
    ChatRate::Options rate = {};
  };

  explicit World(const Options& options)
      : updates(&changes),
        chats(options.bot, &updates, &changes),
        files(&changes),
        rate(options.rate) {
    files.set_owner(options.bot.id);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Applies a change of an earlier run.
  void Restore(std::string_view kind, const Json& value);
  void SetWebhook(Webhook next);
  void SetCommands(const std::string& scope, const std::string& language, Json list);
  void SetMenuButton(int64_t chat_id, Json button);
  void SetBot(Bot bot);

  ChangeLog changes;
  UpdateQueue updates;
  Chats chats;
  Files files;
  Webhook webhook;
  Commands commands;
  MenuButtons menu;
  Faults faults;
  ChatRate rate;
  CallLog calls;
};

}  // namespace selfology::telegram_emulator
