#include "common/events/catalogue.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/events/event_type.h"
#include "common/json/json.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "google/protobuf/descriptor_database.h"
#include "nlohmann/json.hpp"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::events {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
using google::protobuf::Message;
using Value = nlohmann::json;

// Where the files of package selfology.events lie.
constexpr std::string_view kEventFiles = "selfology/events/";

// Of JSON; no event is nested as deep.
constexpr int kMaxDepth = 100;

absl::Status Invalid(std::string_view type, std::string_view what) {
  return status::Error(mesh::v1::ERROR_CODE_INVALID_EVENT_PAYLOAD,
                       absl::StrCat("event \"", type, "\": ", what));
}

std::map<std::string, const Descriptor*, std::less<>> ReadCatalogue() {
  // Descriptors are built when first asked for; only the database knows which files are linked in.
  std::vector<std::string> files;
  DescriptorPool::internal_generated_database()->FindAllFileNames(&files);
  std::map<std::string, const Descriptor*, std::less<>> catalogue;
  for (const std::string& name : files) {
    if (!absl::StartsWith(name, kEventFiles)) continue;
    const FileDescriptor* const file = DescriptorPool::generated_pool()->FindFileByName(name);
    for (int i = 0; i < file->message_type_count(); ++i) {
      const std::string& type = TypeOf(*file->message_type(i));
      if (!type.empty()) catalogue.emplace(type, file->message_type(i));
    }
  }
  return catalogue;
}

}  // namespace

const std::map<std::string, const Descriptor*, std::less<>>& Catalogue() {
  static const auto& catalogue = *new auto(ReadCatalogue());
  return catalogue;
}

absl::StatusOr<std::unique_ptr<Message>> NewEvent(std::string_view type) {
  const auto entry = Catalogue().find(type);
  if (entry == Catalogue().end()) return Invalid(type, "no such type in the catalogue");
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(entry->second)->New());
}

absl::StatusOr<std::string> PayloadToJson(std::string_view type, const std::string& payload) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Message> event, NewEvent(type));
  if (!event->ParseFromString(payload)) return Invalid(type, "the payload does not parse");
  // A Timestamp may be out of its range, for one.
  absl::StatusOr<std::string> text = json::Print(*event);
  if (!text.ok()) return Invalid(type, "the payload has no JSON form");
  return text;
}

absl::StatusOr<std::string> PayloadFromJson(std::string_view type, std::string_view text) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Message> event, NewEvent(type));
  const absl::Status parsed = json::Parse(text, *event);
  if (!parsed.ok()) return Invalid(type, parsed.message());
  return event->SerializeAsString();
}

absl::StatusOr<Envelope> FromJson(std::string_view text) {
  // Copying below recurses.
  const auto is_shallow = [](int depth, Value::parse_event_t, Value&) {
    return depth <= kMaxDepth;
  };
  const Value document = Value::parse(text, is_shallow, /*allow_exceptions=*/false);
  if (!document.is_object()) return Invalid("", "not a JSON object");
  const auto member = [&](const char* name) {
    const auto found = document.find(name);
    return found != document.end() && found->is_string() ? found->get<std::string>() : "";
  };
  Envelope envelope;
  envelope.type = member("event_type");
  envelope.trace_id = member("trace_id");
  ASSIGN_OR_RETURN(const std::unique_ptr<Message> event, NewEvent(envelope.type));
  const auto payload = document.find("payload");
  if (payload == document.end() || !payload->is_object()) {
    return Invalid(envelope.type, "payload must be an object");
  }
  Value fields = *payload;
  const Descriptor& descriptor = *event->GetDescriptor();
  if (const auto timestamp = fields.find("timestamp");
      timestamp != fields.end() && descriptor.FindFieldByName("timestamp") == nullptr) {
    std::string error;
    if (!timestamp->is_string() ||
        !absl::ParseTime(absl::RFC3339_full, timestamp->get<std::string>(), &envelope.occurred_at,
                         &error)) {
      return Invalid(envelope.type, "timestamp must be a time as in RFC 3339");
    }
    fields.erase(timestamp);
  }
  const absl::Status parsed = json::Parse(fields.dump(), *event);
  if (!parsed.ok()) return Invalid(envelope.type, parsed.message());
  const EventKey key = KeyOf(*event);
  envelope.partition_key = key.partition_key;
  envelope.subject = key.subject;
  envelope.payload = event->SerializeAsString();
  return envelope;
}

}  // namespace selfology::events
