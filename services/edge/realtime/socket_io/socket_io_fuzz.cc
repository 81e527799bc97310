// Whatever a client sends as messages, one a line, those that begin with "!" binary: packets that
// are read again as they are written, or an error.
#include <optional>
#include <string>
#include <string_view>

#include "services/edge/realtime/socket_io/packet.h"
#include "testing/fuzz.h"

namespace selfology::realtime::socket_io {
namespace {

void CheckWritten(const Packet& packet) {
  const Encoded encoded = Encode(packet);
  Decoder decoder;
  auto again = decoder.Text(encoded.text);
  for (const std::string& attachment : encoded.attachments) {
    MUST(again.ok() && !again->has_value());
    again = decoder.Binary(attachment);
  }
  MUST(again.ok() && again->has_value());
  MUST((*again)->type == packet.type && (*again)->nsp == packet.nsp && (*again)->id == packet.id);
  MUST((*again)->data == packet.data);
}

// A mark of the client's own among real ones cannot be told from these.
bool HoldsMark(const Json& value) {
  if (value.is_object() && value.contains("_placeholder")) return true;
  if (!value.is_structured()) return false;
  for (const Json& part : value) {
    if (HoldsMark(part)) return true;
  }
  return false;
}

}  // namespace
}  // namespace selfology::realtime::socket_io

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace selfology::realtime::socket_io;  // NOLINT(google-build-using-namespace)
  std::string_view text = selfology::testing::InputText(data, size);
  Decoder decoder;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const bool binary = !line.empty() && line.front() == '!';
    const auto packet = binary ? decoder.Binary(std::string(line.substr(1))) : decoder.Text(line);
    if (!packet.ok()) return 0;
    if (packet->has_value() && !HoldsMark((*packet)->data)) CheckWritten(**packet);
  }
  return 0;
}
