#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/http/sse.h"
#include "common/status/status_macros.h"
#include "tools/telegram_emulator/requests.h"
#include "tools/telegram_emulator/routes.h"

namespace selfology::telegram_emulator {
namespace {

using Reply = absl::StatusOr<http::Response>;

// Watchers of a silent stream, and proxies between, learn this often that it is alive.
constexpr absl::Duration kHeartbeat = absl::Seconds(15);
// No request waits longer for news.
constexpr absl::Duration kLongestWait = absl::Seconds(60);

bool IsForPeople(std::string_view kind) {
  return kind == "user" || kind == "message" || kind == "callback" || kind == "action" ||
         kind == "commands";
}

Json UsersJson(const World& world) {
  Json users = Json::array();
  for (const auto& [id, user] : world.chats.users()) users.push_back(user.ToFullJson());
  return users;
}

// What may come after `after`: of the bot only, or of both; deleted ones are left out.
Json MessagesJson(const World& world, int64_t user_id, int64_t after, bool bot_only) {
  Json messages = Json::array();
  for (const Message& message : world.chats.Messages(user_id)) {
    if (message.id > after && !message.deleted && (message.from_bot || !bot_only)) {
      messages.push_back(message.ToFullJson());
    }
  }
  return messages;
}

class People {
 public:
  People(Exchange* exchange, std::string instance)
      : exchange_(*exchange), instance_(std::move(instance)) {}

  // All a page needs to begin with, and where its stream goes on.
  Reply State(const http::Request&) {
    return JsonResponse(exchange_.Look([&](const World& world) {
      Json messages = Json::array();
      for (const auto& [id, user] : world.chats.users()) {
        for (const Message& message : world.chats.Messages(id)) {
          if (!message.deleted) messages.push_back(message.ToFullJson());
        }
      }
      return Json{{"bot", world.chats.bot().ToJson()},
                  {"users", UsersJson(world)},
                  {"messages", std::move(messages)},
                  {"commands", world.commands.ToFullJson()},
                  {"cursor", Cursor(world.changes.last())}};
    }));
  }

  Reply ListUsers(const http::Request&) {
    return JsonResponse({{"users", exchange_.Look(UsersJson)}});
  }

  Reply AddUser(const http::Request& request) {
    ASSIGN_OR_RETURN(const Json body, ObjectIn(request));
    ASSIGN_OR_RETURN(const User user, exchange_.Do([&](World& world, absl::Time) {
      return world.chats.AddUser({.id = IntOr(body, "id"),
                                  .first_name = StringOr(body, "first_name"),
                                  .last_name = StringOr(body, "last_name"),
                                  .username = StringOr(body, "username"),
                                  .language_code = StringOr(body, "language_code", "en")});
    }));
    return JsonResponse(user.ToFullJson(), 201);
  }

  // /api/users/{id}...
  Reply Get(const http::Request& request) {
    const std::vector<std::string> path = Segments(request);
    ASSIGN_OR_RETURN(const User user, UserIn(path));
    if (path.size() == 3) return JsonResponse(user.ToFullJson());
    if (path.size() == 4 && path[3] == "stream") return Stream(request, user.id);
    if (path.size() == 4 && path[3] == "messages") return Messages(request, user.id);
    if (path.size() == 4 && path[3] == "commands") {
      return JsonResponse({{"commands", exchange_.Look([&](const World& world) {
                              return world.commands.ForUser(user.id, user.language_code);
                            })}});
    }
    if (path.size() == 5 && path[3] == "callbacks") return Callback(request, path[4]);
    return NoSuchResource();
  }

  Reply Post(const http::Request& request) {
    const std::vector<std::string> path = Segments(request);
    ASSIGN_OR_RETURN(const User user, UserIn(path));
    if (path.size() != 4) return NoSuchResource();
    ASSIGN_OR_RETURN(const Json body, ObjectIn(request));
    if (path[3] == "messages") {
      ASSIGN_OR_RETURN(const Message message, exchange_.Do([&](World& world, absl::Time now) {
        return world.chats.UserSends(user.id, StringOr(body, "text"),
                                     IntOr(body, "reply_to_message_id"), now);
      }));
      return JsonResponse(message.ToFullJson(), 201);
    }
    if (path[3] == "callbacks") {
      ASSIGN_OR_RETURN(const CallbackQuery query, exchange_.Do([&](World& world, absl::Time now) {
        return world.chats.UserPresses(user.id, IntOr(body, "message_id"), StringOr(body, "button"),
                                       now);
      }));
      return JsonResponse(query.ToFullJson(), 201);
    }
    if (path[3] == "block") {
      RETURN_IF_ERROR(exchange_.Do([&](World& world, absl::Time now) {
        return world.chats.SetBlocked(user.id, BoolOr(body, "blocked", true), now);
      }));
      ASSIGN_OR_RETURN(const User changed, UserIn(path));
      return JsonResponse(changed.ToFullJson());
    }
    return NoSuchResource();
  }

