#include "tools/telegram_emulator/emulator.h"

#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"
#include "tools/telegram_emulator/routes.h"

namespace selfology::telegram_emulator {
namespace {

void Append(std::vector<http::Route>& routes, std::vector<http::Route> more) {
  for (http::Route& route : more) routes.push_back(std::move(route));
}

// IPv6 addresses need brackets in URLs.
std::string UrlOf(const std::string& address, uint16_t port) {
  const bool is_v6 = address.find(':') != std::string::npos;
  return absl::StrCat("http://", is_v6 ? "[" : "", address, is_v6 ? "]" : "", ":", port);
}

absl::Status TimedOut(std::string_view what) {
  return absl::DeadlineExceededError(absl::StrCat("no ", what, " came in time"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Emulator>> Emulator::Start(const Options& options) {
  World::Options world{.bot = options.bot, .rate = options.rate};
  if (!options.token.empty()) {
    if (!IsWellFormedToken(options.token)) return absl::InvalidArgumentError("malformed token");
    if (world.bot.id == 0) {
      (void)absl::SimpleAtoi(options.token.substr(0, options.token.find(':')), &world.bot.id);
    }
  }
  std::unique_ptr<Emulator> emulator(new Emulator(world));
  Exchange* const exchange = &emulator->exchange_;
  if (!options.data.empty()) RETURN_IF_ERROR(exchange->Keep(options.data));
  std::vector<http::Route> routes = BotRoutes(exchange, options.token);
  Append(routes, PeopleRoutes(exchange, absl::StrCat(absl::ToUnixMicros(absl::Now()))));
  Append(routes, ControlRoutes(exchange));
  Append(routes, PageRoutes());
  http::Server::Options server;
  server.address = options.address;
  server.port = options.port;
  // Each page and each waiting bot or test holds one.
  server.long_poll_threads = 512;
  ASSIGN_OR_RETURN(emulator->server_, http::Server::Start(std::move(server), std::move(routes)));
  emulator->base_url_ = UrlOf(options.address, emulator->server_->port());
  emulator->sender_ = std::make_unique<WebhookSender>(exchange, options.webhook);
  return emulator;
}

Emulator::~Emulator() {
  exchange_.Stop();
  sender_.reset();
  // Waiting calls were just let go, and streams would last for ever.
  if (server_ != nullptr) server_->Stop(absl::Milliseconds(200));
}

absl::StatusOr<int64_t> Emulator::AddUser(User user) {
  ASSIGN_OR_RETURN(const User added, exchange_.Do([&](World& world, absl::Time) {
    return world.chats.AddUser(std::move(user));
  }));
  return added.id;
}

absl::StatusOr<Message> Emulator::SendText(int64_t user_id, std::string_view text,
                                           int64_t reply_to_id) {
  return exchange_.Do([&](World& world, absl::Time now) {
    return world.chats.UserSends(user_id, text, reply_to_id, now);
  });
}

absl::StatusOr<Message> Emulator::EditText(int64_t user_id, int64_t message_id,
                                           std::string_view text) {
  return exchange_.Do([&](World& world, absl::Time now) {
    return world.chats.UserEdits(user_id, message_id, text, now);
  });
}

absl::StatusOr<std::string> Emulator::PressButton(int64_t user_id, int64_t message_id,
                                                  std::string_view button) {
  ASSIGN_OR_RETURN(const CallbackQuery query, exchange_.Do([&](World& world, absl::Time now) {
    return world.chats.UserPresses(user_id, message_id, button, now);
  }));
  return query.id;
}

absl::Status Emulator::Block(int64_t user_id, bool blocked) {
  return exchange_.Do(
      [&](World& world, absl::Time now) { return world.chats.SetBlocked(user_id, blocked, now); });
}

std::vector<Message> Emulator::Messages(int64_t user_id) const {
  return exchange_.Look([&](const World& world) {
    std::vector<Message> seen;
    for (Message& message : world.chats.Messages(user_id)) {
      if (!message.deleted) seen.push_back(std::move(message));
    }
    return seen;
  });
}

absl::StatusOr<Message> Emulator::AwaitMessage(int64_t user_id, int64_t after_message_id,
                                               absl::Duration timeout) const {
  return AwaitMessage(user_id, [](const Message&) { return true; }, timeout, after_message_id);
}

absl::StatusOr<Message> Emulator::AwaitMessage(int64_t user_id, const MessageFilter& wanted,
                                               absl::Duration timeout,
                                               int64_t after_message_id) const {
  std::optional<Message> found;
  exchange_.Await(
      [&](const World& world) {
        for (Message& message : world.chats.Messages(user_id)) {
          if (message.id <= after_message_id || !message.from_bot || message.deleted ||
              !wanted(message))
            continue;
          found = std::move(message);
          return true;
        }
        return false;
      },
      absl::Now() + timeout);
  if (!found.has_value()) return TimedOut("such message");
  return *std::move(found);
}

absl::StatusOr<CallbackQuery> Emulator::AwaitAnswer(std::string_view callback_query_id,
                                                    absl::Duration timeout) const {
  std::optional<CallbackQuery> found;
  exchange_.Await(
      [&](const World& world) {
        const CallbackQuery* query = world.chats.FindCallback(callback_query_id);
        if (query != nullptr && query->answered) found = *query;
        return found.has_value();
      },
      absl::Now() + timeout);
  if (!found.has_value()) return TimedOut("answer");
  return *std::move(found);
}

std::vector<ApiCall> Emulator::Log() const {
  return exchange_.Look([](const World& world) {
    const auto& calls = world.calls.calls();
    return std::vector<ApiCall>(calls.begin(), calls.end());
  });
}

absl::StatusOr<ApiCall> Emulator::AwaitCall(const CallFilter& wanted, absl::Duration timeout,
                                            int64_t after_seq) const {
  std::optional<ApiCall> found;
  exchange_.Await(
      [&](const World& world) {
        for (const ApiCall& call : world.calls.calls()) {
          if (call.seq <= after_seq || !wanted(call)) continue;
          found = call;
          return true;
        }
        return false;
      },
      absl::Now() + timeout);
  if (!found.has_value()) return TimedOut("such call");
  return *std::move(found);
}

absl::Status Emulator::AwaitQuiet(absl::Duration timeout) const {
  const bool quiet = exchange_.Await([](const World& world) { return world.updates.empty(); },
                                     absl::Now() + timeout);
  return quiet ? absl::OkStatus() : TimedOut("confirmation of all updates");
}

void Emulator::AddFault(Fault fault) {
  exchange_.Do([&](World& world, absl::Time) { return world.faults.Add(std::move(fault)); });
}

void Emulator::ClearFaults() {
  exchange_.Do([](World& world, absl::Time) {
    world.faults.Clear();
    return true;
  });
}

}  // namespace selfology::telegram_emulator
