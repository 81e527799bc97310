// Whatever comes as logical decoding: changes, or DATA_LOSS.
//
// Input: messages, each after its length in one byte.

#include <variant>

#include "absl/status/status.h"
#include "common/relay/pgoutput.h"
#include "testing/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace selfology::relay;  // NOLINT
  std::string_view left = selfology::testing::InputText(data, size);
  PgOutputDecoder decoder;
  while (!left.empty()) {
    const std::string_view message = left.substr(1, static_cast<uint8_t>(left[0]));
    left.remove_prefix(1 + message.size());
    const auto change = decoder.Decode(message);
    if (!change.ok()) {
      MUST(absl::IsDataLoss(change.status()) && !change.status().message().empty());
      continue;
    }
    // What was decoded came in the message.
    if (const auto* insert = std::get_if<Insert>(&*change)) {
      const selfology::events::Envelope& event = insert->event;
      MUST(event.type.size() + event.payload.size() + event.producer.size() +
               event.traceparent.size() + event.trace_id.size() + 40 <=
           message.size());
    }
  }
  return 0;
}
