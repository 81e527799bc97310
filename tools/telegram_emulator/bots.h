// The bots of one emulator, each with a world of its own: people are the same everywhere, but their
// chats, the updates, webhooks, files and limits of one bot are nothing to another.
//
//   ASSIGN_OR_RETURN(auto bots, Bots::Make({.bot = {.id = 42}}));
//   ASSIGN_OR_RETURN(User ann, bots->AddUser({.first_name = "Ann"}));    // for all bots
//   Exchange* exchange = bots->ForToken("42:secret");                   // null: unauthorized
//
// Without a token in the options any well-formed one is accepted, and its number says which bot
// calls: the first that calls is the first bot, others are made as they come. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "tools/telegram_emulator/exchange.h"
#include "tools/telegram_emulator/webhook_sender.h"

namespace selfology::telegram_emulator {

// Digits, a colon, and at least 3 letters, digits, "_" or "-".
bool IsWellFormedToken(std::string_view token);

class Bots {
 public:
  static constexpr size_t kMost = 32;

  struct Options {
    std::string token = {};  // The only one accepted, but for Add's; empty: any well-formed one.
    std::string data = {};   // The first bot's file; another's has its id behind the name.
    Bot bot = {};            // The first; its id comes from the token unless given.
    ChatRate::Options rate = {};
    WebhookSender::Options webhook = {};
  };

  // INVALID_ARGUMENT: malformed token; UNAVAILABLE, DATA_LOSS: the file.
  static absl::StatusOr<std::unique_ptr<Bots>> Make(const Options& options);
  ~Bots();
  Bots(const Bots&) = delete;
  Bots& operator=(const Bots&) = delete;

  Exchange* first() { return first_; }
  // 0: the first. Null: there is none.
  Exchange* Find(int64_t bot_id);
  // Whom a caller with this token is; null: nobody.
  Exchange* ForToken(std::string_view token);
  // What this bot last called with; empty: it has not called, or there is no such bot. 0: the first.
  std::string TokenOf(int64_t bot_id);
  // One more. ALREADY_EXISTS: there is one of this number.
  absl::StatusOr<Exchange*> Add(std::string_view token, Bot bot = {});
  // The first is first.
  std::vector<Bot> List();

  // Of id 0 gets one. As Chats::AddUser.
  absl::StatusOr<User> AddUser(User user);

  // Ends all waiting, now and later, and the webhooks' threads.
  void Stop();

 private:
  struct Entry {
    int64_t id = 0;          // 0: nobody has called yet.
    std::string token = {};  // The only one for it; empty: any of its number.
    std::string last_token = {};
    std::unique_ptr<Exchange> exchange = {};
    std::unique_ptr<WebhookSender> sender = {};
  };

  explicit Bots(const Options& options) : options_(options) {}
  absl::StatusOr<Exchange*> Open(std::string_view token, Bot bot, const std::string& data)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Entry* FindEntry(int64_t bot_id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  absl::Mutex mutex_;
  std::vector<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  Exchange* first_ = nullptr;
};

}  // namespace selfology::telegram_emulator
