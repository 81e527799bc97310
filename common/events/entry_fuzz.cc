// Whatever stands in a stream: an entry is an envelope that a database can keep and that is written
// as it was read, or it is refused with the field's name.
//
// Input: an entry's names and values, each ended by the byte 0x1E.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/events/catalogue.h"
#include "common/events/envelope.h"
#include "common/observe/trace.h"
#include "common/status/status.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "google/protobuf/message.h"
#include "nlohmann/json.hpp"
#include "testing/fuzz.h"

namespace selfology::events {
namespace {

std::vector<std::string> Flat(const Envelope& envelope) {
  std::vector<std::string> fields;
  for (auto& [name, value] : EncodeEntry(envelope)) {
    fields.emplace_back(name);
    fields.push_back(std::move(value));
  }
  return fields;
}

bool IsText(std::string_view text) {
  while (!text.empty()) {
    if (text::TakeCharacter(text) == 0) return false;
  }
  return true;
}

void CheckPayload(const Envelope& envelope) {
  const auto event = NewEvent(envelope.type);
  if (!event.ok()) {
    MUST(status::Reason(event.status()) == "INVALID_EVENT_PAYLOAD");
    return;
  }
  const auto json = PayloadToJson(envelope.type, envelope.payload);
  if (!(*event)->ParseFromString(envelope.payload)) {
    MUST(status::Reason(json.status()) == "INVALID_EVENT_PAYLOAD");
    return;
  }
  // What a person is shown to correct can be given back unchanged.
  if (!json.ok()) {
    MUST(status::Reason(json.status()) == "INVALID_EVENT_PAYLOAD");
    return;
  }
  const auto payload = PayloadFromJson(envelope.type, *json);
  MUST(payload.ok());
  const auto again = PayloadToJson(envelope.type, *payload);
  MUST(again.ok() && nlohmann::json::parse(*again) == nlohmann::json::parse(*json));
}

void CheckEntry(const std::vector<std::string>& fields) {
  const auto envelope = DecodeEntry(fields);
  if (!envelope.ok()) {
    MUST(status::Reason(envelope.status()) == "INVALID_EVENT_PAYLOAD");
    MUST(absl::StrContains(envelope.status().message(), "field \""));
    return;
  }
  MUST(!envelope->id.nil() && !envelope->type.empty());
  for (const std::string* text :
       {&envelope->type, &envelope->traceparent, &envelope->trace_id, &envelope->producer}) {
    MUST(IsText(*text));
  }
  const auto again = DecodeEntry(Flat(*envelope));
  MUST(again.ok() && Flat(*again) == Flat(*envelope));
  const int partition = PartitionOf(envelope->partition_key, 16);
  MUST(partition >= 0 && partition < 16);
  if (const auto trace = observe::TraceContext::Parse(envelope->traceparent)) {
    MUST(trace->valid() && observe::TraceContext::Parse(trace->Format()) == trace);
  }
  CheckPayload(*envelope);
}

void CheckEntryId(std::string_view text) {
  const auto id = EntryId::Parse(text);
  if (id.ok()) {
    MUST(*EntryId::Parse(id->ToString()) == *id);
  } else {
    MUST(!id.status().message().empty());
  }
}

}  // namespace
}  // namespace selfology::events

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input = selfology::testing::InputText(data, size);
  const std::vector<std::string> fields =
      absl::StrSplit(absl::string_view(input.data(), input.size()), '\x1E');
  selfology::events::CheckEntry(fields);
  selfology::events::CheckEntryId(input);
  return 0;
}
