#include "tools/telegram_emulator/bots.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"

namespace selfology::telegram_emulator {
namespace {

// 0: too large a number for a bot.
int64_t BotId(std::string_view token) {
  int64_t id = 0;
  return absl::SimpleAtoi(token.substr(0, token.find(':')), &id) ? id : 0;
}

std::map<int64_t, User> UsersOf(const Exchange& exchange) {
  return exchange.Look([](const World& world) { return world.chats.users(); });
}

// People whom this bot's world does not have yet; for it, they have said nothing so far.
void AddPeople(Exchange& exchange, const std::map<int64_t, User>& people) {
  exchange.Do([&](World& world, absl::Time) {
    for (const auto& [id, user] : people) {
      if (world.chats.FindUser(id) != nullptr) continue;
      User stranger = user;
      stranger.started = false;
      stranger.blocked = false;
      (void)world.chats.AddUser(std::move(stranger));
    }
    return true;
  });
}

}  // namespace

bool IsWellFormedToken(std::string_view token) {
  constexpr size_t kLongest = 80;
  const size_t colon = token.find(':');
  if (colon == 0 || colon == std::string_view::npos || token.size() > kLongest) return false;
  const std::string_view id = token.substr(0, colon);
  const std::string_view secret = token.substr(colon + 1);
  return id[0] != '0' && std::all_of(id.begin(), id.end(), absl::ascii_isdigit) &&
         secret.size() >= 3 && std::all_of(secret.begin(), secret.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '_' || c == '-';
         });
}

absl::StatusOr<std::unique_ptr<Bots>> Bots::Make(const Options& options) {
  Bot bot = options.bot;
  if (!options.token.empty()) {
    if (!IsWellFormedToken(options.token)) return absl::InvalidArgumentError("malformed token");
    if (bot.id == 0) bot.id = BotId(options.token);
  }
  std::unique_ptr<Bots> bots(new Bots(options));
  absl::MutexLock lock(&bots->mutex_);
  ASSIGN_OR_RETURN(bots->first_, bots->Open(options.token, std::move(bot), options.data));
  return bots;
}

Bots::~Bots() { Stop(); }

absl::StatusOr<Exchange*> Bots::Open(std::string_view token, Bot bot, const std::string& data) {
  auto exchange = std::make_unique<Exchange>(World::Options{.bot = bot, .rate = options_.rate});
  if (!data.empty()) RETURN_IF_ERROR(exchange->Keep(data));
  // The file knows whose it is, unless the caller does.
  const int64_t id = exchange->Do([&](World& world, absl::Time) {
    const int64_t kept = world.chats.bot().id;
    if (bot.id == 0 || bot.id == kept) return kept;
    world.SetBot(bot);
    return bot.id;
  });
  Entry entry{.id = id, .token = std::string(token), .exchange = std::move(exchange)};
  entry.sender = std::make_unique<WebhookSender>(entry.exchange.get(), options_.webhook);
  entries_.push_back(std::move(entry));
  return entries_.back().exchange.get();
}

Bots::Entry* Bots::FindEntry(int64_t bot_id) {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [bot_id](const Entry& entry) { return entry.id == bot_id; });
  return found == entries_.end() ? nullptr : &*found;
}

Exchange* Bots::Find(int64_t bot_id) {
  if (bot_id == 0) return first_;
  absl::MutexLock lock(&mutex_);
  Entry* const entry = FindEntry(bot_id);
  return entry == nullptr ? nullptr : entry->exchange.get();
}

Exchange* Bots::ForToken(std::string_view token) {
  if (!IsWellFormedToken(token)) return nullptr;
  const int64_t id = BotId(token);
  {
    absl::MutexLock lock(&mutex_);
    Entry& first = entries_.front();
    // One that was added keeps its own people.
    if (first.id == 0 && options_.token.empty() && FindEntry(id) == nullptr) {
      first.id = id;
      first.exchange->Do([&](World& world, absl::Time) {
        Bot bot = world.chats.bot();
        bot.id = id;
        world.SetBot(std::move(bot));
        return true;
      });
    }
    if (!options_.token.empty() && token == options_.token) {
      first.last_token = std::string(token);
      return first_;
    }
    if (Entry* const entry = FindEntry(id); entry != nullptr) {
      if (!entry->token.empty() && entry->token != token) return nullptr;
      entry->last_token = std::string(token);
      return entry->exchange.get();
    }
    if (!options_.token.empty() || entries_.size() >= kMost || stopped_) return nullptr;
  }
  // Whose secret any other of its number may have, as the first's.
  const absl::StatusOr<Exchange*> added = Add(token);
  if (!added.ok()) {
    observe::Error("bot could not be started", {{"status", added.status()}});
    return Find(id);
  }
  return *added;
}

std::string Bots::TokenOf(int64_t bot_id) {
  absl::MutexLock lock(&mutex_);
  const Entry* const entry = bot_id == 0 ? &entries_.front() : FindEntry(bot_id);
  return entry == nullptr ? "" : entry->last_token;
}

absl::StatusOr<Exchange*> Bots::Add(std::string_view token, Bot bot) {
  if (!IsWellFormedToken(token)) return absl::InvalidArgumentError("malformed token");
  bot.id = BotId(token);
  if (bot.first_name == Bot().first_name) bot.first_name = absl::StrCat("Bot ", bot.id);
  if (bot.username == Bot().username) bot.username = absl::StrCat("number_", bot.id, "_bot");
  absl::MutexLock lock(&mutex_);
  if (FindEntry(bot.id) != nullptr) return absl::AlreadyExistsError("there is this bot already");
  const std::string data = options_.data.empty() ? "" : absl::StrCat(options_.data, ".", bot.id);
  ASSIGN_OR_RETURN(Exchange* const exchange,
                   Open(options_.token.empty() ? "" : token, std::move(bot), data));
  AddPeople(*exchange, UsersOf(*first_));
  return exchange;
}

std::vector<Bot> Bots::List() {
  absl::MutexLock lock(&mutex_);
  std::vector<Bot> bots;
  for (const Entry& entry : entries_) {
    bots.push_back(entry.exchange->Look([](const World& world) { return world.chats.bot(); }));
  }
  return bots;
}

absl::StatusOr<User> Bots::AddUser(User user) {
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const User added, first_->Do([&](World& world, absl::Time) {
    return world.chats.AddUser(std::move(user));
  }));
  for (const Entry& entry : entries_) AddPeople(*entry.exchange, {{added.id, added}});
  return added;
}

void Bots::Stop() {
  std::vector<std::unique_ptr<WebhookSender>> senders;
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    for (Entry& entry : entries_) {
      entry.exchange->Stop();
      senders.push_back(std::move(entry.sender));
    }
  }
}

}  // namespace selfology::telegram_emulator
