#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "common/status/status_macros.h"
#include "tools/telegram_emulator/requests.h"
#include "tools/telegram_emulator/routes.h"

namespace selfology::telegram_emulator {
namespace {

using Reply = absl::StatusOr<http::Response>;

// ?after=<seq>&method=sendMessage
Json LogJson(const World& world, int64_t after, std::string_view method) {
  Json calls = Json::array();
  for (const ApiCall& call : world.calls.calls()) {
    if (call.seq > after && (method.empty() || absl::EqualsIgnoreCase(call.method, method))) {
      calls.push_back(call.ToJson());
    }
  }
  return {{"calls", std::move(calls)}};
}

Json KeyboardsJson(const World& world, int64_t chat_id) {
  Json keyboards = Json::array();
  for (const PressedKeyboard& pressed : world.chats.pressed_keyboards().Of(chat_id)) {
    Json keyboard = {{"chat_id", pressed.chat_id},
                     {"message_id", pressed.message_id},
                     {"pressed_at_ms", absl::ToUnixMillis(pressed.pressed_at)}};
    if (!pressed.is_there()) keyboard["gone_at_ms"] = absl::ToUnixMillis(pressed.gone_at);
    keyboards.push_back(std::move(keyboard));
  }
  return {{"pressed_keyboards", std::move(keyboards)}};
}

}  // namespace

std::vector<http::Route> ControlRoutes(Bots* bots) {
  const auto get_log = [bots](const http::Request& request) -> Reply {
    ASSIGN_OR_RETURN(Exchange* const exchange, BotIn(*bots, request));
    const int64_t after = QueryNumber(request, "after", 0);
    const std::string method(request.Parameter("method").value_or(""));
    return JsonResponse(
        exchange->Look([&](const World& world) { return LogJson(world, after, method); }));
  };
  const auto get_keyboards = [bots](const http::Request& request) -> Reply {
    ASSIGN_OR_RETURN(Exchange* const exchange, BotIn(*bots, request));
    const int64_t chat_id = QueryNumber(request, "chat_id", 0);
    return JsonResponse(
        exchange->Look([&](const World& world) { return KeyboardsJson(world, chat_id); }));
  };
  const auto list_faults = [bots](const http::Request& request) -> Reply {
    ASSIGN_OR_RETURN(Exchange* const exchange, BotIn(*bots, request));
    return JsonResponse(
        {{"faults", exchange->Look([](const World& world) { return world.faults.ToJson(); })}});
  };
  const auto add_fault = [bots](const http::Request& request) -> Reply {
    ASSIGN_OR_RETURN(Exchange* const exchange, BotIn(*bots, request));
    ASSIGN_OR_RETURN(const Json body, ObjectIn(request));
    ASSIGN_OR_RETURN(Fault fault, Fault::FromJson(body));
    const int64_t id =
        exchange->Do([&](World& world, absl::Time) { return world.faults.Add(fault); });
    return JsonResponse({{"id", id}}, 201);
  };
  const auto clear_faults = [bots](const http::Request& request) -> Reply {
    ASSIGN_OR_RETURN(Exchange* const exchange, BotIn(*bots, request));
    exchange->Do([](World& world, absl::Time) {
      world.faults.Clear();
      return true;
    });
    return JsonResponse(Json::object());
  };
  const auto remove_fault = [bots](const http::Request& request) -> Reply {
    ASSIGN_OR_RETURN(Exchange* const exchange, BotIn(*bots, request));
    const std::vector<std::string> path = Segments(request);
    if (path.size() != 3) return NoSuchResource();
    ASSIGN_OR_RETURN(const int64_t id, NumberIn(path[2]));
    exchange->Do([&](World& world, absl::Time) {
      world.faults.Remove(id);
      return true;
    });
    return JsonResponse(Json::object());
  };
  const auto health = [](const http::Request&) -> Reply {
    return JsonResponse({{"status", "ok"}});
  };
  return {
      {.method = "GET", .path = "/api/log", .handler = get_log},
      {.method = "GET", .path = "/api/pressed-keyboards", .handler = get_keyboards},
      {.method = "GET", .path = "/control/faults", .handler = list_faults},
      {.method = "POST", .path = "/control/faults", .handler = add_fault},
      {.method = "DELETE", .path = "/control/faults", .handler = clear_faults},
      {.method = "DELETE", .path = "/control/faults/*", .handler = remove_fault},
      {.method = "GET", .path = "/health", .handler = health},
  };
}

}  // namespace selfology::telegram_emulator
