// A stream of server-sent events gives the same events however it is cut, and what is written as an
// event is read as that event.

#include <vector>

#include "common/http/sse.h"
#include "testing/fuzz.h"

namespace selfology::http {
namespace {

std::vector<ServerEvent> ReadInPieces(std::string_view text, size_t piece) {
  EventReader reader;
  std::vector<ServerEvent> events;
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    for (ServerEvent& event : reader.Feed(text.substr(0, piece))) events.push_back(event);
  }
  return events;
}

void Check(std::string_view text) {
  const std::vector<ServerEvent> events = EventReader().Feed(text);
  MUST(ReadInPieces(text, 1) == events);
  MUST(ReadInPieces(text, 3) == events);
  std::string written;
  for (const ServerEvent& event : events) written += FormatEvent(event);
  const std::vector<ServerEvent> again = EventReader().Feed(written);
  MUST(again.size() == events.size());
  for (size_t i = 0; i < events.size(); ++i) {
    MUST(again[i].data == events[i].data && again[i].type == events[i].type);
  }
}

}  // namespace
}  // namespace selfology::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  selfology::http::Check(selfology::testing::InputText(data, size));
  return 0;
}
