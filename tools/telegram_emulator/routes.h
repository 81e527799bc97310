// The emulator's HTTP routes: the Bot API for the bot, a REST API and a live stream for people (or
// the tests and the page that play them), and switches for what goes wrong on purpose.
//
//   std::vector<http::Route> routes = BotRoutes(&exchange, "");          // /bot<token>/<method>
//   Append(routes, PeopleRoutes(&exchange, "instance-1"));               // /api/...
//   Append(routes, ControlRoutes(&exchange));                            // /control/..., /health
//   Append(routes, PageRoutes());                                        // /
//
// README.md has the list. What is not the Bot API reports errors as spec 000 wants: {"error":
// {...}}. Bodies must be sent as application/json, so that no foreign page a browser shows can send
// them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/http/server.h"
#include "tools/telegram_emulator/exchange.h"

namespace selfology::telegram_emulator {

// All of these keep the exchange, which outlives the server.

// token: the only one accepted; empty: any well-formed one, the first of which gives the bot its
// id.
std::vector<http::Route> BotRoutes(Exchange* exchange, const std::string& token);

// instance: differs from run to run, so that a page knows when to begin anew.
std::vector<http::Route> PeopleRoutes(Exchange* exchange, const std::string& instance);

std::vector<http::Route> ControlRoutes(Exchange* exchange);

std::vector<http::Route> PageRoutes();

// Digits, a colon, and at least 3 letters, digits, "_" or "-".
bool IsWellFormedToken(std::string_view token);

}  // namespace selfology::telegram_emulator
