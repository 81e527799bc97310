#include "services/platform/queue/job_types.h"

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/util/json_util.h"

namespace selfology::queue {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

std::vector<JobTypeEntry> ReadTypes() {
  std::vector<JobTypeEntry> types;
  const EnumDescriptor& all = *v1::JobType_descriptor();
  for (int i = 0; i < all.value_count(); ++i) {
    const auto& value = *all.value(i);
    if (!value.options().HasExtension(v1::job_type)) continue;
    types.push_back(
        {static_cast<v1::JobType>(value.number()), value.options().GetExtension(v1::job_type)});
  }
  return types;
}

const Descriptor* PayloadOf(const JobTypeEntry& type) {
  return v1::JobType_descriptor()->file()->pool()->FindMessageTypeByName(
      type.options.payload_type());
}

}  // namespace

const std::vector<JobTypeEntry>& JobTypes() {
  static const auto& types = *new std::vector<JobTypeEntry>(ReadTypes());
  return types;
}

const JobTypeEntry* FindJobType(std::string_view kind) {
  using ByName = absl::flat_hash_map<std::string, const JobTypeEntry*>;
  static const ByName& by_name = *[] {
    auto* const names = new ByName;
    for (const JobTypeEntry& type : JobTypes()) {
      (*names)[type.options.kind()] = &type;
      (*names)[type.options.alias()] = &type;
    }
    return names;
  }();
  const auto found = by_name.find(kind);
  return found == by_name.end() ? nullptr : found->second;
}

std::string_view KindOf(std::string_view kind) {
  const JobTypeEntry* const type = FindJobType(kind);
  return type == nullptr ? kind : std::string_view(type->options.kind());
}

absl::Status CheckPayload(const JobTypeEntry& type, const google::protobuf::Struct& payload) {
  const Descriptor* const descriptor = PayloadOf(type);
  if (descriptor == nullptr) return absl::InternalError("a job type's payload message is unknown");
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(payload, &json).ok()) {
    return status::InvalidField("payload", "must be a JSON object");
  }
  const std::unique_ptr<Message> message(
      MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
  if (!google::protobuf::util::JsonStringToMessage(json, message.get()).ok()) {
    return status::InvalidField("payload",
                                absl::StrCat("must be the JSON of ", type.options.payload_type()));
  }
  return absl::OkStatus();
}

}  // namespace selfology::queue
