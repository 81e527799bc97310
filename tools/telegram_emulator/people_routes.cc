#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/http/sse.h"
#include "common/status/status_macros.h"
#include "tools/telegram_emulator/acting.h"
#include "tools/telegram_emulator/requests.h"
#include "tools/telegram_emulator/routes.h"

namespace selfology::telegram_emulator {
namespace {

// Watchers of a silent stream, and proxies between, learn this often that it is alive.
constexpr absl::Duration kHeartbeat = absl::Seconds(15);

bool IsForPeople(std::string_view kind) {
  return kind == "user" || kind == "message" || kind == "callback" || kind == "action" ||
         kind == "commands" || kind == "menu" || kind == "group";
}

Json UsersJson(const World& world) {
  Json users = Json::array();
  for (const auto& [id, user] : world.chats.users()) users.push_back(user.ToFullJson());
  return users;
}

class People {
 public:
  People(Bots* bots, std::string instance) : bots_(*bots), instance_(std::move(instance)) {}

  Reply ListBots(const http::Request&) {
    Json list = Json::array();
    for (const Bot& bot : bots_.List()) list.push_back(bot.ToJson());
    return JsonResponse({{"bots", std::move(list)}});
  }

  // All a page needs to begin with, and where its stream goes on.
  Reply State(const http::Request& request) {
    ASSIGN_OR_RETURN(Exchange* const exchange, BotIn(bots_, request));
    return JsonResponse(exchange->Look([&](const World& world) {
      Json messages = Json::array();
      for (const auto& [id, user] : world.chats.users()) {
        for (const Message& message : world.chats.Messages(id)) {
          if (!message.deleted) messages.push_back(message.ToFullJson());
        }
      }
      return Json{{"bot", world.chats.bot().ToJson()}, {"users", UsersJson(world)},
                  {"messages", std::move(messages)},   {"commands", world.commands.ToFullJson()},
                  {"menu", world.menu.ToFullJson()},   {"cursor", Cursor(world.changes.last())}};
    }));
  }

  Reply ListUsers(const http::Request& request) {
    ASSIGN_OR_RETURN(Exchange* const exchange, BotIn(bots_, request));
    return JsonResponse({{"users", exchange->Look(UsersJson)}});
  }

  Reply AddUser(const http::Request& request) {
    ASSIGN_OR_RETURN(const Json body, ObjectIn(request));
    ASSIGN_OR_RETURN(const User user,
                     bots_.AddUser({.id = IntOr(body, "id"),
                                    .first_name = StringOr(body, "first_name"),
                                    .last_name = StringOr(body, "last_name"),
                                    .username = StringOr(body, "username"),
                                    .language_code = StringOr(body, "language_code", "en")}));
    return JsonResponse(user.ToFullJson(), 201);
  }

  // /api/users/{id}...
  Reply Get(const http::Request& request) {
    ASSIGN_OR_RETURN(Exchange* const exchange, BotIn(bots_, request));
    const std::vector<std::string> path = Segments(request);
    ASSIGN_OR_RETURN(const User user, UserIn(*exchange, path));
    if (path.size() == 3) return JsonResponse(user.ToFullJson());
    if (path.size() == 4 && path[3] == "stream") return Stream(request, user.id);
    if (path.size() == 4 && path[3] == "messages") return ReadMessages(*exchange, request, user.id);
    if (path.size() == 4 && path[3] == "commands") {
      return JsonResponse({{"commands", exchange->Look([&](const World& world) {
                              return world.commands.ForUser(user.id, user.language_code);
                            })}});
    }
    if (path.size() == 5 && path[3] == "callbacks") return Callback(*exchange, request, path[4]);
    return NoSuchResource();
  }

  Reply Post(const http::Request& request) {
    ASSIGN_OR_RETURN(Exchange* const exchange, BotIn(bots_, request));
    const std::vector<std::string> path = Segments(request);
    ASSIGN_OR_RETURN(const User user, UserIn(*exchange, path));
    if (path.size() != 4) return NoSuchResource();
    ASSIGN_OR_RETURN(const Json body, ObjectIn(request));
    if (path[3] == "messages") return WriteMessage(*exchange, body, user.id);
    if (path[3] == "callbacks") return PressButton(*exchange, body, user.id);
    if (path[3] == "reactions") return ReactToMessage(*exchange, body, user.id);
    if (path[3] == "block") {
      RETURN_IF_ERROR(exchange->Do([&](World& world, absl::Time now) {
        return world.chats.SetBlocked(user.id, BoolOr(body, "blocked", true), now);
      }));
      ASSIGN_OR_RETURN(const User changed, UserIn(*exchange, path));
      return JsonResponse(changed.ToFullJson());
    }
    return NoSuchResource();
  }

  // /api/users/{id}/messages/{message_id}
  Reply Patch(const http::Request& request) {
    ASSIGN_OR_RETURN(Exchange* const exchange, BotIn(bots_, request));
    const std::vector<std::string> path = Segments(request);
    ASSIGN_OR_RETURN(const User user, UserIn(*exchange, path));
    if (path.size() != 5 || path[3] != "messages") return NoSuchResource();
    ASSIGN_OR_RETURN(const int64_t message_id, NumberIn(path[4]));
    ASSIGN_OR_RETURN(const Json body, ObjectIn(request));
    return CorrectMessage(*exchange, body, message_id, user.id);
  }

