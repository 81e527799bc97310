#include "common/http/static_file.h"

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"

namespace selfology::http {
namespace {

// FNV-1a: changes with the content, and guards nothing.
std::string TagOf(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  }
  return absl::StrFormat("\"%016x\"", hash);
}

}  // namespace

Route StaticFile(std::string path, std::string_view content_type, std::string bytes,
                 Headers headers) {
  const auto body = std::make_shared<const std::string>(std::move(bytes));
  std::string tag = TagOf(*body);
  headers.Set("Content-Type", content_type);
  headers.Set("Cache-Control", "no-cache");
  headers.Set("ETag", tag);
  headers.Set("X-Content-Type-Options", "nosniff");
  headers.Set("Referrer-Policy", "no-referrer");
  return {.path = std::move(path),
          .handler = [body, headers = std::move(headers),
                      tag = std::move(tag)](const Request& request) -> absl::StatusOr<Response> {
            if (request.headers.Get("If-None-Match") == tag) {
              return Response{.status = 304, .headers = headers};
            }
            return Response{.status = 200, .headers = headers, .body = *body};
          },
          .runs_inline = true};
}

}  // namespace selfology::http
