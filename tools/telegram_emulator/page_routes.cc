#include <string>
#include <string_view>

#include "tools/telegram_emulator/page.h"
#include "tools/telegram_emulator/routes.h"

namespace selfology::telegram_emulator {

std::vector<http::Route> PageRoutes() {
  const auto file = [](std::string path, std::string_view type, std::string_view content) {
    return http::Route{
        .path = std::move(path),
        .handler = [type, content](const http::Request&) -> absl::StatusOr<http::Response> {
          http::Response response = http::Response::Text(std::string(content));
          response.headers.Set("Content-Type", type);
          // Nothing from anywhere else, and nothing written into the page: what people and bots
          // write stays text.
          response.headers.Set(
              "Content-Security-Policy",
              "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
              "img-src 'self' data:; media-src 'self'; frame-src https: http:; base-uri 'none'; "
              "form-action 'none'; "
              "frame-ancestors 'none'");
          response.headers.Set("X-Content-Type-Options", "nosniff");
          response.headers.Set("Cache-Control", "no-cache");
          return response;
        }};
  };
  constexpr std::string_view kScript = "text/javascript; charset=utf-8";
  return {
      file("/", "text/html; charset=utf-8", kIndexHtml),
      file("/page.css", "text/css; charset=utf-8", kPageCss),
      file("/app.js", kScript, kAppJs),
      file("/composer.js", kScript, kComposerJs),
      file("/media.js", kScript, kMediaJs),
      file("/messages.js", kScript, kMessagesJs),
      file("/server.js", kScript, kServerJs),
      file("/store.js", kScript, kStoreJs),
      file("/strings.js", kScript, kStringsJs),
      file("/web_app.js", kScript, kWebAppJs),
      file("/icon.svg", "image/svg+xml", kIconSvg),
  };
}

}  // namespace selfology::telegram_emulator