  // user_id 0: of everybody.
  Reply Stream(const http::Request& request, int64_t user_id) {
    ASSIGN_OR_RETURN(Exchange* const exchange, BotIn(bots_, request));
    // A browser that lost the stream says where it was; the address has only where it began.
    std::string from(request.headers.Get("Last-Event-ID").value_or(""));
    if (from.empty()) from = std::string(request.Parameter("after").value_or(""));
    return http::Response::Streaming(
        http::kEventStream, [this, exchange, user_id, from,
                             gave_up = GaveUpOn(request)](std::shared_ptr<http::Stream> stream) {
          const Exchange::GaveUp ended = [&] { return stream->closed() || gave_up(); };
          Follow(*exchange, *stream, user_id, from, ended);
        });
  }

 private:
  static absl::StatusOr<User> UserIn(const Exchange& exchange,
                                     const std::vector<std::string>& path) {
    if (path.size() < 3) return NoSuchResource();
    ASSIGN_OR_RETURN(const int64_t id, NumberIn(path[2]));
    return exchange.Look([&](const World& world) -> absl::StatusOr<User> {
      const User* user = world.chats.FindUser(id);
      if (user == nullptr) return absl::NotFoundError("no such user");
      return *user;
    });
  }

  // ?wait_ms=5000: waits until the bot has answered.
  static Reply Callback(const Exchange& exchange, const http::Request& request,
                        const std::string& id) {
    CallbackQuery query;
    const auto answered = [&](const World& world) {
      const CallbackQuery* found = world.chats.FindCallback(id);
      if (found != nullptr) query = *found;
      return found == nullptr || found->answered;
    };
    exchange.Await(answered, WaitUntil(request), GaveUpOn(request));
    if (query.id.empty()) return NoSuchResource();
    return JsonResponse(query.ToFullJson());
  }

  std::string Cursor(int64_t seq) const { return absl::StrCat(instance_, "-", seq); }

  // The change after which to go on; -1: the watcher must begin anew.
  int64_t SeqOf(const std::string& cursor) const {
    const std::vector<std::string> parts = absl::StrSplit(cursor, '-');
    int64_t seq = -1;
    const bool ours =
        parts.size() == 2 && parts[0] == instance_ && absl::SimpleAtoi(parts[1], &seq);
    return ours ? seq : -1;
  }

  void Follow(const Exchange& exchange, http::Stream& stream, int64_t user_id,
              const std::string& from, const Exchange::GaveUp& ended) {
    const auto last = [](const World& world) { return world.changes.last(); };
    int64_t seq = from.empty() ? exchange.Look(last) : SeqOf(from);
    if (!stream.Write(": hello\n\n").ok()) return;
    while (!ended()) {
      bool reached = true;
      std::vector<Change> news;
      exchange.Look([&](const World& world) {
        reached = world.changes.Reaches(seq);
        if (reached) news = world.changes.After(seq);
        return true;
      });
      std::string text;
      if (!reached) {
        seq = exchange.Look(last);
        text = http::FormatEvent({.type = "reset", .data = "{}", .id = Cursor(seq)});
      }
      for (const Change& change : news) {
        seq = change.seq;
        if (!IsForPeople(change.kind) ||
            (user_id != 0 && change.user_id != 0 && change.user_id != user_id))
          continue;
        text +=
            http::FormatEvent({.type = change.kind, .data = Dump(change.value), .id = Cursor(seq)});
      }
      if (!text.empty() && !stream.Write(text).ok()) return;
      const auto changed = [&](const World& world) { return world.changes.last() != seq; };
      if (!exchange.Await(changed, absl::Now() + kHeartbeat, ended) &&
          !stream.Write(": still here\n\n").ok()) {
        return;
      }
    }
  }

  Bots& bots_;
  const std::string instance_;
};

}  // namespace

std::vector<http::Route> PeopleRoutes(Bots* bots, const std::string& instance) {
  auto people = std::make_shared<People>(bots, instance);
  const auto route = [&](const std::string& method, const std::string& path, auto function,
                         bool waits = false) {
    return http::Route{
        .method = method,
        .path = path,
        .handler = [people, function](
                       const http::Request& request) { return ((*people).*function)(request); },
        .long_poll = waits,
        // Streams live as long as somebody watches.
        .timeout = absl::Hours(24)};
  };
  std::vector<http::Route> routes = {
      route("GET", "/api/bots", &People::ListBots),
      route("GET", "/api/state", &People::State),
      route("GET", "/api/users", &People::ListUsers),
      route("POST", "/api/users", &People::AddUser),
      route("GET", "/api/users/*", &People::Get, /*waits=*/true),
      route("POST", "/api/users/*", &People::Post),
      route("PATCH", "/api/users/*", &People::Patch),
  };
  routes.push_back(
      {.path = "/api/stream",
       .handler = [people](const http::Request& request) { return people->Stream(request, 0); },
       .long_poll = true,
       .timeout = absl::Hours(24)});
  return routes;
}

}  // namespace selfology::telegram_emulator
