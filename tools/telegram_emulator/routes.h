// The emulator's HTTP routes: the Bot API for the bot, a REST API and a live stream for people (or
// the tests and the page that play them), and switches for what goes wrong on purpose.
//
//   // /bot<token>/<method>, /NAME
//   std::vector<http::Route> routes = BotRoutes(bots, NameRoute(channels));
//   Append(routes, PeopleRoutes(bots, "instance-1"));                    // /api/...
//   Append(routes, GroupRoutes(bots));                                   // /api/groups...
//   Append(routes, FileRoutes(bots));            // /file/bot<token>/<path>, /api/files...
//   Append(routes, ControlRoutes(bots));                                 // /control/..., /health
//   Append(routes, ChannelRoutes(channels));     // /s/NAME, /file/preview/..., see its .cc
//   Append(routes, WebAppRoutes(bots));          // /api/web-apps
//   Append(routes, PageRoutes());                                        // /
//
// README.md has the list. What is not the Bot API reports errors in the form of R000-26: {"error":
// {...}}. Bodies must be sent as application/json (files: application/octet-stream), so that no
// foreign page a browser shows can send them. ?bot=<id> says which bot is meant; without it, the
// first.
#pragma once

#include <string>
#include <vector>

#include "common/http/server.h"
#include "tools/telegram_emulator/bots.h"
#include "tools/telegram_emulator/public_channels.h"

namespace selfology::telegram_emulator {

// All of these keep the bots, which outlive the server.

// `other` answers GET of whatever no other route takes.
std::vector<http::Route> BotRoutes(Bots* bots, http::Handler other);

// instance: differs from run to run, so that a page knows when to begin anew.
std::vector<http::Route> PeopleRoutes(Bots* bots, const std::string& instance);
std::vector<http::Route> GroupRoutes(Bots* bots);
std::vector<http::Route> FileRoutes(Bots* bots);

std::vector<http::Route> ControlRoutes(Bots* bots);

// Both keep the channels, which outlive the server. NameRoute is what BotRoutes' `other` is.
http::Handler NameRoute(PublicChannels* channels);
std::vector<http::Route> ChannelRoutes(PublicChannels* channels);

// What a mini app is told about who opened it.
std::vector<http::Route> WebAppRoutes(Bots* bots);
std::vector<http::Route> PageRoutes();

}  // namespace selfology::telegram_emulator
