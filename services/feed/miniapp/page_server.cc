#include "services/feed/miniapp/page_server.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/http/static_file.h"
#include "services/feed/miniapp/page_files.h"

namespace selfology::miniapp {
namespace {

// Behind one address with the REST gateway, these are ours.
constexpr std::string_view kFolder = "/miniapp";
// Where Telegram's clients for browsers live.
constexpr std::string_view kTelegram = "https://web.telegram.org https://*.telegram.org";

struct File {
  std::string_view path;
  std::string_view content_type;
  std::string_view bytes;
};

constexpr std::string_view kScript = "text/javascript; charset=utf-8";

std::vector<File> Files() {
  return {{"/app.css", "text/css; charset=utf-8", kAppCss},
          {"/icon.svg", "image/svg+xml", kIconSvg},
          {"/api.js", kScript, kApiJs},
          {"/cards.js", kScript, kCardsJs},
          {"/channels.js", kScript, kChannelsJs},
          {"/charts.js", kScript, kChartsJs},
          {"/dom.js", kScript, kDomJs},
          {"/feed.js", kScript, kFeedJs},
          {"/icons.js", kScript, kIconsJs},
          {"/main.js", kScript, kMainJs},
          {"/outbox.js", kScript, kOutboxJs},
          {"/post.js", kScript, kPostJs},
          {"/profile.js", kScript, kProfileJs},
          {"/telegram.js", kScript, kTelegramJs},
          {"/texts.js", kScript, kTextsJs}};
}

}  // namespace

bool IsOrigin(std::string_view text) {
  if (text.starts_with("https://")) {
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
  } else {
    return false;
  }
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
  });
}

absl::StatusOr<std::vector<http::Route>> PageRoutes(const MiniappSettings& settings) {
  if (!settings.api_base.empty() && !IsOrigin(settings.api_base)) {
    return absl::InvalidArgumentError("miniapp_api_base: must be like https://api.example.org");
  }
  for (const std::string& origin : settings.frame_ancestors) {
    if (!IsOrigin(origin)) {
      return absl::InvalidArgumentError(
          "miniapp_frame_ancestors: must be like https://chat.example.org");
    }
  }
  const std::string policy = absl::StrCat(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; "
      "connect-src 'self' ",
      settings.api_base, "; base-uri 'none'; form-action 'none'; frame-ancestors 'self' ",
      kTelegram, " ", absl::StrJoin(settings.frame_ancestors, " "));
  std::vector<http::Route> routes;
  // The page's own addresses are relative to the folder.
  for (const std::string_view elsewhere : {"/", "/miniapp"}) {
    routes.push_back({.path = std::string(elsewhere),
                      .handler = [](const http::Request&) -> absl::StatusOr<http::Response> {
                        return http::Response{.status = 307,
                                              .headers = {{"Location", "/miniapp/"}}};
                      },
                      .runs_inline = true});
  }
  routes.push_back(
      http::StaticFile(absl::StrCat(kFolder, "/"), "text/html; charset=utf-8",
                       absl::StrReplaceAll(kIndexHtml, {{"{{api_base}}", settings.api_base}}),
                       {{"Content-Security-Policy", policy}}));
  for (const File& file : Files()) {
    routes.push_back(http::StaticFile(absl::StrCat(kFolder, file.path), file.content_type,
                                      std::string(file.bytes)));
  }
  return routes;
}

}  // namespace selfology::miniapp
