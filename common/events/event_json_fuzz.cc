// Events written as JSON by tools and people: taken whole, or refused with a reason.

#include <string>

#include "common/events/catalogue.h"
#include "common/events/envelope.h"
#include "common/status/status.h"
#include "nlohmann/json.hpp"
#include "testing/fuzz.h"

namespace selfology::events {
namespace {

void CheckJson(std::string_view type, const std::string& payload) {
  const auto json = PayloadToJson(type, payload);
  if (!json.ok()) {
    MUST(status::Reason(json.status()) == "INVALID_EVENT_PAYLOAD");
    return;
  }
  const auto back = PayloadFromJson(type, *json);
  MUST(back.ok());
  const auto again = PayloadToJson(type, *back);
  MUST(again.ok() && nlohmann::json::parse(*again) == nlohmann::json::parse(*json));
}

void CheckDocument(std::string_view text) {
  const auto event = FromJson(text);
  if (!event.ok()) {
    MUST(status::Reason(event.status()) == "INVALID_EVENT_PAYLOAD");
    return;
  }
  MUST(Catalogue().contains(event->type));
  CheckJson(event->type, event->payload);
}

void CheckPayload(std::string_view type, std::string_view text) {
  const auto payload = PayloadFromJson(type, text);
  if (payload.ok()) {
    CheckJson(type, *payload);
  } else {
    MUST(status::Reason(payload.status()) == "INVALID_EVENT_PAYLOAD");
  }
}

}  // namespace
}  // namespace selfology::events

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace selfology::events;  // NOLINT
  const std::string_view text = selfology::testing::InputText(data, size);
  CheckDocument(text);
  // The types with the most varied fields.
  for (const std::string_view type :
       {"session.created", "answer.analyzed.deep", "trait.extracted"}) {
    CheckPayload(type, text);
  }
  return 0;
}
