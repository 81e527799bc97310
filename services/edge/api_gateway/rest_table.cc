#include "services/edge/api_gateway/rest_table.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "selfology/mesh/v1/options.pb.h"
#include "services/edge/api_gateway/contracts.h"
#include "services/edge/api_gateway/openapi.h"

namespace selfology::api_gateway {
namespace {

using transcode::Route;

constexpr char kOpening[] = R"(# REST
Every service over JSON and HTTP, as the contracts say it (`google.api.http`). The gateway serves the same as OpenAPI 3.1 at
`/openapi.json` and a page to try it at `/docs`; `/health`, `/health/live`, `/health/ready` and `/api/SERVICE/health` are its own.
`bazel run //services/edge/api_gateway:rest_table > docs/rest.md` writes this page anew; a test compares it.

- JSON: names are snake_case in answers, both spellings are taken; so are enum values with and without their prefix.
- `API-Version` says the version: `v1`, also when nothing is said. `/api/v1/...` are paths like others.
- `Idempotency-Key` fills a request's `idempotency_key`. `Grpc-Timeout` and `X-Request-Timeout` (seconds) shorten the deadline.
- PATCH changes what its body names, unless a mask says otherwise.
- Streams are lines `{"result":...}` (NDJSON), or events with `Accept: text/event-stream`; an error after the first message is the
  last line `{"error":...}`, or event `error`.
- Errors are `application/problem+json`: `type`, `title`, `status`, `detail`, `instance`, `error` {`code`, `message`, `details`,
  `trace_id`}, `violations`, `status_code`.

)";

std::string WhoMayCall(const Route& route) {
  const mesh::v1::Access& access = route.method->options().GetExtension(mesh::v1::access);
  return access.public_() ? "everybody" : absl::StrCat("`", access.permission(), "`");
}

}  // namespace

std::string RestTable(const transcode::RouteTable& routes) {
  std::vector<const Route*> sorted;
  for (const auto& route : routes.routes()) sorted.push_back(route.get());
  const auto key = [](const Route* route) {
    return std::make_pair(OpenApiPath(*route), route->verb);
  };
  std::sort(sorted.begin(), sorted.end(),
            [&](const Route* a, const Route* b) { return key(a) < key(b); });
  std::string page = kOpening;
  absl::StrAppend(&page, "## Paths\n| | path | method of the contract | service | who may call |\n",
                  "| --- | --- | --- | --- | --- |\n");
  for (const Route* route : sorted) {
    absl::StrAppend(&page, "| ", route->verb, " | `", OpenApiPath(*route), "` | ",
                    route->method->service()->name(), ".", route->method->name(), " | ",
                    OwnerOf(*route->method->service()), " | ", WhoMayCall(*route), " |\n");
  }
  absl::StrAppend(&page, "\n## Examples\nFrom the contracts; a test makes each call.\n");
  for (const Route* route : sorted) {
    const auto& options = route->method->options();
    // Once for a method: with its first route.
    const bool is_first =
        std::none_of(routes.routes().begin(), routes.routes().end(), [&](const auto& other) {
          return other->method == route->method && key(other.get()) < key(route);
        });
    for (int i = 0; is_first && i < options.ExtensionSize(mesh::v1::example); ++i) {
      const mesh::v1::RestExample& example = options.GetExtension(mesh::v1::example, i);
      absl::StrAppend(&page, "\n    ", route->verb, " ", example.path(), "\n");
      if (!example.request().empty()) absl::StrAppend(&page, "    ", example.request(), "\n");
      if (!example.answer().empty()) absl::StrAppend(&page, "    => ", example.answer(), "\n");
    }
  }
  return page;
}

}  // namespace selfology::api_gateway
