// Files: what a bot downloads, and what people bring along and look at.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "tools/telegram_emulator/requests.h"
#include "tools/telegram_emulator/routes.h"

namespace selfology::telegram_emulator {
namespace {

using Reply = absl::StatusOr<http::Response>;

constexpr std::string_view kBytes = "application/octet-stream";
// People send more than bots may fetch, so that a bot can be shown that.
constexpr size_t kMostFromPeople = 100 << 20;

http::Response BytesResponse(const std::string& bytes, std::string_view type) {
  http::Response response = http::Response::Text(bytes);
  response.headers.Set("Content-Type", type);
  return response;
}

// /file/bot<token>/<path>
http::Response Download(Bots& bots, const http::Request& request) {
  const auto refuse = [](int code, std::string_view words) {
    return JsonResponse(Answer::Error(code, words).ToJson(), code);
  };
  std::string_view path = request.path;
  constexpr std::string_view kPrefix = "/file/bot";
  if (!path.starts_with(kPrefix)) return refuse(404, "Not Found");
  path.remove_prefix(kPrefix.size());
  const size_t slash = path.find('/');
  Exchange* const exchange = bots.ForToken(path.substr(0, slash));
  if (exchange == nullptr) return refuse(401, "Unauthorized");
  if (slash == std::string_view::npos) return refuse(404, "Not Found");
  const Bytes bytes = exchange->Look(
      [&](const World& world) { return world.files.AtPath(path.substr(slash + 1)); });
  if (bytes == nullptr) return refuse(404, "Not Found");
  return BytesResponse(*bytes, kBytes);
}

// POST /api/files?kind=photo&name=a.png, with the bytes as the body: a file to send later.
Reply Bring(Bots& bots, const http::Request& request) {
  ASSIGN_OR_RETURN(Exchange* const exchange, BotIn(bots, request));
  if (request.headers.Get("Content-Type") != kBytes) {
    return absl::InvalidArgumentError("the body must be application/octet-stream");
  }
  const std::string kind(request.Parameter("kind").value_or("document"));
  if (kind != "photo" && kind != "document" && kind != "voice" && kind != "sticker") {
    return absl::InvalidArgumentError("kind must be photo, document, voice or sticker");
  }
  const Upload upload{.bytes = request.body,
                      .name = std::string(request.Parameter("name").value_or("")),
                      .duration = QueryNumber(request, "duration", 0),
                      .emoji = std::string(request.Parameter("emoji").value_or(""))};
  ASSIGN_OR_RETURN(const Media media, exchange->Do([&](World& world, absl::Time) {
    return world.files.Add(kind, upload);
  }));
  return JsonResponse(media.ToFullJson(), 201);
}

// GET /api/files/<file_id>
Reply Show(Bots& bots, const http::Request& request) {
  ASSIGN_OR_RETURN(Exchange* const exchange, BotIn(bots, request));
  const std::vector<std::string> path = Segments(request);
  if (path.size() != 3) return NoSuchResource();
  Media media;
  const Bytes bytes = exchange->Look([&](const World& world) {
    if (const Media* const found = world.files.Get(path[2])) media = *found;
    return world.files.BytesOf(path[2]);
  });
  if (bytes == nullptr) return NoSuchResource();
  // Their types were found out from the bytes; a browser runs nothing of what other files say.
  const bool is_known = media.kind == "photo" || media.kind == "sticker" || media.kind == "voice";
  http::Response response =
      BytesResponse(*bytes, is_known ? std::string_view(media.mime_type) : kBytes);
  response.headers.Set("Content-Security-Policy", "default-src 'none'; sandbox");
  response.headers.Set("X-Content-Type-Options", "nosniff");
  if (!is_known) response.headers.Set("Content-Disposition", "attachment");
  response.headers.Set("Cache-Control", "private, max-age=3600");
  return response;
}

}  // namespace

std::vector<http::Route> FileRoutes(Bots* bots) {
  return {
      {.path = "/file/*",
       .handler = [bots](const http::Request& request) -> Reply {
         return Download(*bots, request);
       }},
      {.method = "POST",
       .path = "/api/files",
       .handler = [bots](const http::Request& request) { return Bring(*bots, request); },
       .max_body_bytes = kMostFromPeople},
      {.path = "/api/files/*",
       .handler = [bots](const http::Request& request) { return Show(*bots, request); }},
  };
}

}  // namespace selfology::telegram_emulator
