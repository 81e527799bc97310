// What the web sees of public channels, and the switches for tests:
//
//   GET /s/NAME?before=&after=&q=, GET /NAME, GET /file/preview/WORDS.png
//   GET, POST /api/public-channels; POST /api/public-channels/NAME/posts; PATCH, DELETE …/posts/NUMBER
//   POST, DELETE /control/page-faults
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/http/url.h"
#include "common/resilience/retry.h"
#include "common/status/status_macros.h"
#include "tools/telegram_emulator/public_channels.h"
#include "tools/telegram_emulator/requests.h"
#include "tools/telegram_emulator/routes.h"

namespace selfology::telegram_emulator {
namespace {

using Reply = absl::StatusOr<http::Response>;

http::Response PageResponse(const http::Request& request, const Page& page) {
  if (page.delay > absl::ZeroDuration()) {
    resilience::WaitUnlessCancelled(request.call, page.delay);
  }
  http::Response response = http::Response::Text(page.body, page.status);
  response.headers.Set("Content-Type", "text/html; charset=utf-8");
  response.headers.Set("Cache-Control", "no-store");
  if (!page.location.empty()) response.headers.Set("Location", page.location);
  if (page.retry_after_s > 0) response.headers.Set("Retry-After", absl::StrCat(page.retry_after_s));
  return response;
}

Reply ShowPreview(PublicChannels& channels, const http::Request& request) {
  const std::vector<std::string> path = Segments(request);
  if (path.size() != 2) return NoSuchResource();
  return PageResponse(request,
                      channels.Preview(path[1],
                                       {.before = QueryNumber(request, "before", 0),
                                        .after = QueryNumber(request, "after", 0),
                                        .words = std::string(request.Parameter("q").value_or(""))},
                                       absl::Now()));
}

Reply ShowName(PublicChannels& channels, const http::Request& request) {
  const std::vector<std::string> path = Segments(request);
  // /NAME, and /NAME/123, which shows one post.
  if (path.empty() || path.size() > 2) return NoSuchResource();
  return PageResponse(request, channels.Name(path[0], absl::Now()));
}

Reply ShowPicture(const http::Request& request) {
  const std::vector<std::string> path = Segments(request);
  if (path.size() != 3) return NoSuchResource();
  std::string_view name = path[2];
  if (name.ends_with(".thumb")) name.remove_suffix(6);
  if (!name.ends_with(".png") || name.size() > 256) return NoSuchResource();
  ASSIGN_OR_RETURN(std::string png, DrawPicture(name.substr(0, name.size() - 4)));
  http::Response response = http::Response::Text(std::move(png));
  response.headers.Set("Content-Type", "image/png");
  response.headers.Set("Cache-Control", "public, max-age=3600");
  // The feed's pages show it, wherever they are.
  response.headers.Set("Access-Control-Allow-Origin", "*");
  response.headers.Set("Cross-Origin-Resource-Policy", "cross-origin");
  return response;
}

Reply AddChannel(PublicChannels& channels, const http::Request& request) {
  ASSIGN_OR_RETURN(const Json body, ObjectIn(request));
  PublicChannel channel;
  channel.username = StringOr(body, "username");
  channel.title = StringOr(body, "title", channel.username);
  channel.about = StringOr(body, "about");
  channel.kind = StringOr(body, "kind", "channel");
  channel.picture_url = StringOr(body, "picture_url");
  channel.subscribers = IntOr(body, "subscribers", 1);
  channel.telegram_id = IntOr(body, "telegram_id", -1'002'000'000'001);
  channel.page_size = static_cast<int>(IntOr(body, "page_size", 20));
  RETURN_IF_ERROR(channels.Add(std::move(channel)));
  return JsonResponse(Json::object(), 201);
}

Reply ChangePosts(PublicChannels& channels, const http::Request& request) {
  const std::vector<std::string> path = Segments(request);
  if (path.size() < 4 || path.size() > 5 || path[3] != "posts") return NoSuchResource();
  int64_t id = 0;
  if (path.size() == 5) {
    ASSIGN_OR_RETURN(id, NumberIn(path[4]));
  } else if (request.method != "POST") {
    return NoSuchResource();
  }
  if (request.method == "DELETE") {
    bool removed = false;
    RETURN_IF_ERROR(
        channels.Do(path[2], [&](PublicChannel& channel) { removed = channel.Remove(id); }));
    if (!removed) return NoSuchResource();
    return JsonResponse(Json::object());
  }
  ASSIGN_OR_RETURN(const Json body, ObjectIn(request));
  ASSIGN_OR_RETURN(PublicPost post, PublicPostFromJson(body, absl::Now()));
  bool found = true;
  RETURN_IF_ERROR(channels.Do(path[2], [&](PublicChannel& channel) {
    if (id == 0) {
      id = channel.Add(std::move(post));
      return;
    }
    PublicPost* const there = channel.Find(id);
    found = there != nullptr;
    if (!found) return;
    there->text = post.text;
    there->html = post.html;
    there->edited = true;
  }));
  if (!found) return NoSuchResource();
  return JsonResponse({{"id", id}}, request.method == "POST" ? 201 : 200);
}

Reply AddFault(PublicChannels& channels, const http::Request& request) {
  ASSIGN_OR_RETURN(const Json body, ObjectIn(request));
  RETURN_IF_ERROR(channels.AddFault({.kind = StringOr(body, "kind"),
                                     .username = StringOr(body, "username"),
                                     .times = static_cast<int>(IntOr(body, "times", 1)),
                                     .seconds = static_cast<int>(IntOr(body, "seconds", 5))}));
  return JsonResponse(Json::object(), 201);
}

}  // namespace

http::Handler NameRoute(PublicChannels* channels) {
  return [channels](const http::Request& request) { return ShowName(*channels, request); };
}

std::vector<http::Route> ChannelRoutes(PublicChannels* channels) {
  const auto with = [channels](Reply (*handle)(PublicChannels&, const http::Request&)) {
    return [channels, handle](const http::Request& request) { return handle(*channels, request); };
  };
  return {
      {.path = "/s/*", .handler = with(&ShowPreview), .long_poll = true},
      {.path = "/file/preview/*", .handler = &ShowPicture},
      {.path = "/api/public-channels",
       .handler = [channels](const http::Request&) -> Reply {
         return JsonResponse(channels->ToJson());
       }},
      {.method = "POST", .path = "/api/public-channels", .handler = with(&AddChannel)},
      {.method = "POST", .path = "/api/public-channels/*", .handler = with(&ChangePosts)},
      {.method = "PATCH", .path = "/api/public-channels/*", .handler = with(&ChangePosts)},
      {.method = "DELETE", .path = "/api/public-channels/*", .handler = with(&ChangePosts)},
      {.method = "POST", .path = "/control/page-faults", .handler = with(&AddFault)},
      {.method = "DELETE",
       .path = "/control/page-faults",
       .handler = [channels](const http::Request&) -> Reply {
         channels->ClearFaults();
         return JsonResponse(Json::object());
       }},
  };
}

}  // namespace selfology::telegram_emulator