  // /api/users/{id}/messages/{message_id}
  Reply Patch(const http::Request& request) {
    const std::vector<std::string> path = Segments(request);
    ASSIGN_OR_RETURN(const User user, UserIn(path));
    if (path.size() != 5 || path[3] != "messages") return NoSuchResource();
    ASSIGN_OR_RETURN(const int64_t message_id, NumberIn(path[4]));
    ASSIGN_OR_RETURN(const Json body, ObjectIn(request));
    ASSIGN_OR_RETURN(const Message message, exchange_.Do([&](World& world, absl::Time now) {
      return world.chats.UserEdits(user.id, message_id, StringOr(body, "text"), now);
    }));
    return JsonResponse(message.ToFullJson());
  }

  // user_id 0: of everybody.
  Reply Stream(const http::Request& request, int64_t user_id) {
    // A browser that lost the stream says where it was; the address has only where it began.
    std::string from(request.headers.Get("Last-Event-ID").value_or(""));
    if (from.empty()) from = std::string(request.Parameter("after").value_or(""));
    return http::Response::Streaming(
        http::kEventStream,
        [this, user_id, from, gave_up = GaveUpOn(request)](std::shared_ptr<http::Stream> stream) {
          const Exchange::GaveUp ended = [&] { return stream->closed() || gave_up(); };
          Follow(*stream, user_id, from, ended);
        });
  }

 private:
  absl::StatusOr<User> UserIn(const std::vector<std::string>& path) {
    if (path.size() < 3) return NoSuchResource();
    ASSIGN_OR_RETURN(const int64_t id, NumberIn(path[2]));
    return exchange_.Look([&](const World& world) -> absl::StatusOr<User> {
      const User* user = world.chats.FindUser(id);
      if (user == nullptr) return absl::NotFoundError("no such user");
      return *user;
    });
  }

  // ?after=<message id>&from=bot&wait_ms=5000: waits until there is one.
  Reply Messages(const http::Request& request, int64_t user_id) {
    const int64_t after = QueryNumber(request, "after", 0);
    const bool bot_only = request.Parameter("from") == "bot";
    Json messages = Json::array();
    exchange_.Await(
        [&](const World& world) {
          messages = MessagesJson(world, user_id, after, bot_only);
          return !messages.empty();
        },
        WaitUntil(request), GaveUpOn(request));
    return JsonResponse({{"messages", std::move(messages)}});
  }

  // ?wait_ms=5000: waits until the bot has answered.
  Reply Callback(const http::Request& request, const std::string& id) {
    CallbackQuery query;
    const auto answered = [&](const World& world) {
      const CallbackQuery* found = world.chats.FindCallback(id);
      if (found != nullptr) query = *found;
      return found == nullptr || found->answered;
    };
    exchange_.Await(answered, WaitUntil(request), GaveUpOn(request));
    if (query.id.empty()) return NoSuchResource();
    return JsonResponse(query.ToFullJson());
  }

  static absl::Time WaitUntil(const http::Request& request) {
    const absl::Duration wait = absl::Milliseconds(QueryNumber(request, "wait_ms", 0));
    return absl::Now() + std::min(wait, kLongestWait);
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

  void Follow(http::Stream& stream, int64_t user_id, const std::string& from,
              const Exchange::GaveUp& ended) {
    const auto last = [](const World& world) { return world.changes.last(); };
    int64_t seq = from.empty() ? exchange_.Look(last) : SeqOf(from);
    if (!stream.Write(": hello\n\n").ok()) return;
    while (!ended()) {
      bool reached = true;
      std::vector<Change> news;
      exchange_.Look([&](const World& world) {
        reached = world.changes.Reaches(seq);
        if (reached) news = world.changes.After(seq);
        return true;
      });
      std::string text;
      if (!reached) {
        seq = exchange_.Look(last);
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
      if (!exchange_.Await(changed, absl::Now() + kHeartbeat, ended) &&
          !stream.Write(": still here\n\n").ok()) {
        return;
      }
    }
  }

  Exchange& exchange_;
  const std::string instance_;
};

}  // namespace

std::vector<http::Route> PeopleRoutes(Exchange* exchange, const std::string& instance) {
  auto people = std::make_shared<People>(exchange, instance);
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
