#include "tools/telegram_emulator/emulator.h"

#include <utility>

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

}  // namespace

absl::StatusOr<std::unique_ptr<Emulator>> Emulator::Start(const Options& options) {
  ASSIGN_OR_RETURN(std::unique_ptr<Bots> made, Bots::Make({.token = options.token,
                                                           .data = options.data,
                                                           .bot = options.bot,
                                                           .rate = options.rate,
                                                           .webhook = options.webhook}));
  std::unique_ptr<Emulator> emulator(new Emulator(std::move(made)));
  Bots* const bots = emulator->bots_.get();
  std::vector<http::Route> routes = BotRoutes(bots, NameRoute(&emulator->public_channels_));
  Append(routes, PeopleRoutes(bots, absl::StrCat(absl::ToUnixMicros(absl::Now()))));
  Append(routes, GroupRoutes(bots));
  Append(routes, FileRoutes(bots));
  Append(routes, ControlRoutes(bots));
  Append(routes, WebAppRoutes(bots));
  Append(routes, ChannelRoutes(&emulator->public_channels_));
  Append(routes, PageRoutes());
  http::Server::Options server;
  server.address = options.address;
  server.port = options.port;
  // Each page and each waiting bot or test holds one.
  server.long_poll_threads = 512;
  ASSIGN_OR_RETURN(emulator->server_, http::Server::Start(std::move(server), std::move(routes)));
  emulator->base_url_ = UrlOf(options.address, emulator->server_->port());
  if (options.lively) {
    for (PublicChannel& channel : LivelyChannels(absl::Now(), emulator->base_url_)) {
      RETURN_IF_ERROR(emulator->public_channels_.Add(std::move(channel)));
    }
  }
  return emulator;
}

Emulator::Emulator(std::unique_ptr<Bots> bots)
    : Conversations(bots->first()), bots_(std::move(bots)) {}

Emulator::~Emulator() {
  bots_->Stop();
  // Waiting calls were just let go, and streams would last for ever.
  if (server_ != nullptr) server_->Stop(absl::Milliseconds(200));
}

absl::StatusOr<int64_t> Emulator::AddUser(User user) {
  ASSIGN_OR_RETURN(const User added, bots_->AddUser(std::move(user)));
  return added.id;
}

absl::StatusOr<Conversations> Emulator::AddBot(std::string_view token, Bot bot) {
  ASSIGN_OR_RETURN(Exchange* const exchange, bots_->Add(token, std::move(bot)));
  return Conversations(exchange);
}

}  // namespace selfology::telegram_emulator
