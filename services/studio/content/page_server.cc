#include "services/studio/content/page_server.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/http/static_file.h"
#include "services/studio/content/page_files.h"

namespace selfology::content {
namespace {

// Behind one address with the REST gateway, these are ours.
constexpr std::string_view kFolder = "/studio";
constexpr std::string_view kScript = "text/javascript; charset=utf-8";

struct File {
  std::string_view path;
  std::string_view content_type;
  std::string_view bytes;
};

std::vector<File> Files() {
  return {{"/app.css", "text/css; charset=utf-8", kAppCss},
          {"/icon.svg", "image/svg+xml", kIconSvg},
          {"/accounts.js", kScript, kAccountsJs},
          {"/api.js", kScript, kApiJs},
          {"/approvals.js", kScript, kApprovalsJs},
          {"/assistant.js", kScript, kAssistantJs},
          {"/calendar.js", kScript, kCalendarJs},
          {"/charts.js", kScript, kChartsJs},
          {"/composer.js", kScript, kComposerJs},
          {"/dom.js", kScript, kDomJs},
          {"/drafts.js", kScript, kDraftsJs},
          {"/en.js", kScript, kEnJs},
          {"/history.js", kScript, kHistoryJs},
          {"/inbox.js", kScript, kInboxJs},
          {"/kept.js", kScript, kKeptJs},
          {"/main.js", kScript, kMainJs},
          {"/moving.js", kScript, kMovingJs},
          {"/parts.js", kScript, kPartsJs},
          {"/planning.js", kScript, kPlanningJs},
          {"/previews.js", kScript, kPreviewsJs},
          {"/published.js", kScript, kPublishedJs},
          {"/queue.js", kScript, kQueueJs},
          {"/realtime.js", kScript, kRealtimeJs},
          {"/results.js", kScript, kResultsJs},
          {"/ru.js", kScript, kRuJs},
          {"/session.js", kScript, kSessionJs},
          {"/texts.js", kScript, kTextsJs},
          {"/times.js", kScript, kTimesJs}};
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

absl::StatusOr<std::vector<http::Route>> PageRoutes(const ContentSettings& settings) {
  if (!settings.api_base.empty() && !IsOrigin(settings.api_base)) {
    return absl::InvalidArgumentError("content_api_base: must be like https://api.example.org");
  }
  // Inside of a frame a press on "publish" could be somebody else's idea.
  const std::string policy = absl::StrCat(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
      "connect-src 'self' ",
      settings.api_base, "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  std::vector<http::Route> routes;
  // The page's own addresses are relative to the folder.
  for (const std::string_view elsewhere : {"/", "/studio"}) {
    routes.push_back({.path = std::string(elsewhere),
                      .handler = [](const http::Request&) -> absl::StatusOr<http::Response> {
                        return http::Response{.status = 307, .headers = {{"Location", "/studio/"}}};
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

}  // namespace selfology::content
