// Paths, queries and bodies of any bytes: what is taken is a request, what is refused is the client's
// mistake, and what was taken can be written and read again.
//
// An input is "<verb> <target>\n<content type>\n<body>".
#include <string_view>

#include "common/http/url.h"
#include "common/json/json.h"
#include "common/transcode/json_writer.h"
#include "common/transcode/probe/thing_service.pb.h"
#include "common/transcode/request.h"
#include "common/transcode/route_table.h"
#include "testing/fuzz.h"

namespace {

using selfology::transcode::RouteTable;

const RouteTable& Routes() {
  static const auto* const routes = new RouteTable([] {
    const auto* const file = selfology::transcode::probe::v1::Thing::descriptor()->file();
    return RouteTable::Make(
               {file->FindServiceByName("ThingService"), file->FindServiceByName("StyledService")})
        .value();
  }());
  return *routes;
}

std::string_view TakeUntil(char end, std::string_view& text) {
  const size_t at = text.find(end);
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return taken;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace transcode = selfology::transcode;
  std::string_view rest = selfology::testing::InputText(data, size);
  const std::string_view verb = TakeUntil(' ', rest);
  const auto target = selfology::http::ParseTarget(TakeUntil('\n', rest));
  const std::string_view content_type = TakeUntil('\n', rest);
  if (!target.ok()) return 0;
  const RouteTable::Match match = Routes().Find(verb, target->encoded_path);
  if (match.route == nullptr) return 0;
  const auto request = transcode::NewMessage(*match.route->method->input_type());
  const auto style = transcode::StyleOf(*match.route->method->service());
  const absl::Status filled = transcode::FillRequest(*match.route,
                                                     {.variables = match.variables,
                                                      .query = target->query,
                                                      .content_type = content_type,
                                                      .body = rest},
                                                     style, *request);
  if (!filled.ok()) {
    MUST(absl::IsInvalidArgument(filled));
    return 0;
  }
  MUST(request->IsInitialized());
  std::string bytes;
  MUST(request->SerializeToString(&bytes));
  std::string json;
  // A Value without a kind, and an Any of a type that is not here, are no JSON.
  if (!transcode::AppendJson(*request, style, json).ok()) return 0;
  const auto again = transcode::NewMessage(*match.route->method->input_type());
  MUST(selfology::json::Parse(json, *again).ok());
  return 0;
}
