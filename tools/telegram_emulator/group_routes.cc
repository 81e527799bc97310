// Groups and channels, for scripts and tests: made, the bot added, written in.
#include <string>
#include <utility>
#include <vector>

#include "common/status/status_macros.h"
#include "tools/telegram_emulator/acting.h"
#include "tools/telegram_emulator/requests.h"
#include "tools/telegram_emulator/routes.h"

namespace selfology::telegram_emulator {
namespace {

Reply List(Bots& bots, const http::Request& request) {
  ASSIGN_OR_RETURN(Exchange* const exchange, BotIn(bots, request));
  Json groups = exchange->Look([](const World& world) {
    Json list = Json::array();
    for (const auto& [id, group] : world.chats.groups()) list.push_back(group.ToFullJson());
    return list;
  });
  return JsonResponse({{"groups", std::move(groups)}});
}

// {type: "supergroup" | "channel", title, username?, user_id}: the owner
Reply Make(Bots& bots, const http::Request& request) {
  ASSIGN_OR_RETURN(Exchange* const exchange, BotIn(bots, request));
  ASSIGN_OR_RETURN(const Json body, ObjectIn(request));
  ASSIGN_OR_RETURN(const Group group, exchange->Do([&](World& world, absl::Time) {
    return world.chats.AddGroup({.id = IntOr(body, "id"),
                                 .type = StringOr(body, "type"),
                                 .title = StringOr(body, "title"),
                                 .username = StringOr(body, "username"),
                                 .owner_id = IntOr(body, "user_id")});
  }));
  return JsonResponse(group.ToFullJson(), 201);
}

absl::StatusOr<Group> GroupIn(const Exchange& exchange, const std::vector<std::string>& path) {
  if (path.size() < 3) return NoSuchResource();
  ASSIGN_OR_RETURN(const int64_t id, NumberIn(path[2]));
  return exchange.Look([&](const World& world) -> absl::StatusOr<Group> {
    const Group* const group = world.chats.FindGroup(id);
    if (group == nullptr) return absl::NotFoundError("no such group");
    return *group;
  });
}

// /api/groups/{id}, /api/groups/{id}/messages
Reply Get(Bots& bots, const http::Request& request) {
  ASSIGN_OR_RETURN(Exchange* const exchange, BotIn(bots, request));
  const std::vector<std::string> path = Segments(request);
  ASSIGN_OR_RETURN(const Group group, GroupIn(*exchange, path));
  if (path.size() == 3) return JsonResponse(group.ToFullJson());
  if (path.size() == 4 && path[3] == "messages") return ReadMessages(*exchange, request, group.id);
  return NoSuchResource();
}

// /api/groups/{id}/messages, .../callbacks, .../reactions with the user_id of who does it;
// .../bot {status, may_post?}
Reply Post(Bots& bots, const http::Request& request) {
  ASSIGN_OR_RETURN(Exchange* const exchange, BotIn(bots, request));
  const std::vector<std::string> path = Segments(request);
  ASSIGN_OR_RETURN(const Group group, GroupIn(*exchange, path));
  ASSIGN_OR_RETURN(const Json body, ObjectIn(request));
  if (path.size() != 4) return NoSuchResource();
  const int64_t user_id = IntOr(body, "user_id");
  if (path[3] == "messages") return WriteMessage(*exchange, body, user_id, group.id);
  if (path[3] == "callbacks") return PressButton(*exchange, body, user_id, group.id);
  if (path[3] == "reactions") return ReactToMessage(*exchange, body, user_id, group.id);
  if (path[3] != "bot") return NoSuchResource();
  ASSIGN_OR_RETURN(const Group changed, exchange->Do([&](World& world, absl::Time now) {
    return world.chats.SetBotStatus(group.id, StringOr(body, "status"),
                                    BoolOr(body, "may_post", true), now);
  }));
  return JsonResponse(changed.ToFullJson());
}

// /api/groups/{id}/messages/{message_id} {text, user_id}
Reply Patch(Bots& bots, const http::Request& request) {
  ASSIGN_OR_RETURN(Exchange* const exchange, BotIn(bots, request));
  const std::vector<std::string> path = Segments(request);
  ASSIGN_OR_RETURN(const Group group, GroupIn(*exchange, path));
  if (path.size() != 5 || path[3] != "messages") return NoSuchResource();
  ASSIGN_OR_RETURN(const int64_t message_id, NumberIn(path[4]));
  ASSIGN_OR_RETURN(const Json body, ObjectIn(request));
  return CorrectMessage(*exchange, body, message_id, IntOr(body, "user_id"), group.id);
}

}  // namespace

std::vector<http::Route> GroupRoutes(Bots* bots) {
  const auto route = [bots](std::string method, std::string path, auto function,
                            bool waits = false) {
    return http::Route{
        .method = std::move(method),
        .path = std::move(path),
        .handler = [bots,
                    function](const http::Request& request) { return function(*bots, request); },
        .long_poll = waits,
        .timeout = absl::Seconds(120)};
  };
  return {
      route("GET", "/api/groups", List),
      route("POST", "/api/groups", Make),
      route("GET", "/api/groups/*", Get, /*waits=*/true),
      route("POST", "/api/groups/*", Post),
      route("PATCH", "/api/groups/*", Patch),
  };
}

}  // namespace selfology::telegram_emulator
